/** Tables with a head, a line of dashes and rows. */

import { blank, type Found } from './blocks';
import { inlines } from './inlines';
import type { Inline, References } from './tree';

const DASHES = /^:?-+:?$/;

/** Reads the table that begins here; `null` where none does. */
export function tableAt(lines: readonly string[], at: number, references: References): Found | null {
  const [head = '', dashes = ''] = [lines[at], lines[at + 1]];
  if (!head.includes('|') || !dashes.includes('-')) return null;
  const titles = cells(head);
  const columns = cells(dashes);
  if (titles.length !== columns.length || !columns.every((cell) => DASHES.test(cell))) return null;
  const read = (line: string): Inline[][] => {
    const row = cells(line);
    return titles.map((_, column) => inlines(row[column] ?? '', references));
  };
  const rows: Inline[][][] = [];
  let next = at + 2;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? '';
    if (blank(line) || !line.includes('|')) break;
    rows.push(read(line));
  }
  return { block: { kind: 'table', head: read(head), rows }, next };
}

/** The cells of a row; a bar behind a backslash is part of one. */
function cells(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}
