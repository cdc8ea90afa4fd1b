import { describe, expect, it } from 'vitest';

import { followUp, type LineComment } from '../../src/task/changes/comments';
import { flatten, tree } from '../../src/task/changes/tree';

function file(path: string): { path: string; insertions: number; deletions: number } {
  return { path, insertions: 1, deletions: 2 };
}

describe('file tree', () => {
  const nodes = tree(['src/b.rs', 'src/parts/ui/x.ts', 'README.md', 'src/a10.rs', 'src/a9.rs'].map(file));

  it('folders_come_first_and_lonely_ones_are_joined', () => {
    const shown = flatten(nodes, new Set()).map(({ node, level }) => `${level} ${node.name}`);
    expect(shown).toEqual(['1 src', '2 parts/ui', '3 x.ts', '2 a9.rs', '2 a10.rs', '2 b.rs', '1 README.md']);
  });

  it('folders_sum_what_is_in_them', () => {
    expect(nodes[0]).toMatchObject({ path: 'src', insertions: 4, deletions: 8 });
  });

  it('closed_folder_hides_what_is_in_it', () => {
    const shown = flatten(nodes, new Set(['src'])).map(({ node }) => node.path);
    expect(shown).toEqual(['src', 'README.md']);
  });
});

describe('line comments', () => {
  const comment = (over: Partial<LineComment>): LineComment => ({
    path: 'src/a.rs',
    side: 'after',
    line: 12,
    excerpt: '    let x = 1;',
    text: 'Name it.',
    ...over,
  });

  it('they_become_one_text_in_order_of_place', () => {
    const text = followUp(
      [
        comment({ path: 'src/b.rs', text: ' Second file ' }),
        comment({ line: 20, side: 'before', excerpt: '', text: 'Why?' }),
        comment({}),
      ],
      'Nearly there.',
    );
    expect(text).toBe(
      [
        'Nearly there.',
        'Comments on the changes:',
        'src/a.rs:12\n> let x = 1;\nName it.',
        'src/a.rs:20 (a line that was removed)\nWhy?',
        'src/b.rs:12\n> let x = 1;\nSecond file',
      ].join('\n\n'),
    );
  });

  it('empty_comments_are_left_out', () => {
    expect(followUp([comment({ text: '  ' })])).toBe('');
  });
});
