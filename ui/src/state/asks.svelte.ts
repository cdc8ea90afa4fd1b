import { spoken } from '../asks/own';
import type { Host } from '../host';
import type { Ask } from '../host/types';
import { after } from './debounce';
import type { Feed } from './feed.svelte';

const GATHER = 100;

/** The open asks, newest first, in the language of the page. */
export class Asks {
  #read = $state.raw<Ask[]>([]);
  readonly open = $derived(this.#read.map(spoken));
  /** Whether they were read at least once. */
  known = $state(false);
  readonly #soon = after(GATHER, () => void this.refresh());

  constructor(
    private readonly host: Host,
    feed: Feed,
  ) {
    feed.watch({
      snapshot: ({ asks }) => this.#take(asks),
      event: ({ kind }) => {
        if (kind.startsWith('ask')) this.#soon();
      },
    });
  }

  /** Reads them anew; a worker out of reach is the feed's to notice. */
  async refresh(): Promise<void> {
    const { asks } = await this.host.call('ask.list', {}).catch(() => ({ asks: null }));
    if (asks) this.#take(asks);
  }

  /** Leaves one out until the worker is asked again: its answer is on the way. */
  settle(id: string): void {
    this.#read = this.#read.filter((ask) => ask.id !== id);
  }

  #take(asks: Ask[]): void {
    this.#read = [...asks].sort((a, b) => b.created_at.localeCompare(a.created_at));
    this.known = true;
  }
}
