import type { Page } from '@playwright/test';
import { MARK } from '../../test/xss-corpus';

/** What a page did that it must never do. */
export class Watch {
  readonly #wrong: string[] = [];

  /** From now on, and for every document the page opens. */
  static async over(page: Page): Promise<Watch> {
    const watch = new Watch();
    const home = new URL(page.url()).origin;
    page.on('dialog', (dialog) => {
      watch.#wrong.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('popup', (popup) => watch.#wrong.push(`a window: ${popup.url()}`));
    page.on('pageerror', (error) => watch.#wrong.push(`an error: ${error.message}`));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${home}/`) && !/^(data|blob):/.test(url)) watch.#wrong.push(`a request: ${url}`);
    });
    page.on('console', (message) => {
      // The policy is the second line: what it has to stop got past the first.
      if (/Content Security Policy/.test(message.text())) watch.#wrong.push(`the policy: ${message.text()}`);
    });
    return watch;
  }

  /** Touches all that is shown as a mouse would, and looks for what must not be there. */
  async look(page: Page): Promise<void> {
    this.#wrong.push(...(await page.evaluate(provoke, MARK)));
  }

  /** Everything that was wrong, once each. */
  get wrong(): string[] {
    return [...new Set(this.#wrong)];
  }
}

function provoke(mark: string): string[] {
  const found: string[] = [];
  for (const element of document.body.querySelectorAll('*')) {
    for (const kind of ['pointerenter', 'mouseover', 'focus', 'error', 'load', 'toggle', 'animationstart']) {
      element.dispatchEvent(new Event(kind));
    }
    const handlers = element.getAttributeNames().filter((name) => name.startsWith('on'));
    if (handlers.length > 0) found.push(`a handler: ${element.outerHTML.slice(0, 120)}`);
    const tag = element.localName;
    const foreign = ['iframe', 'object', 'embed', 'base', 'meta', 'link', 'style', 'frame', 'portal', 'applet'];
    if (foreign.includes(tag) || (tag === 'script' && !element.hasAttribute('src'))) {
      found.push(`an element: ${element.outerHTML.slice(0, 120)}`);
    }
    for (const name of ['href', 'src', 'srcset', 'action', 'formaction', 'poster', 'background', 'xlink:href', 'data']) {
      const value = element.getAttribute(name);
      if (value !== null && !/^(#|https?:|mailto:|\.?\/assets\/|data:image\/svg\+xml)/i.test(value)) {
        found.push(`an address: ${element.outerHTML.slice(0, 120)}`);
      }
    }
  }
  if (mark in window) found.push('a script of a stranger has run');
  return found;
}
