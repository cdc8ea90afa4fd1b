import { SvelteMap } from 'svelte/reactivity';

import type { Host } from '../host';
import type { Feed } from './feed.svelte';

/** What people call a task. */
export interface Name {
  short_id: string;
  title: string;
}

/** Short ids and titles of tasks that others speak of by UUID or short id. */
export class Names {
  readonly #known = new SvelteMap<string, Name>();
  #asked: string[] = [];

  constructor(
    private readonly host: Host,
    feed: Feed,
  ) {
    feed.watch({
      snapshot: ({ tasks }) => {
        for (const { id, short_id, title } of tasks) {
          for (const name of [id, short_id]) this.#known.set(name, { short_id, title });
        }
      },
    });
  }

  /** The name of a task; null until it is known. Asks for it when it is first wanted. */
  of(id: string): Name | null {
    const name = this.#known.get(id);
    if (!name && !this.#asked.includes(id)) {
      this.#asked.push(id);
      void this.#ask(id);
    }
    return name ?? null;
  }

  async #ask(id: string): Promise<void> {
    try {
      const { short_id, title } = await this.host.call('task.show', { id });
      this.#known.set(id, { short_id, title });
    } catch {
      // It is asked for again when it is wanted again.
      this.#asked = this.#asked.filter((other) => other !== id);
    }
  }
}
