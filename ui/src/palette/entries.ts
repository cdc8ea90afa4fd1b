import type { Command } from '../keys/commands.svelte';
import type { Task } from '../host/types';
import { visible } from '../parts/text/hidden';
import { t, words } from '../words';
import { match } from './fuzzy';

/** Something the palette offers. */
export interface Entry {
  key: string;
  label: string;
  /** What kind of thing it is, in words. */
  group: string;
  /** Other ways to type it. */
  alias: string;
  keys: string | null;
  run: () => void;
}

/** How many entries are shown at most. */
const MOST = 50;

/** The commands of the screen as entries. */
export function commandEntries(commands: Command[]): Entry[] {
  return commands
    .filter(({ palette }) => palette !== false)
    .map(({ id, group, keys, run }) => ({
      key: id,
      label: t(id),
      group: t(group),
      alias: words.alias(id),
      keys: keys?.[0] ?? null,
      run: () => run(),
    }));
}

/** Tasks as entries. */
export function taskEntries(tasks: Pick<Task, 'id' | 'short_id' | 'title'>[], open: (short: string) => void): Entry[] {
  return tasks.map(({ id, short_id, title }) => ({
    key: id,
    label: visible(title),
    group: short_id,
    alias: short_id,
    keys: null,
    run: () => open(short_id),
  }));
}

/** Entries that fit what was typed, the best first. */
export function best(wanted: string, entries: Entry[]): Entry[] {
  return entries
    .map((entry) => ({ entry, score: score(wanted, entry) }))
    .filter(({ score }) => score > -Infinity)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ entry }) => entry);
}

/** How well an entry fits by its label or, a little less, by one of its other names. */
function score(wanted: string, { label, alias }: Entry): number {
  const [by_label, by_alias] = [match(wanted.trim(), label), match(wanted.trim(), alias)];
  return Math.max(by_label?.score ?? -Infinity, (by_alias?.score ?? -Infinity) - 1);
}
