/**
 * Terminal output as styled spans. Colours become one of sixteen names, so that the theme keeps them readable; every
 * other control sequence is dropped: OSC 8 would disguise a link, OSC 52 would write the clipboard.
 */

export type Colour =
  | 'black'
  | 'red'
  | 'green'
  | 'yellow'
  | 'blue'
  | 'magenta'
  | 'cyan'
  | 'white';

export interface Style {
  readonly colour: Colour | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
}

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export const PLAIN: Style = {
  colour: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
};

const COLOURS: readonly Colour[] = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
];

/** How many styled stretches one text may have before the rest is plain. */
const MOST_SPANS = 2_000;

/**
 * One control sequence: CSI to its final byte, a string (OSC, DCS, PM, APC, SOS) to its end or the line's, or a short
 * escape. The eight-bit forms count as well.
 */
const SEQUENCE =
  // eslint-disable-next-line no-control-regex -- control sequences are what is looked for
  /(?:\u001b\[|\u009b)([\u0030-\u003f]*)[\u0020-\u002f]*([\u0040-\u007e]?)|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c|(?=\n)|$|(?=\u001b))|\u001b[\u0020-\u002f]*[\u0030-\u007e]?/g;

/** Reads a text with control sequences into spans without any. */
export function spans(text: string): Span[] {
  // The usual text has none of them.
  // eslint-disable-next-line no-control-regex -- control sequences are what is looked for
  if (!/[\u001b\u0080-\u009f]/.test(text)) return text ? [{ text, style: PLAIN }] : [];
  const found: Span[] = [];
  let style = PLAIN;
  let start = 0;
  for (const match of text.matchAll(SEQUENCE)) {
    push(found, text.slice(start, match.index), style);
    start = match.index + match[0].length;
    if (match[2] === 'm' && found.length < MOST_SPANS) style = styled(style, match[1] ?? '');
  }
  push(found, text.slice(start), style);
  return found;
}

/** A text without its control sequences. */
export function stripped(text: string): string {
  return spans(text)
    .map((span) => span.text)
    .join('');
}

function push(found: Span[], text: string, style: Style): void {
  if (!text) return;
  const last = found.at(-1);
  if (last && last.style === style) found[found.length - 1] = { text: last.text + text, style };
  else found.push({ text, style });
}

/** The style after one SGR sequence. */
function styled(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map((code) => Number(code || '0'));
  let next = style;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const [colour, used] = extended(codes.slice(at + 1));
      if (code === 38) next = { ...next, colour };
      at += used;
    } else next = applied(next, code);
  }
  return next;
}

function applied(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 23) return { ...style, italic: false };
  if (code === 24) return { ...style, underline: false };
  if (code === 39) return { ...style, colour: null };
  if (code >= 30 && code <= 37) return { ...style, colour: COLOURS[code - 30] ?? null };
  if (code >= 90 && code <= 97) return { ...style, colour: COLOURS[code - 90] ?? null };
  return style;
}

/** The nearest named colour of an indexed or true colour, and how many codes it took. */
function extended(codes: number[]): [Colour | null, number] {
  if (codes[0] === 5) return [indexed(codes[1] ?? 0), 2];
  if (codes[0] === 2) return [nearest(codes[1] ?? 0, codes[2] ?? 0, codes[3] ?? 0), 4];
  return [null, codes.length];
}

function indexed(index: number): Colour | null {
  if (index < 16) return COLOURS[index % 8] ?? null;
  if (index > 231) return null;
  const cube = index - 16;
  const level = (step: number): number => Math.floor(cube / step) % 6 * 51;
  return nearest(level(36), level(6), level(1));
}

/** Grey is no colour: it keeps the theme's ink. */
function nearest(red: number, green: number, blue: number): Colour | null {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 48) return null;
  const middle = (most + least) / 2;
  const bit = (value: number, weight: number): number => (value > middle ? weight : 0);
  return COLOURS[bit(red, 1) + bit(green, 2) + bit(blue, 4)] ?? null;
}
