import type { Component } from 'svelte';

/** The screens, each loaded when it is first looked at. */
const SCREENS = import.meta.glob<{ default: Component<Record<string, unknown>> }>([
  './asks/InboxView.svelte',
  './tasks/TaskList.svelte',
  './task/TaskDetail.svelte',
  './composer/Composer.svelte',
  './agents/AgentsView.svelte',
  './folders/FoldersView.svelte',
  './settings/SettingsView.svelte',
  './welcome/WelcomeView.svelte',
]);

export type Screen = Component<Record<string, unknown>>;

/** Loads a screen by its file; null where this version has none. */
export async function screen(file: string): Promise<Screen | null> {
  const load = SCREENS[`./${file}.svelte`];
  return load ? (await load()).default : null;
}
