import { expect, said, signIn, test } from './rig/test';

test('address_opened_twice_serves_only_the_browser_that_was_first', async ({ browser, daemon, app }) => {
  await expect(said(app, 'Idle')).toBeVisible();

  const stranger = await browser.newContext();
  const page = await stranger.newPage();
  await signIn(page, daemon);
  await expect(page.getByRole('alert')).toContainText('not signed in');
  await expect(said(page, 'Idle')).toHaveCount(0);
  await stranger.close();

  await app.reload();
  await expect(said(app, 'Idle')).toBeVisible();
});

test('worker_that_has_gone_is_said_and_the_tasks_called_safe', async ({ daemon, app }) => {
  await expect(said(app, 'Idle')).toBeVisible();
  await daemon.stop();
  await expect(app.getByRole('alert')).toContainText('safe on disk');
  await expect(said(app, 'Worker stopped')).toBeVisible();
});
