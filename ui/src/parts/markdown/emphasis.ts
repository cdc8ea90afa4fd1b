/** Stars, underscores and tildes around words, by the rules of CommonMark: which run opens, which closes, which is text. */

import { DEEPEST, type Inline } from './tree';

/** A run of one sign that may open or close something. */
export interface Run {
  readonly kind: 'run';
  readonly sign: string;
  /** How many of its signs are not used yet. */
  left: number;
  /** How many it had. */
  readonly length: number;
  readonly opens: boolean;
  readonly closes: boolean;
}

export type Piece = Run | Inline;

const SPACE = /^\s?$/u;
const PUNCTUATION = /^[\p{P}\p{S}]$/u;

/** Reads the run that begins here. */
export function runAt(text: string, at: number): Run {
  const sign = text.charAt(at);
  let end = at;
  while (text.charAt(end) === sign) end++;
  const [before, after] = [text.charAt(at - 1), text.charAt(end)];
  const left = !SPACE.test(after) && (!PUNCTUATION.test(after) || outside(before));
  const right = !SPACE.test(before) && (!PUNCTUATION.test(before) || outside(after));
  const within = sign === '_';
  return {
    kind: 'run',
    sign,
    left: end - at,
    length: end - at,
    opens: left && (!within || !right || PUNCTUATION.test(before)),
    closes: right && (!within || !left || PUNCTUATION.test(after)),
  };
}

function outside(character: string): boolean {
  return SPACE.test(character) || PUNCTUATION.test(character);
}

interface Level {
  /** The run that opened it; `null` for the whole. */
  readonly run: Run | null;
  inlines: Inline[];
  /** How deep what is in it is nested. */
  depth: number;
}

/** Pairs the runs; what finds no partner is text. Every piece is moved once for each level it leaves. */
export function emphasised(pieces: readonly Piece[]): Inline[] {
  const levels: Level[] = [{ run: null, inlines: [], depth: 0 }];
  for (const piece of pieces) {
    if (piece.kind !== 'run') {
      top(levels).inlines.push(piece);
      continue;
    }
    if (piece.closes) while (piece.left > 0 && close(levels, piece));
    if (piece.left === 0) continue;
    if (piece.opens && levels.length <= DEEPEST) levels.push({ run: piece, inlines: [], depth: 0 });
    else top(levels).inlines.push({ kind: 'text', text: piece.sign.repeat(piece.left) });
  }
  while (levels.length > 1) abandon(levels);
  return top(levels).inlines;
}

function top(levels: Level[]): Level {
  return levels[levels.length - 1] as Level;
}

/** Closes with as many signs as both have, two at most; whether it did. */
function close(levels: Level[], closer: Run): boolean {
  const at = levels.findLastIndex(({ run }) => run !== null && pairs(run, closer));
  if (at <= 0) return false;
  while (levels.length - 1 > at) abandon(levels);
  if (top(levels).depth >= DEEPEST) return false;
  const level = levels.pop() as Level;
  const opener = level.run as Run;
  const used = opener.left >= 2 && closer.left >= 2 ? 2 : 1;
  opener.left -= used;
  closer.left -= used;
  const kind = closer.sign === '~' ? 'del' : used === 2 ? 'strong' : 'em';
  const made: Inline = { kind, inlines: level.inlines };
  if (opener.left > 0) levels.push({ run: opener, inlines: [made], depth: level.depth + 1 });
  else put(top(levels), [made], level.depth + 1);
  return true;
}

function pairs(opener: Run, closer: Run): boolean {
  if (opener.sign !== closer.sign) return false;
  if (opener.sign === '~') return opener.left === 2 && closer.left === 2;
  // A run that could do both pairs only where the lengths cannot be misread.
  const both = opener.closes || closer.opens;
  return !both || (opener.length + closer.length) % 3 !== 0 || opener.length % 3 === 0;
}

/** What was opened and not closed: its signs are text, and what it held belongs to what is around it. */
function abandon(levels: Level[]): void {
  const { run, inlines, depth } = levels.pop() as Level;
  if (run) put(top(levels), [{ kind: 'text', text: run.sign.repeat(run.left) }], 0);
  put(top(levels), inlines, depth);
}

function put(level: Level, inlines: readonly Inline[], depth: number): void {
  for (const inline of inlines) level.inlines.push(inline);
  level.depth = Math.max(level.depth, depth);
}
