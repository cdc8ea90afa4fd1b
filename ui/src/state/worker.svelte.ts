import type { Host, Pause } from '../host';
import type { Status } from '../host/types';
import { after } from './debounce';
import type { Feed } from './feed.svelte';
import { glance, type Glance } from './glance';

/** How long events may gather before the worker is asked how it is, in milliseconds. */
const GATHER = 250;

/** The worker as this page last saw it. */
export class Worker {
  status = $state.raw<Status | null>(null);
  /** When it was seen. */
  seen = $state(Date.now());
  readonly #soon = after(GATHER, () => void this.refresh());

  constructor(
    private readonly host: Host,
    private readonly feed: Feed,
  ) {
    feed.watch({
      snapshot: ({ status }) => this.#take(status),
      event: () => this.#soon(),
    });
  }

  /** One sentence; null while nothing is known yet. Questions that were answered here, and whose answer is on its way, are open no more. */
  glance(given: number): Glance | null {
    if (this.feed.link === 'connecting') return null;
    if (this.feed.link === 'signed_out') return { mark: 'stopped', id: 'app-signed-out' };
    const { status } = this;
    if (this.feed.link === 'lost' || status === null) return glance(null, this.seen);
    return glance({ ...status, asks: Math.max(0, status.asks - given) }, this.seen);
  }

  get paused(): boolean {
    return this.status?.state === 'paused';
  }

  /** Reads once; what a lost worker is shown as is the feed's to say. */
  async refresh(): Promise<void> {
    try {
      this.#take(await this.host.call('status', {}));
    } catch {
      await this.feed.refetch();
    }
  }

  /** Closes the gate; rejects with the worker's refusal. */
  async pause(how: Pause): Promise<void> {
    this.#take(await this.host.call('worker.pause', how));
  }

  /** Opens the gate; rejects with the worker's refusal. */
  async resume(): Promise<void> {
    this.#take(await this.host.call('worker.resume', {}));
  }

  #take(status: Status): void {
    this.status = status;
    this.seen = Date.now();
  }
}
