import type { Host } from '../host';
import type { PieceRow, Task, Timeline } from '../host/types';
import { after } from '../state/debounce';
import type { Feed } from '../state/feed.svelte';
import { applies, perform, type Wish } from '../tasks/verbs';

/** How long events may gather before the task is read anew, in milliseconds. */
const GATHER = 100;
/** How often the reason of one that waits is read anew while others change, in milliseconds. */
const REASON = 1000;
/** How often a task at work is asked for its last sign of life, in milliseconds. */
const PULSE = 5000;

const ENDED = ['done', 'failed', 'dead', 'cancelled'];
const AT_WORK = ['leased', 'running', 'needs_verification'];

/** One task as it is looked at. */
export class Detail {
  task = $state.raw<Task | null>(null);
  timeline = $state.raw<Timeline | null>(null);
  /** Its workflow, for the number of its movements. */
  piece = $state.raw<PieceRow | null>(null);
  problem = $state.raw<unknown>(null);
  /** What was asked for and does not show in the task yet. */
  wish = $state<Wish | null>(null);
  readonly #soon = after(GATHER, () => void this.refresh());
  readonly #reason = after(REASON, () => void this.#read());

  constructor(
    private readonly host: Host,
    private readonly feed: Feed,
    private readonly id: string,
  ) {}

  get ended(): boolean {
    return this.task !== null && ENDED.includes(this.task.state);
  }

  get atWork(): boolean {
    return this.task !== null && AT_WORK.includes(this.task.state);
  }

  /** Whether it failed and no person has seen that. */
  get unseenFailure(): boolean {
    return this.task !== null && applies('seen', this.task);
  }

  /** Reads it and keeps it fresh; returns the stop. */
  start(page: Document = document): () => void {
    void this.refresh().then(() => this.#readPiece());
    const stop = this.feed.watch({
      snapshot: () => this.#soon(),
      event: ({ task }) => {
        // As long as it is not read, nobody knows whether the event is about it.
        if (task === null || !this.task || task === this.task.id) this.#soon();
        else if (this.task.hold) this.#reason();
      },
    });
    const pulse = setInterval(() => {
      if (this.atWork && !page.hidden) void this.#read();
    }, PULSE);
    return () => {
      stop();
      clearInterval(pulse);
    };
  }

  /** Reads task and timeline; what fails is kept as the problem. */
  async refresh(): Promise<void> {
    await Promise.all([this.#read(), this.#readTimeline()]);
  }

  /** Clears the mark of a failure that is being looked at. */
  async see(): Promise<void> {
    await this.host.call('task.seen', { ids: [this.id] });
    await this.#read();
  }

  /** Asks for a change and shows the wish until the worker has it; rejects with the refusal. */
  async ask(wish: Wish): Promise<void> {
    if (this.wish || !this.task) return;
    this.wish = wish;
    try {
      await perform(this.host, wish, [this.task]);
      await this.refresh();
    } finally {
      this.wish = null;
    }
  }

  /** Says something to whoever works on it; the follow-up, where the task had ended. */
  async comment(text: string): Promise<Task | null> {
    const { follow_up } = await this.host.call('task.comment', { id: this.id, text });
    await this.refresh();
    return follow_up;
  }

  async #read(): Promise<void> {
    try {
      this.task = await this.host.call('task.show', { id: this.id });
      this.problem = null;
    } catch (error) {
      this.problem = error;
    }
  }

  async #readTimeline(): Promise<void> {
    const timeline = await this.host.call('task.timeline', { id: this.id }).catch(() => null);
    if (timeline) this.timeline = timeline;
  }

  async #readPiece(): Promise<void> {
    if (!this.task) return;
    const params = this.task.dir ? { dir: this.task.dir } : {};
    const listed = await this.host.call('piece.list', params).catch(() => null);
    this.piece = listed?.pieces.find(({ name }) => name === this.task?.piece.name) ?? null;
  }
}
