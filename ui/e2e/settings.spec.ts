import { expect, open, said, test } from './rig/test';

test('setting_is_saved_at_once_marked_kept_over_a_reload_and_reset', async ({ daemon, app }) => {
  await open(app, 'settings');
  const slots = app.getByLabel('Tasks at once', { exact: true });
  await expect(slots).toHaveValue('4');
  await slots.fill('6');
  await slots.press('Enter');
  const reset = app.getByRole('button', { name: 'Reset “Tasks at once” to 4' });
  await expect(reset).toBeVisible();
  expect(await daemon.call('config.get', { key: 'slots' })).toMatchObject({ value: '6' });

  await app.reload();
  await expect(slots).toHaveValue('6');
  await reset.click();
  await expect(slots).toHaveValue('4');
  await expect(reset).toHaveCount(0);
});

test('value_that_is_not_allowed_is_explained_beside_the_field_and_changes_nothing', async ({ daemon, app }) => {
  await open(app, 'settings');
  const slots = app.getByLabel('Tasks at once', { exact: true });
  await slots.fill('900');
  await slots.press('Enter');
  await expect(slots).toHaveAccessibleDescription(/from 1 to 64/);
  await expect(slots).toHaveAttribute('aria-invalid', 'true');

  const pause = app.getByLabel('First pause before a retry', { exact: true });
  await pause.fill('a while');
  await pause.press('Enter');
  await expect(pause).toHaveAccessibleDescription(/Not saved/);
  expect(await daemon.call('config.get', { key: 'retry.base' })).toMatchObject({ value: '1.5s' });

  await pause.fill('3s');
  await pause.blur();
  await expect(pause).not.toHaveAttribute('aria-invalid');
  expect(await daemon.call('config.get', { key: 'retry.base' })).toMatchObject({ value: '3s' });
});

test('language_theme_and_density_change_without_a_reload', async ({ app }) => {
  await open(app, 'settings');
  await app.evaluate('window.loadedOnce = true');
  await app.getByLabel('Language', { exact: true }).selectOption('ja');
  await expect(app.getByRole('heading', { name: '設定' })).toBeVisible();
  await expect(app.locator('html')).toHaveAttribute('lang', 'ja');
  await app.getByLabel('言語', { exact: true }).selectOption('zh-Hans');
  await expect(app.getByRole('heading', { name: '设置' })).toBeVisible();
  await app.getByLabel('语言', { exact: true }).selectOption('en');

  await app.getByLabel('Colours', { exact: true }).selectOption('dark');
  await expect(app.locator('body')).toHaveCSS('background-color', 'rgb(22, 22, 22)');
  await app.getByLabel('Colours', { exact: true }).selectOption('light');
  await expect(app.locator('body')).toHaveCSS('background-color', 'rgb(251, 251, 250)');
  await app.getByLabel('Row height', { exact: true }).selectOption('compact');
  await expect(app.locator('html')).toHaveAttribute('data-density', 'compact');
  expect(await app.evaluate('window.loadedOnce')).toBe(true);
});

test('search_finds_by_word_and_key_and_says_when_nothing_matches', async ({ app }) => {
  await open(app, 'settings');
  const search = app.getByRole('searchbox', { name: 'Search settings' });
  await search.fill('quiet');
  await expect(app.getByRole('switch')).toHaveCount(1);
  await search.fill('retry.tries');
  await expect(app.getByLabel('Tries in all', { exact: true })).toBeVisible();
  await search.fill('no such thing');
  await expect(said(app, 'No setting matches “no such thing”.')).toBeVisible();
  await app.getByRole('button', { name: 'Show all settings' }).click();
  await expect(app.getByLabel('Tasks at once', { exact: true })).toBeVisible();
});

test('quiet_hours_are_two_times_and_a_switch', async ({ daemon, app }) => {
  await open(app, 'settings/notify');
  const quiet = app.getByRole('switch', { name: 'Quiet hours' });
  await expect(quiet).toHaveAttribute('aria-checked', 'false');
  await quiet.click();
  await app.getByLabel('From', { exact: true }).fill('23:30');
  await expect(async () => {
    expect(await daemon.call('config.get', { key: 'notify.quiet' })).toMatchObject({ value: '23:30-07:00' });
  }).toPass();
  await quiet.click();
  await expect(app.getByLabel('From', { exact: true })).toHaveCount(0);
});

test('change_made_by_the_command_is_seen_without_a_reload', async ({ daemon, app }) => {
  await open(app, 'settings');
  await expect(app.getByLabel('Tasks at once', { exact: true })).toHaveValue('4');
  await daemon.call('config.set', { key: 'slots', value: '9' });
  await expect(app.getByLabel('Tasks at once', { exact: true })).toHaveValue('9');
});

test('page_in_a_browser_offers_nothing_that_only_the_application_can_do', async ({ app }) => {
  await open(app, 'settings');
  await expect(app.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await expect(app.getByText('Start at login')).toHaveCount(0);
  await expect(app.getByText('Test notification')).toHaveCount(0);
});
