import { render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { expect, it, vi } from 'vitest';

import Ripieno from '../src/App.svelte';
import type { Setting } from '../src/host/types';
import { App } from '../src/state/app';
import { PATIENT, ScriptedHost } from './fixtures';

vi.setConfig({ testTimeout: 90_000 });

function setting(key: string): Setting {
  const kind = { type: 'text' as const };
  return { key, value: '""', origin: 'default', default: '""', kind, about: '', section: '', changed: false };
}

it('section_takes_the_focus_when_its_address_is_opened_and_not_when_a_setting_changes', async () => {
  const host = new ScriptedHost({
    'config.show': () => ({ settings: [setting('desktop.one'), setting('notify.two')] }),
  });
  const app = new App(host);
  window.location.hash = '#/settings/notify';
  render(Ripieno, { app });
  const search = await screen.findByRole('searchbox', {}, PATIENT);
  await expect.poll(() => document.activeElement?.id, PATIENT).toBe('settings-notify');
  search.focus();
  await app.settings.refresh();
  await tick();
  expect(document.activeElement).toBe(search);
  app.router.go('settings', 'general');
  await expect.poll(() => document.activeElement?.id, PATIENT).toBe('settings-general');
});
