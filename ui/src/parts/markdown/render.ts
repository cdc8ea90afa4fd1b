/** Draws prose as elements, each made by name and filled with text: no HTML is ever read. */

import { stripped } from '../text/ansi';
import { newlines, visible } from '../text/hidden';
import { address } from './address';
import { blocksOf } from './blocks';
import { words } from './inlines';
import type { Block, Inline, Item, List, Table } from './tree';

/** How much of a text is read as markdown; a longer one is shown as it was written. */
export const LONGEST = 256 * 1024;

/** Draws a text. The result holds no script, no style, no image, and no link but to the web or to mail. */
export function markdown(text: string): DocumentFragment {
  const drawn = document.createDocumentFragment();
  const source = newlines(stripped(text));
  if (source.length > LONGEST) drawn.append(element('pre', textNode(source)));
  else drawn.append(...blocksOf(source).map(block));
  return drawn;
}

/** How many drawn texts are kept: scrolling back and forth draws none of them twice. */
const KEPT = 300;
const kept = new Map<string, DocumentFragment>();

/** The same as {@link markdown}, from what was drawn before where it is still there. */
export function rendered(text: string): DocumentFragment {
  const known = kept.get(text) ?? markdown(text);
  kept.delete(text);
  kept.set(text, known);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  return known.cloneNode(true) as DocumentFragment;
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  ...children: Node[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function textNode(text: string): Text {
  return document.createTextNode(visible(text));
}

const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'] as const;

function block(some: Block): Node {
  switch (some.kind) {
    case 'paragraph':
      return element('p', ...some.inlines.map(inline));
    case 'heading':
      return heading(some.level, some.inlines);
    case 'code':
      return element('pre', element('code', textNode(some.text)));
    case 'quote':
      return element('blockquote', ...some.blocks.map(block));
    case 'rule':
      return element('hr');
    case 'list':
      return list(some);
    case 'table':
      return table(some);
  }
}

/** A heading of somebody else's text is none of the page's own: it looks like one and is a paragraph. */
function heading(level: number, inlines: readonly Inline[]): HTMLElement {
  const made = element('p', ...inlines.map(inline));
  made.className = HEADINGS[level - 1] ?? 'h6';
  return made;
}

function list({ start, tight, items }: List): HTMLElement {
  const drawn = items.map((each) => item(each, tight));
  if (start === null) return element('ul', ...drawn);
  const made = element('ol', ...drawn);
  made.start = start;
  return made;
}

function item({ done, blocks }: Item, tight: boolean): HTMLLIElement {
  const made = element('li');
  if (done !== null) made.append(done ? '☑ ' : '☐ ');
  for (const each of blocks) {
    if (tight && each.kind === 'paragraph') made.append(...each.inlines.map(inline));
    else made.append(block(each));
  }
  return made;
}

function table({ head, rows }: Table): HTMLElement {
  const titles = head.map((cell) => element('th', ...cell.map(inline)));
  const body = rows.map((row) => element('tr', ...row.map((cell) => element('td', ...cell.map(inline)))));
  return element('table', element('thead', element('tr', ...titles)), element('tbody', ...body));
}

function inline(some: Inline): Node {
  switch (some.kind) {
    case 'text':
      return textNode(some.text);
    case 'code':
      return element('code', textNode(some.text));
    case 'break':
      return element('br');
    case 'link':
      return link(some.href, some.inlines);
    default:
      return element(some.kind, ...some.inlines.map(inline));
  }
}

/** A link with its whole address beside it, unless that is what it says already. */
function link(href: string, inlines: readonly Inline[]): Node {
  const target = address(href);
  const says = words(inlines).trim();
  const shown = inlines.map(inline);
  if (target === null) return element('span', ...shown, beside(href));
  const same = [target, href].some((known) => [says, `${says}/`, `mailto:${says}`, `https://${says}`].includes(known));
  const made = same ? element('a', textNode(target)) : element('a', ...shown, beside(target));
  made.href = target;
  return made;
}

function beside(href: string): HTMLElement {
  const made = element('span', document.createTextNode(' ('), textNode(href), document.createTextNode(')'));
  made.className = 'beside';
  return made;
}
