import type { Page, Request } from '@playwright/test';
import type { Filled } from './fill';
import { open } from './test';

/** A screen in a state worth looking at, and how one gets there. */
export interface Screen {
  name: string;
  go: (page: Page, filled: Filled) => Promise<void>;
}

const at = (name: string, address: string | ((filled: Filled) => string)): Screen => ({
  name,
  go: (page, filled) => open(page, typeof address === 'string' ? address : address(filled)),
});

/** The welcome at its first step, whatever step it was left at. */
const welcome = (name: string): Screen => ({
  name,
  go: async (page) => {
    await open(page, 'agents');
    await settled(page);
    await open(page, 'welcome');
  },
});

/** The next step of the welcome, which has no address of its own: stands behind the step before. */
const next = (name: string): Screen => ({
  name,
  go: (page) => page.getByRole('main').locator('footer button').last().click(),
});

/** What is there with nothing to show. */
export const EMPTY: Screen[] = [
  at('inbox', 'inbox'),
  at('tasks', 'tasks'),
  at('new', 'new'),
  at('agents', 'agents'),
  at('folders', 'folders'),
  welcome('welcome-1'),
  next('welcome-2'),
  next('welcome-task'),
];

/** Every screen of a worker with much to show. */
export const FULL: Screen[] = [
  at('inbox', 'inbox'),
  at('inbox-ask', 'inbox/A-2'),
  at('inbox-settled', 'inbox/A-99'),
  at('tasks', 'tasks'),
  at('task-done', ({ done }) => `tasks/${done.short_id}`),
  at('task-changes', ({ done }) => `tasks/${done.short_id}/changes`),
  at('task-output', ({ done }) => `tasks/${done.short_id}/output`),
  at('task-run', ({ done }) => `tasks/${done.short_id}/run`),
  at('task-running', ({ running }) => `tasks/${running.short_id}`),
  at('task-failed', ({ failed }) => `tasks/${failed.short_id}`),
  at('task-asking', ({ asking }) => `tasks/${asking.short_id}`),
  at('task-held', ({ held }) => `tasks/${held.short_id}`),
  at('new', 'new?title=Explain%20this&folder=%2Ftmp'),
  at('agents', 'agents'),
  at('folders', 'folders'),
  at('settings', 'settings'),
  at('settings-notify', 'settings/notify'),
  welcome('welcome-1'),
  next('welcome-2'),
  next('welcome-3'),
  next('welcome-4'),
  next('welcome-5'),
];

/** What a page has asked for: how often, and what is not answered yet. What waits for news on purpose is not counted. */
interface Asked {
  times: number;
  open: Set<Request>;
}

const asked = new WeakMap<Page, Asked>();

function requests(page: Page): Asked {
  const known = asked.get(page);
  if (known) return known;
  const fresh: Asked = { times: 0, open: new Set() };
  asked.set(page, fresh);
  page.on('request', (request) => {
    if (request.url().includes('/events') || request.postData()?.includes('"follow":true')) return;
    fresh.times += 1;
    fresh.open.add(request);
  });
  page.on('requestfinished', (request) => fresh.open.delete(request));
  page.on('requestfailed', (request) => fresh.open.delete(request));
  return fresh;
}

/** Waits until the page stands still: it has asked nothing, nothing is unanswered, and nothing changed for a moment. */
export async function settled(page: Page): Promise<void> {
  const made = requests(page);
  const begin = Date.now();
  let before: number;
  do {
    before = made.times;
    await page.evaluate(quiet);
  } while ((made.open.size > 0 || made.times > before) && Date.now() - begin < 5000);
}

async function quiet(): Promise<void> {
  const QUIET = 120;
  const LONGEST = 3000;
  const begin = performance.now();
  let last = begin;
  const watch = new MutationObserver(() => (last = performance.now()));
  watch.observe(document.body, { subtree: true, childList: true, attributes: true });
  const still = (): boolean =>
    performance.now() - last > QUIET && document.querySelector('main [aria-busy=true]') === null;
  while (!still() && performance.now() - begin < LONGEST) {
    await new Promise((next) => setTimeout(next, 25));
  }
  watch.disconnect();
}
