import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test as base, type Locator, type Page } from '@playwright/test';
import { Daemon } from './daemon';

export { expect } from '@playwright/test';

interface Fixtures {
  /** Whether the worker of the test finds an agent; by its path, which. */
  agent: boolean | string;
  /** Whether the page opens the welcome by itself, as it does for a newcomer. */
  welcome: boolean;
  /** A worker of the test's own, with nothing in it. */
  daemon: Daemon;
  /** The page of that worker, signed in. */
  app: Page;
}

export const test = base.extend<Fixtures>({
  agent: [false, { option: true }],
  welcome: [false, { option: true }],
  daemon: async ({ agent, welcome }, use) => {
    const daemon = await Daemon.start({ agent });
    try {
      if (!welcome) await daemon.call('config.set', { key: 'desktop.welcome', value: 'false' });
      await use(daemon);
    } finally {
      await daemon.stop();
    }
  },
  // The page goes before its worker: else its last requests would find nobody.
  app: async ({ daemon, page }, use) => {
    await signIn(page, daemon);
    await use(page);
  },
});

/** A sentence that can be seen; the frame has places that only some widths show, and one for screen readers. */
export function said(page: Page, words: string | RegExp): Locator {
  return page.getByRole('paragraph').filter({ hasText: words, visible: true });
}

/** Goes to a screen by its address. */
export async function open(page: Page, address: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, `#/${address}`);
}

/** Opens the printed address, which works once; later visits go by the cookie. */
export async function signIn(page: Page, daemon: Daemon): Promise<void> {
  await page.goto(daemon.web);
  if (await servePageFrom(page)) await page.reload();
  await page.getByRole('main').waitFor();
}

/**
 * With `RIPIENO_E2E_PAGE=ui/dist` the files of the page are those of that folder and not the ones built into the
 * program, under the same headers: for whoever works on the page and does not want to build the program each time.
 */
async function servePageFrom(page: Page): Promise<boolean> {
  const folder = process.env['RIPIENO_E2E_PAGE'];
  if (!folder) return false;
  await page.context().route(/127\.0\.0\.1:\d+\/(assets\/.*)?$/, async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = join(resolve(folder), pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file)) return route.continue();
    const root = new URL('/', route.request().url()).href;
    const served = await route.fetch({ url: root });
    const headers: Record<string, string> = { ...served.headers(), 'content-type': KINDS[file.split('.').pop() ?? ''] ?? 'application/octet-stream' };
    delete headers['content-length'];
    return route.fulfill({ status: 200, headers, body: readFileSync(file) });
  });
  return true;
}

const KINDS: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};
