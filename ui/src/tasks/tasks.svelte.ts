import type { Host } from '../host';
import type { Event, Task, TaskState } from '../host/types';
import { after } from '../state/debounce';
import type { Feed } from '../state/feed.svelte';
import { everything, parse, type Query } from './query';
import { endOf, fits, rowOf, type TaskRow } from './row';
import { Table } from './table';

/** How many tasks a page holds. */
const PAGE = 200;
/** How many tasks the list keeps at most. */
export const MOST = 10_000;
/** How many tasks are read one by one at a time; of changed ones more read the pages again. */
const FEW = 40;
/** How long changes gather, and how often the reasons of waiting tasks are read anew, in milliseconds. */
const GATHER = 150;
const REASONS = 1000;

const OPEN: TaskState[] = [
  'queued',
  'waiting',
  'leased',
  'running',
  'paused',
  'needs_input',
  'needs_verification',
];

/** A part of the list that is read page by page. */
interface Shelf {
  states: TaskState[];
  /** Where the next page begins; null at the end. */
  next: string | null | undefined;
  /** Whether all of it is read, or only what the reader comes to. */
  whole: boolean;
}

/** What one reading of a shelf brought. */
interface Page {
  shelf: Shelf;
  tasks: Task[];
  next: string | null;
  /** The last event before it was asked for. */
  seq: number;
}

function shelves(): Shelf[] {
  return [
    { states: OPEN, next: undefined, whole: true },
    { states: ['failed', 'dead'], next: undefined, whole: true },
    { states: ['done', 'cancelled'], next: undefined, whole: false },
  ];
}

/** The tasks of the list: what is open and what failed as a whole, what is done as far as somebody looked. */
export class TaskStore {
  query = $state.raw<Query>(parse(''));
  /** Whether the first pages are there. */
  known = $state(false);
  problem = $state<unknown>(null);
  readonly #rows = new Table();
  #version = $state(0);
  #shelves = shelves();
  #run = 0;
  /** The run in which somebody reads on. */
  #readingOn = 0;
  /** The last end among the tasks of the last page that is read only as far as somebody looks, in milliseconds. */
  #latest = Infinity;
  /** Whether what is held answers an earlier query; stays so until one reading has come to its end. */
  #stale = false;
  #changed: string[] = [];
  #sight: string[] = [];
  readonly #soon = after(GATHER, () => void this.#readChanged());
  readonly #reasons = after(REASONS, () => void this.#readReasons());

  constructor(
    private readonly host: Host,
    private readonly feed: Feed,
  ) {}

  /** Everything that is known, in no order. */
  get rows(): TaskRow[] {
    void this.#version;
    return this.#rows.all;
  }

  /** Whether there is more to read at the end. */
  get more(): boolean {
    void this.#version;
    return this.#shelves.some(({ next }) => next !== null) && this.#rows.size < MOST;
  }

  /** Reads and keeps reading; returns the end. */
  start(): () => void {
    void this.#readAll();
    const stop = this.feed.watch({
      snapshot: () => void this.#readAll(),
      event: (event) => this.#note(event),
    });
    return () => {
      this.#run += 1;
      stop();
    };
  }

  /** Looks for something else. */
  look(query: Query): void {
    this.query = query;
    this.#stale = true;
    void this.#readAll();
  }

  /**
   * Reads on at the end, where the reader has come to: what ended since a moment, as far as a page tells. Of two at once
   * one is enough.
   */
  async readOn(since = -Infinity): Promise<void> {
    const run = this.#run;
    const shelf = this.#shelves.find(({ next }) => next !== null);
    if (!shelf?.next || shelf.whole || !this.more) return;
    if (this.#latest < since || this.#readingOn === run) return;
    this.#readingOn = run;
    await this.#readPage(shelf, run).finally(() => {
      if (this.#readingOn === run) this.#readingOn = 0;
    });
  }

