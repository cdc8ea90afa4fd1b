import { HostError, type Host } from '../host';
import type { Event, Snapshot } from '../host/types';

/** How the page stands with the worker. */
export type Link = 'connecting' | 'open' | 'lost' | 'signed_out';

/** What one who keeps a picture of the worker is told. */
export interface Watcher {
  /** The whole picture: at the start, and again wherever events may have been missed. */
  snapshot?(snapshot: Snapshot): void;
  /** The next change. */
  event?(event: Event): void;
}

/** How long the page waits before it asks a worker out of reach again, in milliseconds. */
export const PATIENCE = 2000;

/** The page's place in the event log: a snapshot, then every event, and a new snapshot after a gap. */
export class Feed {
  link = $state<Link>('connecting');
  /** The last event or snapshot that was taken in. */
  seq = $state(0);
  #watchers: Watcher[] = [];
  #stop: (() => void) | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;
  #reading = false;

  constructor(private readonly host: Host) {}

  /** Tells `watcher` of everything from now on; returns the stop. */
  watch(watcher: Watcher): () => void {
    this.#watchers.push(watcher);
    return () => {
      this.#watchers = this.#watchers.filter((other) => other !== watcher);
    };
  }

  /** Begins, unless it was begun already; returns the end. */
  start(): () => void {
    if (!this.#stop) void this.refetch();
    return () => {
      clearTimeout(this.#again);
      this.#leave();
    };
  }

  /** Reads the whole picture and follows from there. */
  async refetch(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    clearTimeout(this.#again);
    try {
      const snapshot = await this.host.call('events.subscribe', { snapshot: true });
      this.seq = snapshot.seq;
      this.link = 'open';
      for (const watcher of this.#watchers) watcher.snapshot?.(snapshot);
      this.#stop ??= this.#follow();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#reading = false;
    }
  }

  #follow(): () => void {
    return this.host.follow(this.seq, {
      opened: () => {
        if (this.link !== 'open') void this.refetch();
      },
      event: (event) => this.#take(event),
      lost: () => {
        // Who is signed out is refused the stream too: that says nothing new.
        if (this.link !== 'signed_out') this.#failed(new HostError('offline', ''));
      },
    });
  }

  #leave(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #take(event: Event): void {
    if (event.seq <= this.seq) return;
    const missed = event.seq > this.seq + 1;
    this.seq = event.seq;
    for (const watcher of this.#watchers) watcher.event?.(event);
    if (missed) void this.refetch();
  }

  #failed(error: unknown): void {
    const refused = error instanceof HostError && error.code === 'signed_out';
    this.link = refused ? 'signed_out' : 'lost';
    if (refused) this.#leave();
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.refetch(), PATIENCE);
  }
}
