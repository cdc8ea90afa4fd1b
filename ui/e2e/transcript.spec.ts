import { join } from 'node:path';

import type { Daemon } from './rig/daemon';
import { figures, measure } from './rig/frames';
import { expect, test } from './rig/test';

/** With `RIPIENO_BENCH=1` the whole, by hand on a quiet machine: a minute of a thousand entries a second, and a hundred thousand of them. */
const WHOLE = process.env['RIPIENO_BENCH'] === '1';
const RATE = 1000;
const SECONDS = WHOLE ? 60 : 4;
const MANY = WHOLE ? 100_000 : 12_000;

test.use({ agent: join(import.meta.dirname, 'rig', 'talker.mjs') });
test.describe.configure({ timeout: WHOLE ? 900_000 : 180_000 });

function talk(daemon: Daemon, entries: number, rate: number): Promise<{ id: string; short_id: string; state: string }> {
  const prompt = `TALK:${entries}:${rate}`;
  return daemon.call('task.add', { title: 'A talker', prompt, agent: 'claude' });
}

test('stream_of_entries_is_shown_to_its_end_and_the_page_stays_usable', async ({ daemon, app: page }) => {
  const task = await talk(daemon, SECONDS * RATE, RATE);
  await page.goto(`${new URL(page.url()).origin}/#/tasks/${task.short_id}`);
  await page.getByRole('log').waitFor();
  await measure(page);
  // Typing while it talks: what is written arrives.
  const comment = page.getByRole('textbox', { name: 'Comment' });
  await comment.fill('Still here?');
  await expect(comment).toHaveValue('Still here?');
  const last = page.getByRole('log').getByText(`Said ${SECONDS * RATE}.`);
  await expect(last).toBeVisible({ timeout: (SECONDS + 30) * 1000 });
  await daemon.reaches(task, 'done');
  const found = await figures(page);
  process.stdout.write(`stream of ${RATE} entries/s for ${SECONDS} s: ${JSON.stringify(found)}\n`);
  // How much of it is drawn while it comes is for the benchmark to say: a busy machine opens the page late.
  if (WHOLE) expect(found.pixel?.lines).toBeGreaterThan(RATE);
  expect(found.frames).toBeGreaterThan(SECONDS);
});

test('long_transcript_opens_at_its_end_and_scrolls_to_its_beginning', async ({ daemon, app: page }) => {
  const task = await talk(daemon, MANY, 0);
  await daemon.reaches(task, 'done');
  await page.goto(`${new URL(page.url()).origin}/#/tasks/${task.short_id}`);
  const log = page.getByRole('log');
  await expect(log.getByText(`Said ${MANY}.`)).toBeVisible();
  await measure(page);
  // Up by pages, then to the very top and back, as fast as a hand can.
  await log.hover();
  for (let turn = 0; turn < 60; turn++) {
    await page.mouse.wheel(0, -600);
    await page.waitForFunction(() => new Promise((next) => requestAnimationFrame(() => next(true))));
  }
  await log.focus();
  await page.keyboard.press('Home');
  await expect(log.getByText(/entry 0 @/).first()).toBeVisible();
  for (let jump = 1; jump <= 40; jump++) {
    await log.evaluate((region, part) => region.scrollTo(0, region.scrollHeight * part), jump / 40);
    await page.waitForFunction(() => new Promise((next) => requestAnimationFrame(() => next(true))));
  }
  const found = await figures(page);
  process.stdout.write(`scrolling ${MANY} entries: ${JSON.stringify(found)}\n`);
  expect(found.frames).toBeGreaterThan(100);
  // Not all of it is in the page: a window of rows is.
  expect(await log.locator('> div > *').count()).toBeLessThan(200);
});

test('reader_who_scrolls_up_is_left_alone_and_told_what_is_new', async ({ daemon, app: page }) => {
  const task = await talk(daemon, 900, 90);
  await page.goto(`${new URL(page.url()).origin}/#/tasks/${task.short_id}`);
  const log = page.getByRole('log');
  await expect(async () => {
    expect(await log.evaluate((region) => region.scrollHeight - region.clientHeight)).toBeGreaterThan(900);
  }).toPass();
  await log.hover();
  await page.mouse.wheel(0, -400);
  const fresh = page.getByRole('button', { name: /^\d+ new$/ });
  await expect(fresh).toBeVisible();
  const held = await log.evaluate((region) => region.scrollTop);
  await expect(async () => {
    const [n = '0'] = /\d+/.exec((await fresh.textContent()) ?? '') ?? [];
    expect(Number(n)).toBeGreaterThan(60);
  }).toPass();
  expect(Math.abs((await log.evaluate((region) => region.scrollTop)) - held)).toBeLessThan(8);
  await fresh.click();
  await daemon.reaches(task, 'done');
  await expect(log.getByText('Said 900.')).toBeVisible();
  await expect(fresh).toHaveCount(0);
});
