/**
 * Characters that a reader cannot see but a program obeys: control characters, bidirectional overrides, zero-width
 * and tag characters. They are shown as marks, so that what is read is what is there.
 */

/** A stretch of text, or one hidden character by its name, such as `U+202E`. */
export interface Segment {
  readonly text: string;
  readonly hidden: boolean;
}

/** Where such characters are, as first and last of each range. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x08], // controls before tab and newline
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad], // soft hyphen
  [0x034f, 0x034f],
  [0x061c, 0x061c], // Arabic letter mark
  [0x115f, 0x1160], // Hangul fillers
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f], // zero widths, joiners and direction marks
  [0x2028, 0x202e], // separators, embeddings and overrides
  [0x2060, 0x206f], // invisible operators and isolates
  [0x2800, 0x2800], // blank braille
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f], // variation selectors
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff], // tags, and more variation selectors
];

const escape = (code: number): string => `\\u{${code.toString(16)}}`;
const CANDIDATE = new RegExp(
  `[${RANGES.map(([first, last]) => `${escape(first)}-${escape(last)}`).join('')}]`,
  'gu',
);

const JOINER = '\u200d';
const NON_JOINER = '\u200c';
const PICTURE = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]$/u;
const PICTURE_NEXT = /^\p{Extended_Pictographic}/u;
/** Scripts whose spelling needs joiners. */
const JOINING =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Mongolian}]/u;
const PICTURE_STYLED = /[\p{Extended_Pictographic}\p{Emoji}]$/u;
const IDEOGRAPH = /\p{Script=Han}$/u;

/** Splits a text at its hidden characters; newlines and tabs stay text. */
export function segments(text: string): Segment[] {
  const found: Segment[] = [];
  let start = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const [character] = match;
    if (belongs(text, match.index, character)) continue;
    if (match.index > start) found.push({ text: text.slice(start, match.index), hidden: false });
    found.push({ text: name(character), hidden: true });
    start = match.index + character.length;
  }
  if (start < text.length) found.push({ text: text.slice(start), hidden: false });
  return found;
}

/** The same as plain text: each hidden character as `[U+202E]`. */
export function visible(text: string): string {
  return text.replace(CANDIDATE, (character: string, at: number) =>
    belongs(text, at, character) ? character : `[${name(character)}]`,
  );
}

/** Line ends of any system as newlines. */
export function newlines(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

function name(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Whether the character is part of ordinary spelling where it stands: in an emoji, or in a script that needs it. */
function belongs(text: string, at: number, character: string): boolean {
  const before = text.slice(Math.max(0, at - 2), at);
  const after = text.slice(at + character.length, at + character.length + 2);
  switch (character) {
    case '\ufe0e':
    case '\ufe0f':
      return PICTURE_STYLED.test(before);
    case JOINER:
      return (PICTURE.test(before) && PICTURE_NEXT.test(after)) || spelled(before);
    case NON_JOINER:
      return spelled(before);
    default:
      return ideographVariant(character) && IDEOGRAPH.test(before);
  }
}

function spelled(before: string): boolean {
  return JOINING.test(before.slice(-1));
}

function ideographVariant(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (code >= 0xfe00 && code <= 0xfe02) || (code >= 0xe0100 && code <= 0xe01ef);
}
