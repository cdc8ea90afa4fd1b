import type { Task } from './rig/daemon';
import { repository } from './rig/fill';
import { expect, open, said, test } from './rig/test';

test.use({ welcome: true });

test.describe('with an agent', () => {
  test.use({ agent: true });

  test('first_opening_leads_to_a_first_task_in_the_chosen_folder', async ({ daemon, app }) => {
    const shop = repository(daemon, 'shop');
    const next = app.getByRole('button', { name: 'Continue' });
    await expect(app.getByText('Step 1 of')).toBeVisible();
    await next.click();
    await expect(app.getByRole('listitem').filter({ hasText: /Claude Code(?! by)/ })).toContainText('Ready');
    await next.click();

    const folder = app.getByLabel('Folder', { exact: true });
    await folder.fill('/');
    await expect(folder).toHaveAccessibleDescription(/^The root of the file system is no place for a task/);
    await expect(next).toBeDisabled();
    await folder.fill(`${shop}-that-is-not-there`);
    await expect(folder).toHaveAccessibleDescription(`There is no folder ${shop}-that-is-not-there. Create it first.`);
    await folder.fill(shop);
    await expect(folder).toHaveAccessibleDescription('Git repository, branch main');
    await next.click();

    await app.getByRole('radio', { name: 'For everything' }).check();
    await next.click();
    await expect(app.getByLabel('Task', { exact: true })).toHaveValue(/^Explain this repository/);
    await app.getByRole('button', { name: 'Start the first task' }).click();

    await expect(app).toHaveURL(/#\/tasks\/T-1$/);
    const task = await daemon.call<Task & { dir: string; title: string; approvals: string }>('task.show', { id: 'T-1' });
    expect(task).toMatchObject({ dir: shop, title: 'Explain this repository', approvals: 'ask_all' });
    await daemon.reaches(task, 'done');
  });
});

test('without_an_agent_the_first_task_is_the_script_that_looks_around', async ({ daemon, app }) => {
  await app.getByRole('button', { name: 'Continue' }).click();
  await expect(app.getByText('No agent is ready yet')).toBeVisible();
  await app.getByRole('button', { name: 'Continue' }).click();
  await app.getByRole('button', { name: 'Start the first task' }).click();
  await expect(app).toHaveURL(/#\/tasks\/T-1$/);
  const task = await daemon.call<Task>('task.show', { id: 'T-1' });
  await daemon.reaches(task, 'done');
});

test('welcome_that_was_skipped_stays_away_and_opens_again_from_the_settings', async ({ app }) => {
  await app.getByRole('button', { name: 'Skip the welcome' }).click();
  await expect(app).toHaveURL(/#\/tasks$/);
  await app.goto(new URL('/', app.url()).href);
  await expect(app.getByRole('main')).toBeVisible();
  await expect(said(app, 'Idle')).toBeVisible();
  await expect(app.getByText('Step 1 of')).toHaveCount(0);

  await open(app, 'settings');
  await app.getByRole('button', { name: 'Open the welcome' }).click();
  await expect(app.getByText('Step 1 of')).toBeVisible();
});

test('address_that_names_a_screen_is_not_taken_over_by_the_welcome', async ({ app }) => {
  await expect(app.getByText('Step 1 of')).toBeVisible();
  await app.goto(new URL('/#/agents', app.url()).href);
  await app.reload();
  await expect(app.getByRole('heading', { name: 'Agents' })).toBeVisible();
  await expect(app.getByText('Step 1 of')).toHaveCount(0);
});

test('language_chosen_in_the_welcome_speaks_at_once', async ({ app }) => {
  await app.getByLabel('Language', { exact: true }).selectOption('ja');
  await expect(app.getByRole('button', { name: '続ける' })).toBeVisible();
  await app.getByLabel('言語', { exact: true }).selectOption('zh-Hans');
  await expect(app.getByRole('button', { name: '继续' })).toBeVisible();
});
