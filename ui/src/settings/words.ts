import type { Setting } from '../host/types';
import { known, t } from '../words';

const LANE = /^lanes\.(.+)\.slots$/;

/** What a setting is called: in words where this page knows it, else by its key. */
export function nameOf({ key }: Setting): string {
  const lane = LANE.exec(key)?.[1];
  return lane ? t('settings-lanes', { lane }) : known(idOf(key), key);
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
  return value;
}

function idOf(key: string): string {
  return `settings-${dashed(key)}`;
}

function dashed(word: string): string {
  return word.replace(/[._:]/g, '-');
}
