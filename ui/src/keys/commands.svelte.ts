import { getContext, setContext } from 'svelte';

/** Something a person can do: by its key, by the palette, or by the button that shows it. */
export interface Command {
  /** A message of the catalogue; its attribute `alias` holds other ways to type it (romaji, pinyin, English). */
  id: string;
  /** Does it; told the key that was pressed, if one was. */
  run: (key?: string) => void;
  /** Keys as people write them: `p`, `Shift+D`, `Mod+k`, `g i`; several when several do it. */
  keys?: string[];
  /** Where it stands in the cheat sheet: a message of the catalogue. */
  group: string;
  /** Whether it can be done now; it is then neither run nor offered. */
  when?: () => boolean;
  /** Goes before every other with one of its keys, wherever it was added. */
  first?: boolean;
  /** False for what makes no sense in the palette, such as the step to the next row. */
  palette?: boolean;
}

/** What can be done on the screen as it is. */
export class Commands {
  // Not reactive itself: a screen that goes while another comes would read the sets as they were before both.
  #sets: (() => Command[])[] = [];
  #changed = $state.raw({});

  /** Every command that can be done now. Of two with one key the one added later wins, unless another is to go first. */
  get all(): Command[] {
    void this.#changed;
    return this.#sets.flatMap((set) => set()).filter(({ when }) => when?.() ?? true);
  }

  /** Adds commands as long as the caller lives; returns the end. */
  add(set: () => Command[]): () => void {
    this.#change([...this.#sets, set]);
    return () => this.#change(this.#sets.filter((other) => other !== set));
  }

  #change(sets: (() => Command[])[]): void {
    this.#sets = sets;
    this.#changed = {};
  }
}

const KEY = Symbol('commands');

export function provideCommands(): Commands {
  return setContext(KEY, new Commands());
}

export function allCommands(): Commands {
  return getContext<Commands>(KEY);
}

/** Offers commands as long as the component is there. To be called while it is set up. */
export function useCommands(set: () => Command[]): void {
  const commands = allCommands();
  $effect.pre(() => commands.add(set));
}
