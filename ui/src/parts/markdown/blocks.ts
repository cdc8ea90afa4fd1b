/** Paragraphs, headings, lists, code, quotations and tables, line by line. */

import { inlines } from './inlines';
import { listAt, MARKER } from './lists';
import { tableAt } from './tables';
import { DEEPEST, type Block, type References } from './tree';

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
const INDENTED = /^ {4}/;
const DEFINITION = /^ {0,3}\[([^[\]]{1,200})\]:[ \t]*<?([^\s<>]+)>?(?:[ \t]+["'(].*)?$/;

/** A block and the line after it. */
export interface Found {
  readonly block: Block;
  readonly next: number;
}

/** What every level of a text shares. */
export interface Around {
  readonly references: References;
  readonly depth: number;
}

/** Reads a text. */
export function blocksOf(text: string): Block[] {
  const lines = text.split('\n').map((line) => line.replace(/^[ \t]+/, (space) => space.replaceAll('\t', '    ')));
  const references = new Map<string, string>();
  const rest = lines.filter((line) => {
    const [, name, href] = DEFINITION.exec(line) ?? [];
    if (name === undefined || href === undefined) return true;
    const key = name.trim().toLowerCase();
    if (!references.has(key)) references.set(key, href);
    return false;
  });
  return blocks(rest, { references, depth: 0 });
}

/** Reads some lines. */
export function blocks(lines: readonly string[], around: Around): Block[] {
  const found: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    if (blank(lines[at])) {
      at++;
      continue;
    }
    const { block, next } = blockAt(lines, at, around);
    found.push(block);
    at = next;
  }
  return found;
}

export function blank(line: string | undefined): boolean {
  return line === undefined || line.trim() === '';
}

/** Whether a line ends a paragraph by beginning something else. */
export function interrupts(line: string): boolean {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || bullet(line);
}

function bullet(line: string): boolean {
  const marker = MARKER.exec(line);
  if (!marker) return false;
  // A year at the beginning of a line is no list.
  return blank(marker[4]) ? false : !/^\d/.test(marker[2] ?? '') || /^1[.)]$/.test(marker[2] ?? '');
}

function blockAt(lines: readonly string[], at: number, around: Around): Found {
  const line = lines[at] ?? '';
  const deeper = around.depth < DEEPEST;
  return (
    fenceAt(lines, at) ??
    headingAt(line, at, around) ??
    (RULE.test(line) ? { block: { kind: 'rule' as const }, next: at + 1 } : null) ??
    (deeper && QUOTE.test(line) ? quoteAt(lines, at, around) : null) ??
    (deeper ? listAt(lines, at, around) : null) ??
    tableAt(lines, at, around.references) ??
    (INDENTED.test(line) ? indentedAt(lines, at) : null) ??
    paragraphAt(lines, at, around)
  );
}

function fenceAt(lines: readonly string[], at: number): Found | null {
  const line = lines[at] ?? '';
  const [, fence = '', info = ''] = FENCE.exec(line) ?? [];
  if (!fence || (fence.startsWith('`') && info.includes('`'))) return null;
  const indent = line.length - line.trimStart().length;
  const inside: string[] = [];
  let next = at + 1;
  for (; next < lines.length; next++) {
    const other = lines[next] ?? '';
    const end = other.trim();
    if (end.length >= fence.length && end === fence.charAt(0).repeat(end.length) && !INDENTED.test(other)) break;
    inside.push(other.slice(Math.min(indent, other.length - other.trimStart().length)));
  }
  return { block: { kind: 'code', text: inside.join('\n') }, next: next + 1 };
}

function headingAt(line: string, at: number, { references }: Around): Found | null {
  const [, signs, words = ''] = HEADING.exec(line) ?? [];
  if (!signs) return null;
  const block: Block = { kind: 'heading', level: signs.length, inlines: inlines(unclosed(words), references) };
  return { block, next: at + 1 };
}

/** The words of a heading without the signs that may close it. */
function unclosed(words: string): string {
  const said = words.trim();
  let end = said.length;
  while (said.charAt(end - 1) === '#') end--;
  return end === 0 || /[ \t]/.test(said.charAt(end - 1)) ? said.slice(0, end).trimEnd() : said;
}

function quoteAt(lines: readonly string[], at: number, around: Around): Found {
  const inside: string[] = [];
  let next = at;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? '';
    if (QUOTE.test(line)) inside.push(line.replace(QUOTE, ''));
    else if (blank(line) || interrupts(line) || blank(inside.at(-1))) break;
    else inside.push(line);
  }
  const { references, depth } = around;
  return { block: { kind: 'quote', blocks: blocks(inside, { references, depth: depth + 1 }) }, next };
}

function indentedAt(lines: readonly string[], at: number): Found {
  const inside: string[] = [];
  let next = at;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? '';
    if (!INDENTED.test(line) && !blank(line)) break;
    inside.push(line.slice(4));
  }
  return { block: { kind: 'code', text: inside.join('\n').trimEnd() }, next };
}

function paragraphAt(lines: readonly string[], at: number, { references }: Around): Found {
  const inside = [(lines[at] ?? '').trimStart()];
  let next = at + 1;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? '';
    const [, under] = UNDERLINE.exec(line) ?? [];
    if (under) {
      const level = under.startsWith('=') ? 1 : 2;
      const words = inlines(inside.join('\n'), references);
      return { block: { kind: 'heading', level, inlines: words }, next: next + 1 };
    }
    if (blank(line) || interrupts(line)) break;
    inside.push(line.trimStart());
  }
  const words = inlines(inside.join('\n').trimEnd(), references);
  return { block: { kind: 'paragraph', inlines: words }, next };
}
