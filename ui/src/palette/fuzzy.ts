/** Where a wanted text was found in another, and how well it fits. */
export interface Match {
  score: number;
  /** Indexes of the characters that matched, for showing. */
  at: number[];
}

const START = 8;
const RUN = 5;
const WORD = 6;

/**
 * Finds the letters of `wanted` in `text`, in order, with gaps; null where one is missing. Letters in a row and at the
 * beginning of words weigh more, so that `nt` finds "New task" before "Agents".
 */
export function match(wanted: string, text: string): Match | null {
  const [needle, hay] = [fold(wanted), fold(text)];
  if (needle === '') return { score: 0, at: [] };
  const whole = hay.indexOf(needle);
  if (whole >= 0) return { score: weigh(hay, range(whole, needle.length)) + RUN, at: range(whole, needle.length) };
  const at: number[] = [];
  let from = 0;
  for (const letter of needle) {
    if (letter === ' ') continue;
    const found = hay.indexOf(letter, from);
    if (found < 0) return null;
    at.push(found);
    from = found + 1;
  }
  return { score: weigh(hay, at), at };
}

function weigh(hay: string, at: number[]): number {
  let score = 0;
  at.forEach((place, n) => {
    if (place === 0) score += START;
    else if (/[\s\-_/:.・]/.test(hay[place - 1] ?? '')) score += WORD;
    if (n > 0 && at[n - 1] === place - 1) score += RUN;
  });
  // Of two that fit alike the shorter one.
  return score - hay.length / 100;
}

/** Small letters, and full-width ones as their usual form, as an input method may leave them. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function range(from: number, length: number): number[] {
  return Array.from({ length }, (_, n) => from + n);
}
