/** A patch as the rows that are drawn, one line of a side or of both sides each. */

import { place, type LineComment } from './comments';
import type { FilePatch, Hunk, Line } from './patch';

export type DiffRow =
  | { readonly kind: 'file'; readonly key: string; readonly file: FilePatch }
  | { readonly kind: 'note'; readonly key: string; readonly note: Note }
  | { readonly kind: 'hunk'; readonly key: string; readonly file: FilePatch; readonly hunk: Hunk }
  | { readonly kind: 'line'; readonly key: string; readonly file: FilePatch; readonly line: Line }
  | PairRow
  | { readonly kind: 'comment'; readonly key: string; readonly at: Place };

/** Both sides beside each other. */
export interface PairRow {
  readonly kind: 'pair';
  readonly key: string;
  readonly file: FilePatch;
  readonly before: Line | null;
  readonly after: Line | null;
}

/** Why a file has no lines to show. */
export type Note = 'binary' | 'empty' | 'mode' | 'renamed' | 'submodule';

/** A line that is commented on. */
export type Place = Omit<LineComment, 'text'>;

export interface Layout {
  readonly split: boolean;
  /** Files whose lines are not shown. */
  readonly folded: ReadonlySet<string>;
  /** Places, by their names, below which a comment stands or is written. */
  readonly commented: ReadonlySet<string>;
}

/** Lays a patch out. */
export function diffRows(files: readonly FilePatch[], layout: Layout): DiffRow[] {
  const rows: DiffRow[] = [];
  for (const file of files) {
    rows.push({ kind: 'file', key: `f:${file.path}`, file });
    if (layout.folded.has(file.path)) continue;
    const note = noteOf(file);
    if (note) rows.push({ kind: 'note', key: `n:${file.path}`, note });
    file.hunks.forEach((hunk, index) => {
      rows.push({ kind: 'hunk', key: `h:${index}:${file.path}`, file, hunk });
      const lines = layout.split ? pairs(file, hunk) : singles(file, hunk);
      for (const row of lines) {
        rows.push(row);
        rows.push(...comments(row, layout.commented));
      }
    });
  }
  return rows;
}

/** Where a comment on this row belongs: what is new wins over what was there. */
export function placeOf(file: FilePatch, line: Line): Place {
  const side = line.after === null ? 'before' : 'after';
  const path = side === 'before' ? (file.from ?? file.path) : file.path;
  return { path, side, line: line.after ?? line.before ?? 0, excerpt: line.text };
}

/** The names of all places where comments can stand. */
export function placesIn(files: readonly FilePatch[]): Set<string> {
  const lines = files.flatMap((file) => file.hunks.flatMap((hunk) => hunk.lines.map((line) => placeOf(file, line))));
  return new Set(lines.map(place));
}

function noteOf(file: FilePatch): Note | null {
  if (file.binary) return 'binary';
  if (file.hunks.length > 0) return null;
  if (file.change === 'submodule') return 'submodule';
  if (file.change === 'mode') return 'mode';
  return file.change === 'renamed' || file.change === 'copied' ? 'renamed' : 'empty';
}

function key(file: FilePatch, line: Line): string {
  return `l:${line.before ?? ''}:${line.after ?? ''}:${file.path}`;
}

function singles(file: FilePatch, hunk: Hunk): DiffRow[] {
  return hunk.lines.map((line) => ({ kind: 'line', key: key(file, line), file, line }));
}

/** Removed lines stand beside the added ones that follow them. */
function pairs(file: FilePatch, hunk: Hunk): PairRow[] {
  const rows: PairRow[] = [];
  let removed: Line[] = [];
  let added: Line[] = [];
  const put = (before: Line | null, after: Line | null): void => {
    const line = before ?? after;
    if (!line) return;
    rows.push({ kind: 'pair', key: `${key(file, line)}:${after?.after ?? ''}`, file, before, after });
  };
  const flush = (): void => {
    const length = Math.max(removed.length, added.length);
    for (let at = 0; at < length; at++) put(removed[at] ?? null, added[at] ?? null);
    removed = [];
    added = [];
  };
  for (const line of hunk.lines) {
    if (line.kind === 'deleted') {
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.kind === 'added') added.push(line);
    else {
      flush();
      put(line, line);
    }
  }
  flush();
  return rows;
}

function comments(row: DiffRow, commented: ReadonlySet<string>): DiffRow[] {
  if (commented.size === 0 || (row.kind !== 'line' && row.kind !== 'pair')) return [];
  const lines = row.kind === 'line' ? [row.line] : [row.before, row.after];
  const seen = new Set<string>();
  return lines.flatMap((line) => {
    if (!line) return [];
    const at = placeOf(row.file, line);
    const name = place(at);
    if (!commented.has(name) || seen.has(name)) return [];
    seen.add(name);
    return [{ kind: 'comment' as const, key: `c:${name}`, at }];
  });
}
