import { findings } from './rig/axe';
import { repository, UNTIL_ENDED } from './rig/fill';
import { expect, open, test } from './rig/test';

test('folder_in_use_names_its_holder_and_who_waits_for_it', async ({ daemon, app }) => {
  const dir = daemon.folder('shop');
  const holder = await daemon.script('Build the shop', UNTIL_ENDED, { dir });
  await daemon.reaches(holder, 'running');
  const waiting = await daemon.script('Test the shop', 'true', { dir });

  await open(app, 'folders');
  const held = app.getByRole('region', { name: 'In use now' }).getByRole('listitem').filter({ hasText: dir });
  await expect(held).toContainText('One task waits for it');
  await expect(held.getByRole('link', { name: 'Test the shop' })).toHaveAttribute('href', `#/tasks/${waiting.short_id}`);
  await expect(held.getByRole('link', { name: 'Build the shop' })).toHaveAttribute('href', `#/tasks/${holder.short_id}`);

  await daemon.call('task.cancel', { ids: [holder.id] });
  await daemon.reaches(waiting, 'done');
  // Workers of other homes are listed beside it.
  await expect(held).toHaveCount(0);
});

test('folder_kept_for_an_answer_says_so', async ({ daemon, app }) => {
  const task = await daemon.script('Ask', "ripieno ask create --wait 0 --text 'Go on?' --option yes", {
    dir: daemon.folder('shop'),
  });
  await daemon.reaches(task, 'needs_input');
  await open(app, 'folders');
  await expect(app.getByText('until its question is answered')).toBeVisible();
});

test('new_task_in_a_recent_folder_begins_with_that_folder', async ({ daemon, app }) => {
  const dir = daemon.folder('shop');
  await daemon.ended('Earlier', 'true', { dir });
  await open(app, 'folders');
  await app.getByRole('button', { name: `New task in ${dir}` }).click();
  await expect(app).toHaveURL(/#\/new\?folder=/);
  expect(decodeURIComponent(new URL(app.url()).hash)).toContain(dir);
});

test('kept_folder_is_given_to_others_by_one_click', async ({ daemon, app }) => {
  const dir = daemon.folder('shop');
  const task = await daemon.script('Ask', "ripieno ask create --wait 0 --text 'Go on?' --option yes", { dir });
  await daemon.reaches(task, 'needs_input');
  const waiting = await daemon.script('Test the shop', 'true', { dir });
  await open(app, 'folders');
  await app.getByRole('button', { name: `Let others in: ${dir}` }).click();
  await daemon.reaches(waiting, 'done');
  const held = app.getByRole('region', { name: 'In use now' }).getByRole('listitem').filter({ hasText: dir });
  await expect(held).toHaveCount(0);
});

test('trust_of_a_folder_is_shown_taken_back_and_given', async ({ daemon, app }) => {
  const dir = daemon.folder('shop');
  await daemon.ended('Earlier', 'true', { dir });
  await open(app, 'folders');
  const project = app.getByRole('region', { name: 'Projects' }).getByRole('listitem').filter({ hasText: dir });
  await expect(project).toContainText('Trusted');
  await project.getByRole('button', { name: `Take trust back from ${dir}` }).click();
  await expect(project).toContainText('the next task there asks');
  await project.getByRole('button', { name: `Trust ${dir}` }).click();
  await expect(project).toContainText('Trusted');
});

test('space_is_shown_by_what_it_holds', async ({ daemon, app }) => {
  await daemon.ended('Earlier', 'true', { dir: daemon.folder('shop') });
  await open(app, 'folders');
  const space = app.getByRole('region', { name: 'Space' });
  await expect(space).toContainText('Database');
  await expect(space).toContainText('in use');
});

test('shared_clone_stays_while_a_checkout_needs_it_and_is_removed_by_one_click', async ({ daemon, app }) => {
  const used = `file://${repository(daemon, 'shop')}`;
  const unused = `file://${repository(daemon, 'api')}`;
  for (const url of [used, unused]) await daemon.call('repo.add', { url });
  await daemon.ended('Check the shop out', `ripieno repo checkout ${used}`);
  await open(app, 'folders');
  const clones = app.getByRole('region', { name: 'Shared repositories' });
  const kept = clones.getByRole('listitem').filter({ hasText: used });
  await expect(kept).toContainText('A checkout of a task needs it');
  await expect(kept.getByRole('button', { name: `Remove ${used}` })).toBeDisabled();
  await clones.getByRole('button', { name: `Remove ${unused}` }).click();
  await expect(clones.getByRole('listitem')).toHaveCount(1);
  expect(await daemon.call('repo.list')).toMatchObject({ repositories: [{ url: used }] });
  expect(await findings(app)).toEqual([]);
});
