/** Long text in short: its head, its tail, and how many lines lie between. */

export interface Excerpt {
  readonly head: string;
  /** How many lines are left out; 0 when the head is everything. */
  readonly left: number;
  readonly tail: string;
}

export interface Limits {
  /** Lines shown at the beginning and at the end. */
  readonly head: number;
  readonly tail: number;
}

export const OUTPUT: Limits = { head: 12, tail: 6 };

/** Cuts a text when that saves more than a few lines; works from both ends, however long the middle is. */
export function excerpt(text: string, limits: Limits = OUTPUT): Excerpt {
  const whole = { head: text, left: 0, tail: '' };
  const headEnd = nthLineEnd(text, limits.head);
  if (headEnd === -1) return whole;
  const tailStart = nthLineStartFromEnd(text, limits.tail);
  if (tailStart <= headEnd + 1) return whole;
  const left = countLines(text, headEnd + 1, tailStart);
  if (left < 3) return whole;
  return { head: text.slice(0, headEnd), left, tail: text.slice(tailStart) };
}

/** Where the nth line ends; -1 when there are no more lines than that. */
function nthLineEnd(text: string, n: number): number {
  let at = -1;
  for (let line = 0; line < n; line++) {
    at = text.indexOf('\n', at + 1);
    if (at === -1) return -1;
  }
  return at;
}

function nthLineStartFromEnd(text: string, n: number): number {
  // A newline at the very end closes the last line, it does not open another.
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let line = 0; line < n; line++) {
    at = text.lastIndexOf('\n', at - 1);
    if (at === -1) return 0;
  }
  return at + 1;
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) {
    lines++;
  }
  return lines;
}
