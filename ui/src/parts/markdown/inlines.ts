/** Words and what is marked up among them. */

import { emphasised, runAt, type Piece } from './emphasis';
import { DEEPEST, type Inline, type References } from './tree';

const ESCAPABLE = /[!-/:-@[-`{-~]/;
const AUTOLINK = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>/iy;
const BARE = /(?:https?:\/\/|www\.)[^\s<]+/iy;
const ENTITY = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos|nbsp));/iy;
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
/** An address and a title in parentheses; both have an end, so that a text of many brackets is not read many times. */
const TARGET =
  /\(\s{0,9}(?:<([^<>\n]{0,2000})>|((?:[^\s()\\]|\\.|\([^\s()]{0,500}\)){0,2000}))(?:\s{1,9}(?:"[^"]{0,500}"|'[^']{0,500}'|\([^()]{0,500}\)))?\s{0,9}\)/y;
const REFERENCE = /\[([^[\]]{0,200})\]/y;
/** Signs at which something may begin; all else is text. */
const SPECIAL = /[\\`<&![\]*_~\n]|https?:|www\./gi;

interface Around {
  readonly references: References;
  readonly depth: number;
}

/** Reads one stretch of words. */
export function inlines(text: string, references: References, depth = 0): Inline[] {
  return new Reader(text, { references, depth }).read();
}

class Reader {
  #pieces: Piece[] = [];
  #words = '';
  #at = 0;
  #ticks: Map<number, number[]> | null = null;
  #closing: Map<number, number> | null = null;

  constructor(
    private readonly text: string,
    private readonly around: Around,
  ) {}

  read(): Inline[] {
    const { text } = this;
    while (this.#at < text.length) {
      SPECIAL.lastIndex = this.#at;
      const next = SPECIAL.exec(text)?.index ?? text.length;
      this.#words += text.slice(this.#at, next);
      this.#at = next;
      if (next < text.length && !this.#special(text.charAt(next))) this.#words += text.charAt(this.#at++);
    }
    this.#flush();
    return emphasised(this.#pieces);
  }

  /** Takes what begins here; whether anything does. */
  #special(sign: string): boolean {
    switch (sign) {
      case '\\':
        return this.#escape();
      case '`':
        return this.#code();
      case '<':
        return this.#autolink();
      case '&':
        return this.#entity();
      case '!':
        return this.text.charAt(this.#at + 1) === '[' && this.#link(this.#at + 1);
      case '[':
        return this.#link(this.#at);
      case '\n':
        return this.#newline();
      case '*':
      case '_':
      case '~':
        return this.#run();
      default:
        return this.#bare();
    }
  }

  #put(piece: Piece, end: number): true {
    this.#flush();
    this.#pieces.push(piece);
    this.#at = end;
    return true;
  }

  #flush(): void {
    if (this.#words) this.#pieces.push({ kind: 'text', text: this.#words });
    this.#words = '';
  }

  #escape(): boolean {
    const next = this.text.charAt(this.#at + 1);
    if (next === '\n') return this.#put({ kind: 'break' }, this.#at + 2);
    if (!ESCAPABLE.test(next)) return false;
    this.#words += next;
    this.#at += 2;
    return true;
  }

  #newline(): boolean {
    const hard = this.#words.endsWith('  ');
    this.#words = this.#words.trimEnd();
    if (hard) return this.#put({ kind: 'break' }, this.#at + 1);
    this.#words += '\n';
    this.#at++;
    return true;
  }

  #code(): boolean {
    let open = this.#at;
    while (this.text.charAt(open) === '`') open++;
    const length = open - this.#at;
    const close = this.#tick(open, length);
    if (close === -1) {
      this.#words += '`'.repeat(length);
      this.#at = open;
      return true;
    }
    const inside = this.text.slice(open, close).replaceAll('\n', ' ');
    const padded = inside.startsWith(' ') && inside.endsWith(' ') && inside.trim() !== '';
    return this.#put({ kind: 'code', text: padded ? inside.slice(1, -1) : inside }, close + length);
  }

  /** Where the next run of so many backticks is; each is passed once. */
  #tick(from: number, length: number): number {
    this.#ticks ??= ticks(this.text);
    const places = this.#ticks.get(length) ?? [];
    while ((places.at(-1) ?? from) < from) places.pop();
    return places.at(-1) ?? -1;
  }

  #autolink(): boolean {
    const [whole, href = ''] = this.#match(AUTOLINK) ?? [];
    if (whole === undefined) return false;
    const mail = !href.includes(':');
    const words: Inline[] = [{ kind: 'text', text: href }];
    return this.#put({ kind: 'link', href: mail ? `mailto:${href}` : href, inlines: words }, this.#at + whole.length);
  }

  /** An address as it stands; signs at its end belong to the sentence. */
  #bare(): boolean {
    if (this.around.depth > 0 || /[\p{L}\p{N}]/u.test(this.text.charAt(this.#at - 1))) return false;
    const [found] = this.#match(BARE) ?? [];
    if (found === undefined) return false;
    const end = trimmed(found);
    const href = found.slice(0, end);
    const words: Inline[] = [{ kind: 'text', text: href }];
    const whole = /^www\./i.test(href) ? `https://${href}` : href;
    return this.#put({ kind: 'link', href: whole, inlines: words }, this.#at + end);
  }

  #entity(): boolean {
    const [whole, hex, decimal, name] = this.#match(ENTITY) ?? [];
    if (whole === undefined) return false;
    const code = hex ? parseInt(hex, 16) : Number(decimal);
    this.#words += name ? (NAMED[name.toLowerCase()] ?? whole) : character(code);
    this.#at += whole.length;
    return true;
  }

  /** `[words](address)`, `[words][name]` or `[name]`; an image is a link to where it is. */
  #link(open: number): boolean {
    const { references, depth } = this.around;
    const close = this.#bracket(open);
    if (close === -1 || depth >= DEEPEST) return false;
    const words = this.text.slice(open + 1, close);
    const found = this.#target(words, close + 1, references);
    if (!found || (found.href === '' && words === '')) return false;
    const inside = inlines(words, references, depth + 1).map(plain);
    const shown: Inline[] = words === '' ? [{ kind: 'text', text: found.href }] : inside;
    return this.#put({ kind: 'link', href: found.href, inlines: shown }, found.end);
  }

  #target(words: string, at: number, references: References): { href: string; end: number } | null {
    TARGET.lastIndex = at;
    const target = TARGET.exec(this.text);
    if (target) return { href: unescaped(target[1] ?? target[2] ?? ''), end: TARGET.lastIndex };
    REFERENCE.lastIndex = at;
    const named = REFERENCE.exec(this.text);
    const href = references.get((named?.[1] || words).trim().toLowerCase());
    return href === undefined ? null : { href, end: named ? REFERENCE.lastIndex : at };
  }

  /** Where the bracket that opens here closes; found for all of them in one go. */
  #bracket(open: number): number {
    this.#closing ??= brackets(this.text);
    return this.#closing.get(open) ?? -1;
  }

  #run(): true {
    const run = runAt(this.text, this.#at);
    return this.#put(run, this.#at + run.length);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.text);
  }
}

