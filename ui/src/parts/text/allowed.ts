import { address } from './address';

/** The elements that foreign prose may consist of; anything else is reduced to its text. */
const ELEMENTS = new Set([
  ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'code', 'em', 'strong'],
  ...['del', 'ul', 'ol', 'li', 'a', 'span', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
]);

/** Elements whose content is no text for people. */
const DROPPED = new Set(['script', 'style', 'template', 'noscript', 'iframe', 'object', 'embed', 'title']);

const HTML = 'http://www.w3.org/1999/xhtml';
/** Deeper than any prose; what lies below is shown as text. */
const DEEPEST = 100;

/**
 * Makes new nodes of what is allowed in a text of HTML. The text is parsed into a document that runs and loads nothing,
 * and is never written out and parsed again: what is here is what was checked.
 */
export function allowed(html: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const fragment = document.createDocumentFragment();
  copy(parsed.body, fragment, 0);
  return fragment;
}

function copy(from: Node, to: Node, depth: number): void {
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      to.appendChild(document.createTextNode(child.textContent ?? ''));
    } else if (child instanceof Element) {
      const name = child.localName;
      if (DROPPED.has(name)) continue;
      const plain = child.namespaceURI !== HTML || !ELEMENTS.has(name) || depth >= DEEPEST;
      copy(child, plain ? to : to.appendChild(made(child, name)), depth + 1);
    }
  }
}

/** A new element with nothing but the attributes that are allowed: an address that was checked, where a list begins. */
function made(from: Element, name: string): Element {
  const element = document.createElement(name);
  const href = name === 'a' ? address(from.getAttribute('href') ?? '') : null;
  if (href) element.setAttribute('href', href);
  const start = name === 'ol' ? Number(from.getAttribute('start')) : 0;
  if (Number.isSafeInteger(start) && start > 0) element.setAttribute('start', String(start));
  return element;
}
