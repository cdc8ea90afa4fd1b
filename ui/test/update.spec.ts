import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import Ripieno from '../src/App.svelte';
import { HostError } from '../src/host';
import type { Setting, Update } from '../src/host/types';
import { App } from '../src/state/app';
import { ScriptedHost } from './fixtures';

function update(part: Partial<Update> = {}): Update {
  return {
    phase: 'idle',
    current: '0.1.0',
    version: null,
    received: null,
    total: null,
    waits_for: 0,
    now: false,
    skipped: null,
    trouble: null,
    looked_at: '2026-11-20T09:00:00Z',
    next_look: null,
    notes: null,
    last: null,
    ...part,
  };
}

const setting: Setting = {
  key: 'update.when_idle',
  value: 'true',
  origin: 'default',
  default: 'true',
  kind: { type: 'bool' },
  about: '',
  section: 'update',
  changed: false,
};

/** The settings of a worker whose updater is as given. */
function open(seen: Update, more: ConstructorParameters<typeof ScriptedHost>[0] = {}): ScriptedHost {
  const host = new ScriptedHost({
    'config.show': () => ({ settings: [setting] }),
    'update.status': () => seen,
    ...more,
  });
  render(Ripieno, { app: new App(host) });
  return host;
}

describe('updates', () => {
  beforeEach(() => {
    window.location.hash = '#/settings/update';
  });

  it('newest_version_says_so_and_can_look_again', async () => {
    const ready = update({ phase: 'ready', version: '0.2.0', waits_for: 2 });
    const host = open(update(), { 'update.check': () => ready });
    expect(await screen.findByText('Up to date.')).toBeTruthy();
    host.script({ 'update.status': () => ready });
    await userEvent.click(screen.getByRole('button', { name: 'Look now' }));
    expect(host.sent('update.check')).toHaveLength(1);
    expect(await screen.findByText('0.2.0 is ready and waits for 2 tasks.')).toBeTruthy();
  });

  it('ready_version_is_installed_now_or_skipped', async () => {
    const ready = update({ phase: 'ready', version: '0.2.0', waits_for: 1 });
    const host = open(ready, {
      'update.now': () => ({ ...ready, now: true }),
      'update.skip': () => update({ skipped: '0.2.0' }),
    });
    expect(await screen.findByText('0.2.0 is ready and waits for 1 task.')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Update now' }));
    expect(host.sent('update.now')).toHaveLength(1);
    expect(await screen.findByRole('button', { name: 'When idle' })).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Skip this version' }));
    expect(await screen.findByText('0.2.0 is skipped.')).toBeTruthy();
  });

  it('undone_update_says_why', async () => {
    const last = { version: '0.3.0', previous: '0.1.0', at: '2026-11-20T09:00:00Z', undone: 'it exited' };
    open(update({ last }));
    expect(await screen.findByText(/update to 0.3.0 was undone.*it exited/)).toBeTruthy();
  });

  it('refusal_is_shown_beside_the_button', async () => {
    open(update(), {
      'update.check': () => {
        throw new HostError('not_possible_now', 'an update is being installed');
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Look now' }));
    expect(await screen.findByText('an update is being installed')).toBeTruthy();
  });
});
