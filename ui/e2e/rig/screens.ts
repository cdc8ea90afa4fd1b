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

/** Presses the primary button of the welcome some times: its steps have no address of their own. */
const step = (name: string, times: number): Screen => ({
  name,
  go: async (page) => {
    // Opened anew it begins at its first step.
    await open(page, 'agents');
    await settled(page);
    await open(page, 'welcome');
    for (let n = 0; n < times; n++) {
      await settled(page);
      await page.getByRole('main').locator('footer button').last().click();
    }
  },
});

/** What is there with nothing to show. */
export const EMPTY: Screen[] = [
  at('inbox', 'inbox'),
  at('tasks', 'tasks'),
  at('new', 'new'),
  at('agents', 'agents'),
  at('folders', 'folders'),
  step('welcome-1', 0),
  step('welcome-2', 1),
  step('welcome-task', 2),
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
  step('welcome-2', 1),
  step('welcome-3', 2),
  step('welcome-4', 3),
  step('welcome-5', 4),
];

/** Requests of a page that are not answered yet; those that wait for news on purpose are not counted. */
const pending = new WeakMap<Page, Set<Request>>();

function requests(page: Page): Set<Request> {
  const known = pending.get(page);
  if (known) return known;
  const open = new Set<Request>();
  pending.set(page, open);
  page.on('request', (request) => {
    const waits = request.url().includes('/events') || request.postData()?.includes('"follow":true');
    if (!waits) open.add(request);
  });
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
  return open;
}

/** Waits until the page stands still: every answer is there, and nothing has changed for a moment. */
export async function settled(page: Page): Promise<void> {
  const open = requests(page);
  const begin = Date.now();
  do {
    await page.evaluate(quiet);
  } while (open.size > 0 && Date.now() - begin < 10_000);
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
