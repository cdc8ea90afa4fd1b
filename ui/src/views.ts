import type { Component } from 'svelte';

import InboxView from './asks/InboxView.svelte';
import TaskList from './tasks/TaskList.svelte';

export type Screen = Component<Record<string, unknown>>;

/** The screens a window opens with: there from the start, since each file more to fetch delays the first picture. */
const AT_HAND: Record<string, unknown> = {
  'asks/InboxView': InboxView,
  'tasks/TaskList': TaskList,
};

/** The other screens, each loaded when it is first looked at. */
const LATER = import.meta.glob<{ default: Screen }>([
  './task/TaskDetail.svelte',
  './composer/Composer.svelte',
  './agents/AgentsView.svelte',
  './folders/FoldersView.svelte',
  './settings/SettingsView.svelte',
  './welcome/WelcomeView.svelte',
]);

/** A screen by its file, at once where it is at hand; null where this version has none. */
export function screen(file: string): Screen | null | Promise<Screen | null> {
  const ready = AT_HAND[file];
  if (ready) return ready as Screen;
  const load = LATER[`./${file}.svelte`];
  return load ? load().then((module) => module.default) : null;
}
