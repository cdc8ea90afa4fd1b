import { figures, measure } from './rig/frames';
import { expect, open, test } from './rig/test';

/** With `RIPIENO_BENCH=1` as many as a list is to hold, by hand on a quiet machine. */
const WHOLE = process.env['RIPIENO_BENCH'] === '1';
const MANY = WHOLE ? 10_000 : 400;
const AT_ONCE = 50;

test.describe.configure({ timeout: WHOLE ? 900_000 : 120_000 });

test('list_of_many_tasks_scrolls_from_end_to_end_with_a_window_of_rows', async ({ daemon, app: page }) => {
  await daemon.call('worker.pause', {});
  for (let n = 0; n < MANY; n += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, at) => `Task number ${n + at + 1}`);
    await Promise.all(some.map((title) => daemon.call('task.add', { title, prompt: 'true', piece: 'script' })));
  }
  await open(page, 'tasks');
  const list = page.getByRole('listbox');
  await expect(list.getByText(/^Task number \d+$/).first()).toBeVisible();
  // It is read page by page, as its end comes into sight.
  await expect(async () => {
    await list.evaluate((region) => region.scrollTo(0, region.scrollHeight));
    await expect(list.getByRole('option').last()).toHaveAttribute('aria-setsize', String(MANY), { timeout: 200 });
  }).toPass({ timeout: 60_000 });
  await list.evaluate((region) => region.scrollTo(0, 0));
  await measure(page);
  await list.hover();
  for (let turn = 0; turn < 60; turn++) {
    await page.mouse.wheel(0, 600);
    await page.waitForFunction(() => new Promise((next) => requestAnimationFrame(() => next(true))));
  }
  const jumps = 60;
  for (let jump = 0; jump <= jumps; jump++) {
    await list.evaluate((region, part) => region.scrollTo(0, region.scrollHeight * part), jump / jumps);
    await page.waitForFunction(() => new Promise((next) => requestAnimationFrame(() => next(true))));
  }
  const found = await figures(page);
  process.stdout.write(`scrolling ${MANY} tasks: ${JSON.stringify(found)}\n`);
  expect(found.frames).toBeGreaterThan(100);
  await expect(list.getByText(/^Task number \d+$/).first()).toBeVisible();
  // Not all of it is in the page: a window of rows is.
  expect(await list.getByRole('option').count()).toBeLessThan(150);
});
