/** Unified diffs as git writes them, read into files, hunks and lines. */

import { unquote } from './paths';

export type Change =
  | 'added'
  | 'deleted'
  | 'modified'
  | 'renamed'
  | 'copied'
  | 'mode'
  | 'submodule';

export interface Line {
  readonly kind: 'context' | 'added' | 'deleted';
  /** The line's number before and after; `null` where it does not exist. */
  readonly before: number | null;
  readonly after: number | null;
  readonly text: string;
  /** Whether the file ends here without a newline. */
  readonly unended: boolean;
}

export interface Hunk {
  readonly beforeStart: number;
  readonly afterStart: number;
  /** What git found to name the place, such as a function's head. */
  readonly section: string;
  readonly lines: readonly Line[];
}

export interface FilePatch {
  readonly path: string;
  /** Its name before, where that is another. */
  readonly from: string | null;
  readonly change: Change;
  readonly binary: boolean;
  /** Its mode before and after, where that changed. */
  readonly modes: { readonly before: string; readonly after: string } | null;
  readonly hunks: readonly Hunk[];
  readonly insertions: number;
  readonly deletions: number;
}

type Draft = {
  -readonly [Key in keyof FilePatch]: Key extends 'hunks' ? Open[] : FilePatch[Key];
};
interface Open {
  beforeStart: number;
  afterStart: number;
  section: string;
  lines: Line[];
  /** Lines that the head of the hunk promises and that have not come yet, and the number of the next. */
  left: Record<Side, number>;
  next: Record<Side, number>;
}
type Side = 'before' | 'after';

const SUBMODULE = '160000';
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/;

/** Reads a patch; a text that is cut in the middle gives what came whole before. */
export function parsePatch(patch: string): FilePatch[] {
  const files: Draft[] = [];
  let file: Draft | null = null;
  let hunk: Open | null = null;
  for (const line of linesOf(patch)) {
    if (file && hunk && takeLine(file, hunk, line)) continue;
    hunk = null;
    if (line.startsWith('diff --git ')) {
      file = draft(line);
      files.push(file);
    } else if (file) {
      hunk = openHunk(line);
      if (hunk) file.hunks.push(hunk);
      else takeHeader(file, line);
    }
  }
  return files;
}

/** The paths of some files, to look others up in. */
export function pathsOf(files: readonly { readonly path: string }[]): ReadonlySet<string> {
  return new Set(files.map(({ path }) => path));
}

/** Split at newlines only: a carriage return belongs to its line. */
function* linesOf(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    yield text.slice(start, end);
    start = end + 1;
  }
}

function draft(line: string): Draft {
  return {
    path: gitPath(line.slice('diff --git '.length)),
    from: null,
    change: 'modified',
    binary: false,
    modes: null,
    hunks: [],
    insertions: 0,
    deletions: 0,
  };
}

/** The path of `a/x b/x`: both halves are the same wherever no other line names the file. */
function gitPath(names: string): string {
  if (names.startsWith('"')) {
    const second = names.indexOf('" ') + 2;
    return second > 1 ? withoutPrefix(unquote(names.slice(second))) : names;
  }
  return withoutPrefix(names.slice((names.length + 1) / 2));
}

function withoutPrefix(path: string): string {
  return path.replace(/^[abciow]\//, '');
}

function openHunk(line: string): Open | null {
  const found = HUNK.exec(line);
  if (!found) return null;
  return {
    beforeStart: Number(found[1]),
    afterStart: Number(found[3]),
    section: found[5] ?? '',
    lines: [],
    left: { before: Number(found[2] ?? 1), after: Number(found[4] ?? 1) },
    next: { before: Number(found[1]), after: Number(found[3]) },
  };
}

/** Whether the line belongs to the hunk: its head says how many do, so that no content is taken for a header. */
function takeLine(file: Draft, hunk: Open, line: string): boolean {
  if (line.startsWith('\\')) {
    const last = hunk.lines.at(-1);
    if (last) hunk.lines[hunk.lines.length - 1] = { ...last, unended: true };
    return true;
  }
  if (hunk.left.before <= 0 && hunk.left.after <= 0) return false;
  const sign = line[0] ?? ' ';
  if (sign !== ' ' && sign !== '+' && sign !== '-') return false;
  const before = sign === '+' ? null : nextNumber(hunk, 'before');
  const after = sign === '-' ? null : nextNumber(hunk, 'after');
  if (sign === '+') file.insertions++;
  if (sign === '-') file.deletions++;
  const kind = sign === '+' ? 'added' : sign === '-' ? 'deleted' : 'context';
  hunk.lines.push({ kind, before, after, text: line.slice(1), unended: false });
  return true;
}

function nextNumber(hunk: Open, side: Side): number {
  hunk.left[side]--;
  return hunk.next[side]++;
}

function takeHeader(file: Draft, line: string): void {
  const mode = /^(old mode|new mode|new file mode|deleted file mode) (\d+)$/.exec(line);
  const name = /^(rename|copy) (from|to) (.*)$/.exec(line);
  if (mode) takeMode(file, mode[1] ?? '', mode[2] ?? '');
  else if (name) takeName(file, name[1] === 'copy', name[2] === 'from', unquote(name[3] ?? ''));
  else if (line.startsWith('+++ ')) takeSide(file, line.slice(4));
  else if (line.startsWith('--- ')) takeSide(file, line.slice(4));
  else if (line.startsWith('Binary files ') || line === 'GIT binary patch') file.binary = true;
  else if (/^index [0-9a-f]+\.\.[0-9a-f]+ 160000$/.test(line)) file.change = 'submodule';
}

function takeMode(file: Draft, which: string, mode: string): void {
  if (mode === SUBMODULE) file.change = 'submodule';
  else if (which === 'new file mode') file.change = 'added';
  else if (which === 'deleted file mode') file.change = 'deleted';
  else if (which === 'old mode') {
    file.modes = { before: mode, after: mode };
    file.change = 'mode';
  } else if (file.modes) file.modes = { before: file.modes.before, after: mode };
}

function takeName(file: Draft, copied: boolean, from: boolean, path: string): void {
  file.change = copied ? 'copied' : 'renamed';
  if (from) file.from = path;
  else file.path = path;
}

/** `--- a/path` and `+++ b/path`, with a tab after names that hold a space. */
function takeSide(file: Draft, side: string): void {
  const path = unquote(side.replace(/\t$/, ''));
  if (path !== '/dev/null') file.path = withoutPrefix(path);
  // A change of mode with content is first of all a change.
  if (file.change === 'mode') file.change = 'modified';
}