/** Links do not hold links: what was one inside is its words. */
function plain(inline: Inline): Inline {
  return inline.kind === 'link' ? { kind: 'text', text: words(inline.inlines) } : inline;
}

/** The words of some inlines without their markup. */
export function words(some: readonly Inline[]): string {
  return some
    .map((inline) => {
      if ('text' in inline) return inline.text;
      return inline.kind === 'break' ? '\n' : words(inline.inlines);
    })
    .join('');
}

/** The runs of backticks by their length, the first of each at the end. */
function ticks(text: string): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const places = found.get(run.length);
    if (places) places.push(index);
    else found.set(run.length, [index]);
  }
  for (const places of found.values()) places.reverse();
  return found;
}

function brackets(text: string): Map<number, number> {
  const pairs = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === '\\') at++;
    else if (sign === '[') open.push(at);
    else if (sign === ']') {
      const start = open.pop();
      if (start !== undefined) pairs.set(start, at);
    }
  }
  return pairs;
}

function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

function character(code: number): string {
  const valid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return valid ? String.fromCodePoint(code) : '\ufffd';
}

/** How much of a bare address is one: closing signs of the sentence are left out. */
function trimmed(found: string): number {
  let end = found.length;
  let surplus = found.split(')').length - found.split('(').length;
  for (; end > 0; end--) {
    const last = found.charAt(end - 1);
    if (last === ')' && surplus > 0) surplus--;
    else if (!/[?!.,:;*_~'"\]]/.test(last)) break;
  }
  return end;
}
