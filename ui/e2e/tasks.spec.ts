import type { Page, Request } from '@playwright/test';
import type { Task } from './rig/daemon';
import { UNTIL_ENDED } from './rig/fill';
import { expect, open, test } from './rig/test';

const row = (app: Page, title: string) =>
  app.getByRole('option').filter({ has: app.getByText(title, { exact: true }) });

test('task_is_composed_submitted_by_key_and_watched_until_it_is_done', async ({ daemon, app }) => {
  const dir = daemon.folder('shop');
  await open(app, 'inbox');
  await app.getByRole('link', { name: 'New task' }).or(app.getByRole('button', { name: 'New task' })).first().click();
  const prompt = app.getByRole('textbox', { name: 'What is to be done' });
  await expect(prompt).toBeFocused();
  await prompt.fill('echo begun; until [ -e go ]; do sleep 0.2; done; echo the gate was open');
  await app.getByLabel('Folder', { exact: true }).fill(dir);
  await app.getByLabel('Piece').selectOption('script');
  await prompt.press('Control+Enter');

  await expect(app).toHaveURL(/#\/tasks\/T-1$/);
  const detail = app.getByRole('article');
  await expect(detail.getByText('Running', { exact: true })).toBeVisible();
  await expect(detail.getByText('begun').last()).toBeVisible();
  await daemon.script('opens the gate', `touch '${dir}/go'`);
  await expect(detail.getByText('the gate was open').last()).toBeVisible();
  await expect(detail.getByText('Done', { exact: true })).toBeVisible();
});

test('running_task_is_cancelled_by_key_after_a_word_of_confirmation', async ({ daemon, app }) => {
  const task = await daemon.script('Goes on', UNTIL_ENDED);
  await daemon.reaches(task, 'running');
  await open(app, `tasks/${task.short_id}`);
  await expect(app.getByRole('article').getByText('Running', { exact: true })).toBeVisible();
  await app.keyboard.press('x');
  const dialog = app.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await app.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  expect(await daemon.call<Task>('task.show', { id: task.id })).toMatchObject({ state: 'running' });

  await app.keyboard.press('x');
  await dialog.getByRole('button', { name: /^Cancel task/ }).click();
  await daemon.reaches(task, 'cancelled');
  await expect(app.getByRole('article').getByText('Cancelled', { exact: true })).toBeVisible();
});

test('search_and_filters_leave_only_what_matches', async ({ daemon, app }) => {
  await daemon.ended('Fix the login', 'true', { labels: ['login'] });
  await daemon.ended('Release the build', 'exit 3', { max_tries: 1 });
  await daemon.ended('ドキュメントを直す', 'true');
  await open(app, 'tasks');
  const search = app.getByRole('textbox', { name: /^Search, or/ });
  await app.getByRole('main').click({ position: { x: 5, y: 5 } });
  await app.keyboard.press('/');
  await expect(search).toBeFocused();
  await search.fill('login');
  await expect(row(app, 'Fix the login')).toBeVisible();
  await expect(row(app, 'Release the build')).toHaveCount(0);
  await search.fill('ドキュメント');
  await expect(row(app, 'ドキュメントを直す')).toBeVisible();
  await expect(row(app, 'Fix the login')).toHaveCount(0);
  await search.fill('state:failed');
  await expect(row(app, 'Release the build')).toBeVisible();
  await expect(row(app, 'ドキュメントを直す')).toHaveCount(0);
  await app.getByRole('button', { name: 'Remove the filter state:failed' }).click();
  await expect(row(app, 'Fix the login')).toBeVisible();
});

test('every_waiting_task_says_what_it_waits_for', async ({ daemon, app }) => {
  const dir = daemon.folder('shop');
  const holder = await daemon.script('Builds', UNTIL_ENDED, { dir });
  await daemon.reaches(holder, 'running');
  const held = await daemon.script('Tests', 'true', { dir });
  await daemon.script('Publishes', 'true', { depends_on: [held.id] });
  await daemon.script('Cleans up', 'true', { not_before: 'tomorrow 09:00' });
  const paused = await daemon.script('Measures', 'true', { dir });
  await daemon.call('task.pause', { ids: [paused.id] });
  await open(app, 'tasks');
  await expect(row(app, 'Tests')).toContainText('Waiting for the folder shop, held by “Builds”');
  await expect(row(app, 'Publishes')).toContainText('“Tests” must be done first');
  await expect(row(app, 'Cleans up')).toContainText(/Starts at .*09:00/);
  await expect(row(app, 'Measures')).toContainText('Paused');

  await daemon.call('config.set', { key: 'slots', value: '1' });
  await daemon.script('Waits for room', 'true');
  await expect(row(app, 'Waits for room')).toContainText('All slots are taken (1 of 1)');
  await daemon.call('worker.pause');
  await expect(row(app, 'Waits for room')).toContainText('The worker is paused');
});

test('unfinished_tasks_are_looked_at_one_after_the_other_however_many', async ({ daemon, app }) => {
  // More than a browser has connections to one host: whoever waits for news keeps one.
  const waiting = new Set<Request>();
  app.on('request', (request) => request.postData()?.includes('"follow":true') && waiting.add(request));
  app.on('requestfinished', (request) => waiting.delete(request));
  app.on('requestfailed', (request) => waiting.delete(request));
  const dir = daemon.folder('shop');
  const holder = await daemon.script('Builds', UNTIL_ENDED, { dir });
  await daemon.reaches(holder, 'running');
  for (let n = 1; n <= 9; n++) {
    const { short_id } = await daemon.script(`Tests ${n}`, 'true', { dir });
    await open(app, `tasks/${short_id}`);
    await expect(app.getByRole('article').getByRole('heading', { name: `Tests ${n}` })).toBeVisible();
    await expect(app.getByText('Nothing has been said yet.')).toBeVisible();
    await expect.poll(() => waiting.size).toBe(1);
  }
});

test('failed_task_says_why_and_is_retried_by_key', async ({ daemon, app }) => {
  const dir = daemon.folder('shop');
  const task = await daemon.ended('Signs the build', 'test -e key || { echo "no key" >&2; exit 3; }', { dir, max_tries: 1 });
  await open(app, `tasks/${task.short_id}`);
  await expect(app.getByRole('article').getByText('no key').first()).toBeVisible();
  await daemon.ended('Brings the key', `touch '${dir}/key'`);
  await app.keyboard.press('t');
  await daemon.reaches(task, 'done');
  await expect(app.getByRole('article').getByText('Done', { exact: true })).toBeVisible();
});

test('comment_on_an_ended_task_starts_a_follow_up', async ({ daemon, app }) => {
  const task = await daemon.ended('Builds', 'echo built');
  await open(app, `tasks/${task.short_id}`);
  await app.getByLabel('Follow-up').fill('echo once more');
  await app.getByRole('button', { name: 'Start follow-up' }).click();
  await expect(async () => {
    expect((await daemon.call<{ tasks: Task[] }>('task.list')).tasks).toHaveLength(2);
  }).toPass();
});
