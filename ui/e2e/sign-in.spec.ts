import { expect, signIn, test } from './rig/test';

test('address_opened_twice_serves_only_the_browser_that_was_first', async ({ browser, daemon, app }) => {
  await daemon.ended('A task of mine', 'echo done');
  await expect(app.getByText('A task of mine')).toBeVisible();

  const stranger = await browser.newContext();
  const page = await stranger.newPage();
  await signIn(page, daemon);
  await expect(page.getByText(/open the address/i).first()).toBeVisible();
  await expect(page.getByText('A task of mine')).toHaveCount(0);
  await stranger.close();
});
