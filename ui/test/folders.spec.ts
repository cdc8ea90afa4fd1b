import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import Ripieno from '../src/App.svelte';
import type { Grant, Repository } from '../src/host/types';
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

const CLONE: Repository = {
  url: 'https://example.invalid/shop.git',
  bytes: 3 * 1024 * 1024,
  fetched_at: '2026-11-20T09:00:00Z',
  used_at: '2026-11-20T09:50:00Z',
  checkouts: [],
};
const BORROWED: Repository = { ...CLONE, url: 'https://example.invalid/api.git', checkouts: ['/tasks/1/workspace/api'] };

/** What every look at the screen asks for, with nothing there. */
const EMPTY = {
  'events.subscribe': () => snapshot({}),
  'lock.list': () => ({ locks: [] }),
  'folder.recent': () => ({ folders: [] }),
  'task.list': () => ({ tasks: [], next: null }),
  'project.list': () => ({ projects: [] }),
  'grant.list': () => ({ grants: [] }),
  'repo.list': () => ({ repositories: [] }),
};

describe('folders', () => {
  beforeEach(() => localStorage.clear());

  it('standing_grant_says_how_often_it_was_used_and_is_taken_back', async () => {
    let grants = [GRANT];
    const host = new ScriptedHost({
      ...EMPTY,
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

  it('shared_clone_says_what_it_takes_and_goes_unless_a_checkout_needs_it', async () => {
    let repositories = [BORROWED, CLONE];
    const host = new ScriptedHost({
      ...EMPTY,
      'repo.list': () => ({ repositories }),
      'repo.remove': ({ url }) => {
        repositories = repositories.filter((known) => known.url !== url);
        return { removed: url };
      },
    });
    window.location.hash = '#/folders';
    render(Ripieno, { app: new App(host) });
    const section = await screen.findByRole('region', { name: 'Shared repositories' }, patience);
    const remove = await within(section).findByRole('button', { name: `Remove ${CLONE.url}` }, patience);
    expect(section.textContent).toMatch(/3 MiB.*fetched.*Last used/s);
    expect(within(section).getByText('A checkout of a task needs it, so it stays.')).toBeTruthy();
    const kept = within(section).getByRole('button', { name: `Remove ${BORROWED.url}` });
    expect((kept as HTMLButtonElement).disabled).toBe(true);
    await userEvent.click(remove);
    await vi.waitFor(() => expect(within(section).queryByText(CLONE.url)).toBeNull(), patience);
    expect(within(section).getByText(BORROWED.url)).toBeTruthy();
    expect(host.sent('repo.remove')).toEqual([{ url: CLONE.url }]);
  });
});
