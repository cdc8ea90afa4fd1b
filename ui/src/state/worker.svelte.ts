import { HostError, type Host } from '../host/host';
import type { Status, TaskRow } from '../host/types';
import { glance, type Glance } from './words';

/** How often a visible page asks, in milliseconds. */
export const PERIOD = 2000;
/** How many of the newest tasks are shown. */
export const NEWEST = 20;

/** What a page says that was opened without the worker's address. */
const NOT_SIGNED_IN: Glance = { mark: 'stopped', text: 'Not signed in' };

/** The worker as this page last saw it. */
export class Worker {
  status = $state<Status | null>(null);
  tasks = $state<TaskRow[]>([]);
  problem = $state<string | null>(null);
  seen = $state(Date.now());
  refused = $state(false);
  glance = $derived(this.refused ? NOT_SIGNED_IN : glance(this.status, this.seen));

  constructor(private readonly host: Host) {}

  /** Reads once; a failure becomes `problem` and never throws. */
  async refresh(): Promise<void> {
    try {
      const [status, list] = await Promise.all([
        this.host.call('status', {}),
        this.host.call('task.list', { limit: NEWEST }),
      ]);
      this.seen = Date.now();
      this.status = status;
      this.tasks = list.tasks;
      this.problem = null;
      this.refused = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Closes or opens the gate for new tasks, then reads again. */
  async setPaused(paused: boolean): Promise<void> {
    try {
      await this.host.call(paused ? 'pause' : 'resume', {});
    } catch (error) {
      this.#fail(error);
      return;
    }
    await this.refresh();
  }

  /** Reads now and then every period while the page is visible; returns the stop. */
  watch(page: Document = document): () => void {
    const tick = (): void => {
      if (!page.hidden) void this.refresh();
    };
    tick();
    const timer = setInterval(tick, PERIOD);
    page.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      page.removeEventListener('visibilitychange', tick);
    };
  }

  #fail(error: unknown): void {
    this.problem = error instanceof Error ? error.message : String(error);
    const code = error instanceof HostError ? error.code : null;
    // A page that may not look knows nothing: least of all that the worker has stopped.
    this.refused = code === 'forbidden' && this.status === null;
    if (code === 'offline') this.status = null;
  }
}
