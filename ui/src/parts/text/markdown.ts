/** What an agent writes, as markdown: read by marked, reduced by DOMPurify to a short list of harmless elements. */

import DOMPurify from 'dompurify';
import { Marked, type Tokens } from 'marked';

import { stripped } from './ansi';
import { visible } from './hidden';

const TAGS = [
  ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'code', 'em', 'strong'],
  ...['del', 'ul', 'ol', 'li', 'a', 'span', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
];

/** How much of a text is read as markdown; a longer one is shown as it was written. */
export const LONGEST = 256 * 1024;

const reader = new Marked({
  gfm: true,
  breaks: false,
  async: false,
  renderer: {
    // Raw HTML is text like any other.
    html: ({ text }) => escaped(text),
    // Nothing is loaded: an image is a link to where it is.
    image: ({ href, text }) => link(href, text || href),
    link(token: Tokens.Link): string {
      return link(token.href, plainText(token));
    },
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  },
});

/** Renders a text. The result holds no script, no style, no image, and no link but to the web or to mail. */
export function markdown(text: string): DocumentFragment {
  const source = visible(stripped(text));
  const html = source.length > LONGEST ? `<pre>${escaped(source)}</pre>` : reader.parse(source);
  return DOMPurify.sanitize(html as string, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'start'],
    // Not an address, so the rule for addresses is not asked about it.
    ADD_URI_SAFE_ATTR: ['start'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
    RETURN_DOM_FRAGMENT: true,
  });
}

/** How many rendered texts are kept: scrolling back and forth renders none of them twice. */
const KEPT = 300;
const kept = new Map<string, DocumentFragment>();

/** The same as {@link markdown}, from what was rendered before where it is still there. */
export function rendered(text: string): DocumentFragment {
  const known = kept.get(text) ?? markdown(text);
  kept.delete(text);
  kept.set(text, known);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  return known.cloneNode(true) as DocumentFragment;
}

/**
 * An address as it is opened: absolute, host names in ASCII; `null` for anything but web and mail. A name that looks
 * like another shows here what it is.
 */
export function address(href: string): string | null {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  return ['https:', 'http:', 'mailto:'].includes(url.protocol) ? url.href : null;
}

/** A link with its whole address beside it, unless that is what it says already. */
function link(href: string, text: string): string {
  const target = address(href);
  if (!target) return `${escaped(text)} <span>(${escaped(visible(href))})</span>`;
  const says = text.trim();
  const same = says === target || says === href || `${says}/` === target || `mailto:${says}` === target;
  const shown = same ? escaped(target) : `${escaped(text)} <span>(${escaped(target)})</span>`;
  return `<a href="${escaped(target)}">${shown}</a>`;
}

/** The words of a link, whatever it is marked up with. */
function plainText(token: Tokens.Link): string {
  return token.tokens
    .map((inner) => ('text' in inner && typeof inner.text === 'string' ? inner.text : inner.raw))
    .join('');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
