import type { Setting } from '../host/types';
import { agents } from '../agents/names.svelte';
import { known, t } from '../words';

const LANE = /^lanes\.(.+)\.slots$/;

/** What a setting is called: in words where this page knows it, else by its key. */
export function nameOf({ key }: Setting): string {
  const lane = LANE.exec(key)?.[1];
  return lane ? t('settings-lanes', { lane: agents.lane(lane) }) : known(idOf(key), key);
}

/** What a setting does, in the reader's language, else in the worker's. */
export function aboutOf({ key, about }: Setting): string {
  const id = LANE.test(key) ? 'settings-lanes' : idOf(key);
  return known(`${id}-about`, about ?? '');
}

/** A value as people read it: the words of a choice, on and off, else what is written. */
export function valueOf({ key, kind }: Setting, value: string): string {
  if (kind?.type === 'word') return known(`${idOf(key)}-${dashed(value)}`, value);
  if (kind?.type === 'bool') return t(value === 'true' ? 'settings-on' : 'settings-off');
  if (kind?.type === 'lanes') return value.split(',').filter(Boolean).map((lane) => agents.lane(lane)).join(', ');
  return value;
}

/** Whether every word of a search stands somewhere in what is said of a setting. */
export function fits(wanted: string, ...said: string[]): boolean {
  const text = said.join(' ').toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** All that a setting says: its name, effect, key, the words of its choices, and the example beside its field. */
export function saidOf(setting: Setting): string[] {
  const { kind } = setting;
  const choices = kind?.type === 'word' ? kind.words.map((word) => valueOf(setting, word)) : [];
  const hint = kind ? known(`settings-${kind.type}-hint`, '') : '';
  return [nameOf(setting), aboutOf(setting), setting.key, ...choices, hint];
}

function idOf(key: string): string {
  return `settings-${dashed(key)}`;
}

function dashed(word: string): string {
  return word.replace(/[._:]/g, '-');
}
