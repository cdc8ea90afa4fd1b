import type { Command } from '../keys/commands.svelte';
import { VERBS, type Verb } from './verbs';

interface List {
  search: () => void;
  step: (by: number) => void;
  mark: () => void;
  verb: (verb: Verb) => void;
  /** Marks every failure as seen. */
  seeAll: () => void;
  /** Whether one is listed that nobody has seen. */
  unseen: () => boolean;
  /** Whether a row has the focus: Space is for buttons and links elsewhere. */
  focused: () => boolean;
  /** Whether a verb can be done to what the letters speak of. */
  can: (verb: Verb) => boolean;
  /** Whether rows are marked: the letters are for them, and not for the task that is open beside the list. */
  marking: () => boolean;
}

const KEYS: Record<Verb, string[]> = { pause: ['p'], resume: ['p'], cancel: ['x'], retry: ['t'], seen: ['m'] };

/** What can be done in the list, for the keys, the cheat sheet and the palette. */
export function listCommands(list: List): Command[] {
  const group = 'tasks-title';
  // While rows are marked, a letter that can do nothing to them does nothing: the open task is not meant then.
  const marking = list.marking();
  const can = VERBS.filter(list.can);
  const verbs = [...can, ...VERBS.filter((verb) => marking && !can.includes(verb))].map(
    (verb): Command => ({
      id: `tasks-${verb}-marked`,
      group,
      keys: KEYS[verb],
      run: () => list.verb(verb),
      first: marking,
      palette: can.includes(verb),
    }),
  );
  return [
    { id: 'tasks-find', group, keys: ['/'], run: list.search },
    { id: 'tasks-next', group, keys: ['j'], run: () => list.step(1), palette: false },
    { id: 'tasks-previous', group, keys: ['k'], run: () => list.step(-1), palette: false },
    { id: 'tasks-mark', group, keys: ['Space'], run: list.mark, when: list.focused, palette: false },
    ...verbs,
    { id: 'tasks-see-all', group, run: list.seeAll, when: list.unseen },
  ];
}
