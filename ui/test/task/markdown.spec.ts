// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';

import { address, LONGEST, markdown } from '../../src/parts/text/markdown';
import { PAYLOADS } from '../xss-corpus';

const HARMLESS = new Set([
  ...['P', 'BR', 'HR', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'BLOCKQUOTE', 'PRE', 'CODE', 'EM'],
  ...['STRONG', 'DEL', 'UL', 'OL', 'LI', 'A', 'SPAN', 'TABLE', 'THEAD', 'TBODY', 'TR', 'TH', 'TD'],
]);

function rendered(text: string): HTMLElement {
  const box = document.createElement('div');
  box.append(markdown(text));
  return box;
}

function problems(box: HTMLElement): string[] {
  return [...box.querySelectorAll('*')].flatMap((element) => {
    const found = HARMLESS.has(element.tagName) ? [] : [element.outerHTML];
    for (const { name, value } of element.attributes) {
      const link = element.tagName === 'A' && name === 'href' && address(value) === value;
      const start = element.tagName === 'OL' && name === 'start';
      if (!link && !start) found.push(`${name}=${value}`);
    }
    return found;
  });
}

describe('markdown', () => {
  it('hostile_text_leaves_nothing_but_harmless_elements', () => {
    expect(PAYLOADS.length).toBeGreaterThanOrEqual(220);
    expect(PAYLOADS.flatMap((payload) => problems(rendered(payload)))).toEqual([]);
  });

  it('hostile_text_stays_readable', () => {
    expect(rendered('<img src=x onerror=alert(1)>').textContent).toContain('<img src=x onerror=alert(1)>');
    expect(rendered('a <b>bold</b> claim').textContent?.trim()).toBe('a <b>bold</b> claim');
  });

  it('ordinary_markdown_is_rendered', () => {
    const box = rendered('# Title\n\n**bold** `code`\n\n3. three\n4. four\n\n- [x] done\n\n|a|b|\n|-|-|\n|1|2|');
    expect(box.querySelector('h1')?.textContent).toBe('Title');
    expect(box.querySelector('strong')?.textContent).toBe('bold');
    expect(box.querySelector('ol')?.getAttribute('start')).toBe('3');
    expect(box.querySelector('ul')?.textContent).toContain('☑ done');
    expect(box.querySelectorAll('td')).toHaveLength(2);
  });

  it('code_keeps_its_characters', () => {
    expect(rendered('```rust\nfn a<T>() -> &T {}\n```').querySelector('code')?.textContent).toBe(
      'fn a<T>() -> &T {}\n',
    );
  });

  it('links_show_their_whole_address', () => {
    const shown = (text: string): string => rendered(text).textContent?.trim() ?? '';
    expect(shown('[docs](https://example.com/a)')).toBe('docs (https://example.com/a)');
    expect(shown('[https://bank.example](https://evil.example)')).toBe(
      'https://bank.example (https://evil.example/)',
    );
    expect(shown('<https://example.com/a>')).toBe('https://example.com/a');
    expect(shown('[x](javascript:alert(1))')).toBe('x (javascript:alert(1))');
  });

  it('names_that_look_like_others_show_what_they_are', () => {
    expect(rendered('[bank](https://b\u0430nk.example)').textContent).toContain('https://xn--bnk-6cd.example/');
    expect(rendered('a\u202eb').textContent).toContain('a[U+202E]b');
  });

  it('images_become_links_and_are_never_loaded', () => {
    const box = rendered('![chart](https://example.com/c.png)');
    expect(box.querySelector('img')).toBeNull();
    expect(box.querySelector('a')?.textContent).toBe('chart (https://example.com/c.png)');
  });

  it('a_text_beyond_the_limit_is_shown_as_it_is', () => {
    const box = rendered(`# ${'x'.repeat(LONGEST)}`);
    expect(box.querySelector('h1')).toBeNull();
    expect(box.querySelector('pre')?.textContent).toHaveLength(LONGEST + 2);
  });
});

describe('address', () => {
  it('only_web_and_mail_are_addresses', () => {
    expect(address('https://example.com')).toBe('https://example.com/');
    expect(address('mailto:a@example.com')).toBe('mailto:a@example.com');
    for (const other of ['javascript:1', 'file:///x', 'x', '//example.com', 'data:,x', 'ripieno://task/1']) {
      expect(address(other)).toBeNull();
    }
  });
});
