import type { Page } from '@playwright/test';
import type { Task } from './rig/daemon';
import { expect, open, test } from './rig/test';

const row = (app: Page, section: string, name: string | RegExp) =>
  app.getByRole('region', { name: section }).getByRole('listitem').filter({ hasText: name });

test('agent_installed_meanwhile_is_found_by_looking_again', async ({ daemon, app }) => {
  await open(app, 'agents');
  const claude = row(app, 'Found on this computer', /Claude Code(?! by)/);
  await expect(claude).toContainText('Not installed');
  await expect(row(app, 'Lanes', 'Claude Code')).toHaveCount(0);

  daemon.install();
  await app.getByRole('button', { name: 'Look again' }).click();
  await expect(claude).toContainText('Ready');
  await expect(claude).toContainText('2.1.197');
  await expect(claude).toContainText('/bin/claude');
  await expect(row(app, 'Lanes', 'Claude Code')).toContainText('0 of 2 at work');
});

test.describe('with an agent', () => {
  test.use({ agent: true });

  test('held_lane_says_until_when_and_why_and_is_released_by_the_button', async ({ daemon, app }) => {
    const task = await daemon.call<Task>('task.add', { prompt: 'FAKE1:limit', agent: 'claude' });
    await daemon.laneHeld('claude:default');
    await open(app, 'agents');
    const lane = row(app, 'Lanes', 'Claude Code');
    await expect(lane).toContainText(/Held until \d\d:\d\d/);

    await lane.getByRole('button', { name: 'Release Claude Code' }).click();
    await expect(lane).toContainText('Open');
    await expect(lane.getByRole('button')).toHaveCount(0);
    await daemon.reaches(task, 'done');
  });
});
