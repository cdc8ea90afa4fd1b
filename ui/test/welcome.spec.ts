import { afterEach, describe, expect, it } from 'vitest';

import type { Setting } from '../src/host/types';
import { Feed } from '../src/state/feed.svelte';
import { Settings } from '../src/state/settings.svelte';
import { Tour } from '../src/welcome/tour.svelte';
import { words } from '../src/words';
import { ScriptedHost, task } from './fixtures';

afterEach(() => words.speak('en'));

describe('welcome', () => {
  it.each(['en', 'ja', 'zh-Hans'] as const)('first_task_without_an_agent_speaks_%s_as_the_window_does', async (language) => {
    const host = new ScriptedHost({
      'task.add': () => ({ ...task(1), existing: false }),
      'config.set': () => ({ setting: {} as Setting, changed: [] }),
    });
    await words.speak(language);
    await new Tour(host, new Settings(host, new Feed(host))).begin();
    const [added] = host.sent('task.add') as { prompt: string; piece: string }[];
    expect(added?.piece).toBe('script');
    expect(added?.prompt.startsWith(`language=${language}\n#!/bin/sh`)).toBe(true);
  });
});
