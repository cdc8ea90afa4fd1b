import { render, screen } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { afterEach, describe, expect, it } from 'vitest';

import { agentName, agents } from '../src/agents/names.svelte';
import { aboutOf } from '../src/composer/pieces';
import type { Hold, Runtime, Setting } from '../src/host/types';
import Dialog from '../src/parts/Dialog.svelte';
import { fits, nameOf, saidOf } from '../src/settings/words';
import { holdText } from '../src/tasks/words';
import { LANGUAGES, words } from '../src/words';
import { bytes } from '../src/words/sizes';

afterEach(async () => {
  agents.know([]);
  await words.speak('en');
});

describe('a size', () => {
  it.each([
    ['en', 1, '1 byte'],
    ['en', 102, '102 bytes'],
    ['ja', 102, '102 バイト'],
    ['zh-Hans', 102, '102 字节'],
    ['en', 1024, '1 KiB'],
    ['ja', 1.5 * 2 ** 20, '1.5 MiB'],
    ['en', 10 * 2 ** 30, '10 GiB'],
    ['en', 5000 * 2 ** 30, '5,000 GiB'],
  ] as const)('in_%s_of_%d_bytes_is_%s', async (language, size, text) => {
    await words.speak(language);
    expect(bytes(size)).toBe(text);
  });
});

describe('a reason to wait', () => {
  const holds = [
    { kind: 'directory', text: '', path: '/srv/notes', holder: 'T-2' },
    { kind: 'dependency', text: '', task: 'T-2' },
    { kind: 'thread', text: '', task: 'T-2' },
  ] as unknown as Hold[];

  it.each(['ja', 'zh-Hans'] as const)('in_%s_has_no_space_beside_quotes_and_one_beside_ids', async (language) => {
    await words.speak(language);
    for (const hold of holds) {
      expect(holdText(hold, 0, () => 'Nightly sleep')).not.toMatch(/\s[「“]|[」”]\s/);
      const bare = holdText(hold, 0);
      expect(bare).toMatch(/(^| )T-2( |$)/);
      expect(bare).toBe(bare.trim());
    }
  });
});

describe('what is built in', () => {
  it.each(LANGUAGES)('is_told_in_%s_and_what_is_not_in_its_own_words', async (language) => {
    await words.speak(language);
    const solo = { name: 'solo', summary: 'the worker’s words' };
    expect(aboutOf({ ...solo, origin: 'built_in' })).not.toBe(solo.summary);
    expect(aboutOf({ ...solo, origin: 'project' })).toBe(solo.summary);
    expect(aboutOf({ ...solo, name: 'newer', origin: 'built_in' })).toBe(solo.summary);
    expect(agentName({ kind: 'newer', name: 'Newer' })).toBe('Newer');
  });

  it('agent_by_its_adapter_is_called_so_in_japanese', async () => {
    await words.speak('ja');
    expect(agentName({ kind: 'claude-acp', name: 'Claude Code by its adapter' })).toBe('Claude Code（アダプター経由）');
  });
});

describe('the search of the settings', () => {
  const theme = {
    key: 'desktop.theme',
    kind: { type: 'word', words: ['system', 'light', 'dark', 'contrast'] },
  } as Setting;
  const slots = { key: 'lanes.claude:default.slots', kind: { type: 'count', min: 0, max: 64 } } as Setting;

  it.each(['light', 'high contrast', 'colours', 'desktop.theme', ''])('finds_colours_by_%j', (wanted) => {
    expect(fits(wanted, ...saidOf(theme))).toBe(true);
  });

  it('finds_nothing_by_what_is_not_said', () => {
    expect(fits('light bulb', ...saidOf(theme))).toBe(false);
  });

  it('calls_lanes_by_the_name_of_their_agent', () => {
    expect(nameOf(slots)).toBe('Tasks at once in claude:default');
    agents.know([{ kind: 'claude', name: 'Claude Code' } as Runtime]);
    expect(nameOf(slots)).toBe('Tasks at once in Claude Code');
    expect(agents.lane('claude:work')).toBe('Claude Code · work');
    expect(agents.lane('shell')).toBe('Scripts');
  });
});

describe('a dialog', () => {
  const html = (text: string) => createRawSnippet(() => ({ render: () => text }));
  const show = (children: string, actions?: string): void => {
    render(Dialog, {
      title: 'Sure?',
      onclose: () => undefined,
      children: html(children),
      ...(actions && { actions: html(actions) }),
    });
  };

  it('begins_on_the_button_that_changes_nothing', () => {
    show('<p>It cannot be taken back.</p>', '<span><button>Keep</button><button>Delete</button></span>');
    expect(document.activeElement).toBe(screen.getByText('Keep'));
  });

  it('begins_in_its_first_field', () => {
    show('<p><input aria-label="Why" /></p>', '<button>Keep</button>');
    expect(document.activeElement).toBe(screen.getByLabelText('Why'));
  });

  it('with_neither_marks_no_button', () => {
    show('<p>Only words.</p>');
    expect(document.activeElement).toBe(screen.getByRole('dialog', { hidden: true }));
  });
});
