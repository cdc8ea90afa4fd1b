import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import Ripieno from '../src/App.svelte';
import type { Grant } from '../src/host/types';
import { App } from '../src/state/app';
import { ScriptedHost, snapshot } from './fixtures';

const patience = { timeout: 30_000 };
vi.setConfig({ testTimeout: 90_000 });

const GRANT: Grant = {
  id: 'G-3',
  project: '/home/ada/shop',
  text: 'Claude wants to run this command:\nnpm test',
  ask: 'A-9',
  by: 'window',
  at: '2026-11-20T09:00:00Z',
  fired: 4,
  fired_at: '2026-11-20T09:50:00Z',
  revoked_at: null,
};

describe('folders', () => {
  beforeEach(() => localStorage.clear());

  it('standing_grant_says_how_often_it_was_used_and_is_taken_back', async () => {
    let grants = [GRANT];
    const host = new ScriptedHost({
      'events.subscribe': () => snapshot({}),
      'lock.list': () => ({ locks: [] }),
      'folder.recent': () => ({ folders: [] }),
      'task.list': () => ({ tasks: [], next: null }),
      'project.list': () => ({ projects: [] }),
      'grant.list': () => ({ grants }),
      'grant.revoke': () => {
        grants = [];
        return GRANT;
      },
    });
    window.location.hash = '#/folders';
    render(Ripieno, { app: new App(host) });
    const section = await screen.findByRole('region', { name: 'Standing grants' }, patience);
    const take = await within(section).findByRole('button', { name: 'Take G-3 back' }, patience);
    expect(section.textContent).toContain('npm test');
    expect(section.textContent).toMatch(/used 4 times/);
    await userEvent.click(take);
    await within(section).findByText(/Nothing stands/, {}, patience);
    expect(host.sent('grant.revoke')).toEqual([{ id: 'G-3' }]);
  });
});
