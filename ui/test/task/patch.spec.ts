import { describe, expect, it } from 'vitest';

import { parsePatch } from '../../src/task/changes/patch';
import { unquote } from '../../src/task/changes/paths';
import { diffRows, placeOf } from '../../src/task/changes/rows';
import { place } from '../../src/task/changes/comments';

const MODIFIED = `diff --git a/src/a.rs b/src/a.rs
index 1111111..2222222 100644
--- a/src/a.rs
+++ b/src/a.rs
@@ -1,4 +1,5 @@ fn main() {
 one
-two
+2
+two and a half
 three
 four
@@ -10 +11,0 @@
---- not a header
`;

const OTHERS = `diff --git a/new file.txt b/new file.txt
new file mode 100644
index 0000000..e69de29
--- /dev/null
+++ b/new file.txt\t
@@ -0,0 +1 @@
+++ plus plus
\\ No newline at end of file
diff --git a/gone b/gone
deleted file mode 100644
index e69de29..0000000
diff --git a/old.rs b/dir/new.rs
similarity index 100%
rename from old.rs
rename to dir/new.rs
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
diff --git a/logo.png b/logo.png
index 1111111..2222222 100644
Binary files a/logo.png and b/logo.png differ
diff --git a/vendor/lib b/vendor/lib
index 1111111..2222222 160000
--- a/vendor/lib
+++ b/vendor/lib
@@ -1 +1 @@
-Subproject commit 1111111111111111111111111111111111111111
+Subproject commit 2222222222222222222222222222222222222222
diff --git "a/\\346\\227\\245.txt" "b/\\346\\227\\245.txt"
index 1111111..2222222 100644
--- "a/\\346\\227\\245.txt"
+++ "b/\\346\\227\\245.txt"
@@ -1 +1 @@
-a\r
+b\r
`;

describe('patch', () => {
  it('lines_carry_their_numbers_on_both_sides', () => {
    const [file] = parsePatch(MODIFIED);
    expect(file).toMatchObject({ path: 'src/a.rs', change: 'modified', insertions: 2, deletions: 2 });
    expect(file?.hunks[0]?.section).toBe('fn main() {');
    expect(file?.hunks[0]?.lines.map((line) => [line.before, line.after, line.text])).toEqual([
      [1, 1, 'one'],
      [2, null, 'two'],
      [null, 2, '2'],
      [null, 3, 'two and a half'],
      [3, 4, 'three'],
      [4, 5, 'four'],
    ]);
  });

  it('content_that_looks_like_a_header_stays_content', () => {
    const [file] = parsePatch(MODIFIED);
    expect(file?.path).toBe('src/a.rs');
    expect(file?.hunks[1]?.lines).toMatchObject([{ kind: 'deleted', before: 10, text: '--- not a header' }]);
    const [added] = parsePatch(OTHERS);
    expect(added?.hunks[0]?.lines).toMatchObject([{ kind: 'added', text: '++ plus plus', unended: true }]);
  });

  it('every_kind_of_change_is_told_apart', () => {
    expect(parsePatch(OTHERS).map((file) => [file.path, file.change, file.binary])).toEqual([
      ['new file.txt', 'added', false],
      ['gone', 'deleted', false],
      ['dir/new.rs', 'renamed', false],
      ['run.sh', 'mode', false],
      ['logo.png', 'modified', true],
      ['vendor/lib', 'submodule', false],
      ['日.txt', 'modified', false],
    ]);
  });

  it('renames_and_modes_say_what_was_before', () => {
    const files = parsePatch(OTHERS);
    expect(files[2]?.from).toBe('old.rs');
    expect(files[3]?.modes).toEqual({ before: '100644', after: '100755' });
    expect(files[6]?.hunks[0]?.lines[0]?.text).toBe('a\r');
  });

  it('patch_that_is_cut_anywhere_never_throws', () => {
    const whole = MODIFIED + OTHERS;
    for (let end = 0; end < whole.length; end += 7) parsePatch(whole.slice(0, end));
    expect(parsePatch(whole.slice(0, 200))).toHaveLength(1);
    expect(parsePatch('not a patch\nat all')).toEqual([]);
  });

  it('a_huge_hunk_takes_time_in_proportion', () => {
    const huge = (lines: number): string =>
      `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,${lines} +1,${lines} @@\n` +
      '+added\n'.repeat(lines) +
      '-gone\n'.repeat(lines);
    const timed = (lines: number): number => {
      const patch = huge(lines);
      const start = performance.now();
      expect(parsePatch(patch)[0]?.insertions).toBe(lines);
      return (performance.now() - start) / lines;
    };
    timed(5_000);
    const [few, many] = [timed(5_000), timed(100_000)];
    expect(many).toBeLessThan(few * 6 + 0.005);
  });
});

describe('path', () => {
  it('quotes_and_octal_bytes_are_undone', () => {
    expect(unquote('"a\\ttab \\"q\\" \\303\\274 ü"')).toBe('a\ttab "q" ü ü');
    expect(unquote('plain')).toBe('plain');
  });
});

describe('diff rows', () => {
  const files = parsePatch(MODIFIED);
  const nothing = { folded: new Set<string>(), commented: new Set<string>() };

  it('unified_shows_each_line_once', () => {
    const rows = diffRows(files, { split: false, ...nothing });
    expect(rows.map((row) => row.kind)).toEqual([
      ...['file', 'hunk', ...Array<string>(6).fill('line')],
      ...['hunk', 'line'],
    ]);
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
  });

  it('split_puts_removed_lines_beside_added_ones', () => {
    const rows = diffRows(files, { split: true, ...nothing });
    const pairs = rows.flatMap((row) => (row.kind === 'pair' ? [[row.before?.text, row.after?.text]] : []));
    expect(pairs).toEqual([
      ['one', 'one'],
      ['two', '2'],
      [undefined, 'two and a half'],
      ['three', 'three'],
      ['four', 'four'],
      ['--- not a header', undefined],
    ]);
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
  });

  it('comment_stands_below_its_line_in_both_layouts', () => {
    const line = files[0]?.hunks[0]?.lines[2];
    if (!files[0] || !line) throw new Error('the patch has no such line');
    const commented = new Set([place(placeOf(files[0], line))]);
    for (const split of [false, true]) {
      const rows = diffRows(files, { split, folded: new Set(), commented });
      const at = rows.findIndex((row) => row.kind === 'comment');
      const above = rows[at - 1];
      const shown = above?.kind === 'line' ? above.line : above?.kind === 'pair' ? above.after : null;
      expect(shown?.text).toBe('2');
      expect(rows.filter((row) => row.kind === 'comment')).toHaveLength(1);
    }
  });

  it('comment_stands_below_no_line_that_only_has_the_number_of_its_own', () => {
    const line = files[0]?.hunks[0]?.lines[2];
    if (!files[0] || !line) throw new Error('the patch has no such line');
    const commented = new Set([place({ ...placeOf(files[0], line), excerpt: 'another' })]);
    const rows = diffRows(files, { split: false, folded: new Set(), commented });
    expect(rows.filter((row) => row.kind === 'comment')).toEqual([]);
  });

  it('folded_files_and_files_without_lines_say_so', () => {
    const folded = diffRows(files, { split: false, folded: new Set(['src/a.rs']), commented: new Set() });
    expect(folded).toHaveLength(1);
    const notes = diffRows(parsePatch(OTHERS), { split: false, ...nothing });
    expect(notes.flatMap((row) => (row.kind === 'note' ? [row.note] : []))).toEqual([
      ...['empty', 'renamed', 'mode', 'binary'],
    ]);
  });
});