  /** Says which rows are in sight: the reasons of those that wait are kept true. */
  sight(ids: string[]): void {
    this.#sight = ids;
    if (this.#outdated.length > 0) this.#reasons();
  }

  /** Takes tasks as a verb returned them. */
  take(tasks: Task[]): void {
    for (const task of tasks) this.#put(task, false);
    this.#version += 1;
  }

  #note({ task }: Event): void {
    if (task && !this.#changed.includes(task)) this.#changed.push(task);
    this.#soon();
    this.#reasons();
  }

  async #readAll(): Promise<void> {
    const run = ++this.#run;
    this.#shelves = shelves();
    const seen: string[] = [];
    try {
      // Together, so that the list is drawn once.
      const pages = await Promise.all(this.#shelves.map((shelf) => this.#ask(shelf)));
      if (run !== this.#run) return;
      for (const page of pages) this.#shelve(page, seen);
      this.#version += 1;
      this.known = true;
      this.problem = null;
      if (this.#stale) this.#forget(seen);
      this.#stale = false;
      await this.#readRest(run, seen);
      // Open and failed tasks were read as a whole: what was not among them has gone elsewhere.
      if (run === this.#run) {
        this.#forget(seen, ({ state }) => state !== 'done' && state !== 'cancelled');
      }
    } catch (error) {
      if (run === this.#run) this.problem = error;
    }
  }

  async #readRest(run: number, seen: string[]): Promise<void> {
    for (const shelf of this.#shelves.filter(({ whole }) => whole)) {
      while (shelf.next && run === this.#run && this.#rows.size < MOST) {
        await this.#readPage(shelf, run, seen);
      }
    }
  }

  async #readPage(shelf: Shelf, run: number, seen: string[] = []): Promise<void> {
    const page = await this.#ask(shelf);
    if (run !== this.#run) return;
    this.#shelve(page, seen);
    this.#version += 1;
  }

  /** The next page of a shelf as the worker has it. */
  async #ask(shelf: Shelf): Promise<Page> {
    const { states, labels, search } = this.query;
    const { seq } = this.feed;
    const wanted = states ? shelf.states.filter((state) => states.includes(state)) : shelf.states;
    if (wanted.length === 0) return { shelf, tasks: [], next: null, seq };
    const { tasks, next } = await this.host.call('task.list', {
      states: wanted,
      limit: PAGE,
      ...(labels.length > 0 ? { labels } : {}),
      ...(search ? { search } : {}),
      ...(shelf.next ? { after: shelf.next } : {}),
    });
    return { shelf, tasks, next, seq };
  }

  #shelve({ shelf, tasks, next, seq }: Page, seen: string[]): void {
    shelf.next = next;
    if (!shelf.whole) this.#latest = Math.max(...tasks.map(endOf));
    for (const task of tasks) {
      this.#put(task, true);
      this.#rows.note(task.id, seq);
      seen.push(task.id);
    }
  }

  #forget(seen: string[], which?: (row: TaskRow) => boolean): void {
    this.#rows.keep(seen, which);
    this.#version += 1;
  }

  async #readChanged(): Promise<void> {
    const changed = this.#changed;
    this.#changed = [];
    if (changed.length > FEW) await this.#readAll();
    else await this.#readEach(changed);
  }

  get #outdated(): string[] {
    return this.#sight.filter((id) => this.#rows.outdated(id, this.feed.seq));
  }

  /** Reads what is in sight and may be true no longer, in slices; each row once, also where that fails. */
  async #readReasons(): Promise<void> {
    const ids = this.#outdated;
    const { seq } = this.feed;
    for (const id of ids) this.#rows.note(id, seq);
    for (let at = 0; at < ids.length; at += FEW) await this.#readEach(ids.slice(at, at + FEW));
  }

  async #readEach(ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    const read = (id: string): Promise<Task | null> =>
      this.host.call('task.show', { id }).catch(() => null);
    const tasks = await Promise.all(ids.map(read));
    this.take(tasks.filter((task) => task !== null));
  }

  #put(task: Task, listed: boolean): void {
    const row = rowOf(task, this.query, listed || everything(this.query));
    if (fits(row, this.query)) this.#rows.put(row);
    else this.#rows.delete(row.id);
  }
}
