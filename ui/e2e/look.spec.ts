import type { Locator, Page } from '@playwright/test';
import { expect, open, test } from './rig/test';

/** Whether two things on the screen cover each other. */
async function overlap(one: Locator, other: Locator): Promise<boolean> {
  const [a, b] = [await one.boundingBox(), await other.boundingBox()];
  if (!a || !b) throw new Error('one of them is not shown');
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

const slack = (page: Page): Promise<number> =>
  page.evaluate('document.scrollingElement.scrollHeight - window.innerHeight');

test('toast_covers_neither_the_comment_nor_the_buttons_wide_or_narrow', async ({ daemon, app }) => {
  const { short_id: id } = await daemon.script('Long', 'sleep 60');
  await open(app, `tasks/${id}`);
  const field = app.getByRole('textbox', { name: 'Comment' });
  await field.fill('first');
  await app.getByRole('button', { name: 'Send' }).click();
  const toast = app.getByText('Comment sent.');
  await expect(toast).toBeVisible();
  for (const [width, height] of [[1280, 800], [1000, 500], [380, 700]] as const) {
    await app.setViewportSize({ width, height });
    for (const used of [field, app.getByRole('button', { name: 'Send' }), app.getByRole('button', { name: /Cancel/ })]) {
      expect(await overlap(toast, used)).toBe(false);
    }
  }
});

test('window_itself_never_scrolls', async ({ app }) => {
  for (const address of ['settings', 'new', 'folders', 'tasks']) {
    await open(app, address);
    await expect(app.getByRole('heading', { level: 2 }).first()).toBeVisible();
    expect(await slack(app), address).toBe(0);
  }
});

test('settings_are_found_by_the_words_of_their_choices_and_rows_that_are_none_too', async ({ app }) => {
  await open(app, 'settings');
  const search = app.getByRole('searchbox', { name: 'Search settings' });
  await search.fill('light');
  await expect(app.getByLabel('Colours', { exact: true })).toBeVisible();
  await search.fill('starts a first task');
  await expect(app.getByRole('button', { name: 'Open the welcome' })).toBeVisible();
  await expect(app.getByRole('combobox')).toHaveCount(0);
});
