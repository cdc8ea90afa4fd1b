import type { Page } from '@playwright/test';
import { expect, open, test } from './rig/test';

/** What that can be pressed or written in lies under the toast; asked in one step, since a toast goes by itself. */
const covered = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const toast = document.querySelector('.toast');
    if (!toast) return ['there is no toast'];
    const a = toast.getBoundingClientRect();
    const used = [...document.querySelectorAll<HTMLElement>('button, a, input, textarea, select')];
    return used
      .filter((each) => !toast.contains(each) && each.checkVisibility({ visibilityProperty: true }))
      .filter((each) => {
        const b = each.getBoundingClientRect();
        return b.width > 0 && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      })
      .map((each) => each.textContent || each.tagName);
  });

const slack = (page: Page): Promise<number> =>
  page.evaluate(() => (document.scrollingElement?.scrollHeight ?? 0) - window.innerHeight);

for (const [width, height] of [[1280, 800], [1000, 560], [380, 700]] as const) {
  test(`toast_covers_nothing_that_is_used_at_${width}_by_${height}`, async ({ daemon, app }) => {
    const { short_id: id } = await daemon.script('Long', 'sleep 60');
    await app.setViewportSize({ width, height });
    await open(app, `tasks/${id}`);
    await app.getByRole('textbox', { name: 'Comment' }).fill('first');
    await app.getByRole('button', { name: 'Send' }).click();
    await expect(app.getByText('Comment sent.')).toBeVisible();
    expect(await covered(app)).toEqual([]);
  });
}

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
