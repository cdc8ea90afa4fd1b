import { expect, signIn, test } from './rig/test';

test('address_opened_twice_serves_only_the_browser_that_was_first', async ({ browser, daemon, app }) => {
  await expect(app.getByText('Idle')).toBeVisible();

  const stranger = await browser.newContext();
  const page = await stranger.newPage();
  await signIn(page, daemon);
  await expect(page.getByRole('alert')).toContainText('not signed in');
  await expect(page.getByText('Idle')).toHaveCount(0);
  await stranger.close();

  await app.reload();
  await expect(app.getByText('Idle')).toBeVisible();
});

test('worker_that_has_gone_is_said_and_the_tasks_called_safe', async ({ daemon, app }) => {
  await expect(app.getByText('Idle')).toBeVisible();
  await daemon.stop();
  await expect(app.getByRole('alert')).toContainText('safe on disk');
  await expect(app.getByText('Worker stopped')).toBeVisible();
});
