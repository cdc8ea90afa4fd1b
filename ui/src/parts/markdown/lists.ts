/** Lists, nested ones and checklists. */

import { blank, blocks, interrupts, type Around, type Found } from './blocks';
import type { Item } from './tree';

/** Indentation, marker, the space after it, and the words. */
export const MARKER = /^( {0,3})([-+*]|\d{1,9}[.)])( +|$)(.*)$/;
const BOX = /^\[([ xX])\] +/;

interface Marker {
  /** `-`, `+`, `*`, `.` or `)`: another one is another list. */
  readonly sign: string;
  readonly number: number | null;
  /** How far its content is indented. */
  readonly width: number;
  readonly words: string;
}

/** Reads the list that begins here; `null` where none does. */
export function listAt(lines: readonly string[], at: number, around: Around): Found | null {
  const first = markerOf(lines[at] ?? '');
  if (!first) return null;
  const items: Item[] = [];
  let tight = true;
  let next = at;
  for (;;) {
    const marker = markerOf(lines[next] ?? '');
    if (marker?.sign !== first.sign) break;
    const { inside, end, loose } = itemAt(lines, next, marker);
    items.push(itemOf(inside, around));
    const last = blank(lines[end - 1]);
    next = skipBlank(lines, end);
    const goesOn = markerOf(lines[next] ?? '')?.sign === first.sign;
    if (loose || (goesOn && (next > end || last))) tight = false;
    if (!goesOn) break;
  }
  return { block: { kind: 'list', start: first.number, tight, items }, next };
}

function markerOf(line: string): Marker | null {
  const found = MARKER.exec(line);
  if (!found || /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,})$/.test(line)) return null;
  const [, indent = '', mark = '', space = '', words = ''] = found;
  const number = /^\d/.test(mark) ? parseInt(mark, 10) : null;
  // Five spaces and more are code within the item; they are not part of its indentation.
  const gap = space.length > 4 || words === '' ? 1 : space.length;
  const rest = ' '.repeat(Math.max(0, space.length - gap)) + words;
  return { sign: mark.at(-1) ?? '', number, width: indent.length + mark.length + gap, words: rest };
}

/** The lines of one item without its indentation. */
function itemAt(
  lines: readonly string[],
  at: number,
  { width, words }: Marker,
): { inside: string[]; end: number; loose: boolean } {
  const inside = [words];
  let loose = false;
  let nested = false;
  let end = at + 1;
  for (; end < lines.length; end++) {
    const line = lines[end] ?? '';
    if (blank(line)) {
      inside.push('');
      continue;
    }
    const after = blank(inside.at(-1));
    if (indentation(line) >= width) {
      const own = line.slice(width);
      nested ||= MARKER.test(own);
      // An empty line between what belongs to the item itself, not within a list in it.
      loose ||= after && inside.length > 1 && !nested;
      inside.push(own);
    } else if (after || MARKER.test(line) || interrupts(line)) break;
    else inside.push(line.trimStart());
  }
  let kept = inside.length;
  while (kept > 0 && blank(inside[kept - 1])) kept--;
  return { inside: inside.slice(0, kept), end, loose };
}

function itemOf(inside: string[], { references, depth }: Around): Item {
  const [first = '', ...rest] = inside;
  const box = BOX.exec(first);
  const lines = box ? [first.slice(box[0].length), ...rest] : inside;
  const done = box ? box[1] !== ' ' : null;
  return { done, blocks: blocks(lines, { references, depth: depth + 1 }) };
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}

function skipBlank(lines: readonly string[], at: number): number {
  let next = at;
  while (next < lines.length && blank(lines[next])) next++;
  return next;
}
