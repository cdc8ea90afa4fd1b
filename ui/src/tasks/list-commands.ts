import type { Command } from '../keys/commands.svelte';
import type { Verb } from './verbs';

interface List {
  search: () => void;
  step: (by: number) => void;
  mark: () => void;
  verb: (verb: Verb) => void;
  /** Whether a verb can be done to what is marked. */
  can: (verb: Verb) => boolean;
  /** Whether the letters speak to the list, and not to the task that is open beside it. */
  free: () => boolean;
}

const KEYS: Record<Verb, string[]> = { pause: ['p'], resume: ['p'], cancel: ['x'], retry: ['t'] };

/** What can be done in the list, for the keys, the cheat sheet and the palette. */
export function listCommands(list: List): Command[] {
  const group = 'tasks-title';
  const verbs = (Object.keys(KEYS) as Verb[]).map(
    (verb): Command => ({
      id: `tasks-${verb}-marked`,
      group,
      keys: KEYS[verb],
      run: () => list.verb(verb),
      when: () => list.free() && list.can(verb),
    }),
  );
  return [
    { id: 'tasks-find', group, keys: ['/'], run: list.search },
    { id: 'tasks-next', group, keys: ['j'], run: () => list.step(1), palette: false },
    { id: 'tasks-previous', group, keys: ['k'], run: () => list.step(-1), palette: false },
    { id: 'tasks-mark', group, keys: ['Space'], run: list.mark, palette: false },
    ...verbs,
  ];
}
