import type { Host, Reply } from '../../host';
import { HostError } from '../../host';
import type { Entry } from './entry';
import { Transcript, type Row } from './transcript';

/** How long the log rests after the worker was out of reach, in milliseconds. */
const REST = 2000;
/** How long a page that is not drawn waits before it takes entries in, in milliseconds. */
const UNSEEN = 250;

/** The live log of one task: what is there, then what comes, taken in once per frame. */
export class Log {
  /** Whether everything that was there at the beginning has been read. */
  caughtUp = $state(false);
  /** Whether the task has ended and nothing will come. */
  ended = $state(false);
  /** Why it cannot be read at the moment. */
  problem = $state.raw<unknown>(null);
  #version = $state(0);
  #transcript = new Transcript();
  #from = 1;
  /** The page that was asked for ahead. */
  #coming: Promise<Reply<'task.logs'>> | null = null;

  constructor(
    private readonly host: Host,
    private readonly task: string,
  ) {}

  /** Grows in place: a list of 100,000 rows is not copied for one more. */
  get rows(): readonly Row[] {
    void this.#version;
    return this.#transcript.rows;
  }

  get total(): number {
    void this.#version;
    return this.#transcript.total;
  }

  get forgotten(): number {
    void this.#version;
    return this.#transcript.forgotten;
  }

  get entries(): number {
    void this.#version;
    return this.#transcript.entries;
  }

  /** Follows from where it stands until stopped or ended; returns the stop. */
  start(): () => void {
    const turn = new AbortController();
    void this.#follow(turn.signal);
    return () => {
      turn.abort();
      this.#coming = null;
    };
  }

  async #follow(turn: AbortSignal): Promise<void> {
    while (!turn.aborted) {
      try {
        if (await this.#page(turn)) return;
        this.problem = null;
      } catch (error) {
        if (turn.aborted) return;
        this.problem = error;
        if (error instanceof HostError && error.code === 'not_found') return;
        await rest(REST);
      }
    }
  }

  /** Takes in what comes next; whether that was the end. */
  async #page(turn: AbortSignal): Promise<boolean> {
    const coming = this.#coming ?? this.#ask(turn);
    this.#coming = null;
    const page = await coming;
    if (turn.aborted) return true;
    this.#from = Math.max(this.#from, page.next);
    this.caughtUp ||= page.entries.length === 0;
    // What follows is on its way while this is drawn.
    if (!page.ended) this.#coming = this.#ask(turn);
    await frame();
    this.#transcript.append(page.entries as unknown as Entry[]);
    this.ended = page.ended;
    this.#version++;
    return page.ended;
  }

  /** Asks for the entries from where the log stands. */
  #ask(turn: AbortSignal): Promise<Reply<'task.logs'>> {
    // The first pages are asked for without waiting, so that an empty log is known to be empty; and the one after a
    // failure, so that it is known to be over.
    const follow = this.caughtUp && this.problem === null;
    const params = { id: this.task, from: this.#from, follow };
    // Who waits for news holds one of the few connections a browser has to a host: it is given back when nobody looks.
    const coming = this.host.call('task.logs', params, turn);
    // It fails where it is waited for.
    coming.catch(() => undefined);
    return coming;
  }
}

/** The next frame; a page that is hidden gets none and goes on all the same. */
function frame(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, UNSEEN);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function rest(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
