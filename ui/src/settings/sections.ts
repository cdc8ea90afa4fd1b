import type { Setting } from '../host/types';

/** The sections in the order of the screen, with the keys that belong to each by how they begin. */
const KEYS = {
  general: ['desktop.'],
  work: ['slots', 'lanes.', 'automatic', 'approvals', 'ask.', 'folders.', 'login_shell'],
  notify: ['notify.'],
  limits: ['retry.', 'watchdog.', 'stop.', 'quit.'],
  storage: ['storage.', 'disk.', 'log.'],
  update: ['update.'],
  other: [],
} as const satisfies Record<string, readonly string[]>;

export type SectionId = keyof typeof KEYS;

export interface SettingsSection {
  id: SectionId;
  settings: Setting[];
}

/** The sections with what belongs to each; a setting of a newer worker stands under `other`, none is left out. */
export function sections(settings: Setting[]): SettingsSection[] {
  const ids = Object.keys(KEYS) as SectionId[];
  const home = ({ key }: Setting): SectionId =>
    ids.find((id) => KEYS[id].some((begin: string) => belongs(key, begin))) ?? 'other';
  return ids
    .map((id) => ({ id, settings: settings.filter((setting) => home(setting) === id) }))
    .filter((section) => section.settings.length > 0);
}

/** `desktop.` takes all that begins so, a whole key only itself. */
function belongs(key: string, begin: string): boolean {
  return begin.endsWith('.') ? key.startsWith(begin) : key === begin;
}
