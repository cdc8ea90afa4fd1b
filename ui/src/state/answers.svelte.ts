import { HostError, type Host } from '../host';
import type { Ask, AskScope } from '../host/types';
import { snoozed } from '../asks/moves';
import { visible } from '../parts/text/hidden';
import { known, t } from '../words';
import type { Asks } from './asks.svelte';
import { replyDraft, writeWords } from './drafts';
import type { Toasts } from './toasts.svelte';

/** How long an answer can be taken back, in milliseconds. */
export const UNDO = 5000;

/** An option, how far it reaches, or a text. */
export type Said = { option: string; scope?: AskScope } | { text: string };

/** An answer that was given here and is not sent yet. */
interface Pending {
  ask: Ask;
  said: Said;
  timer: ReturnType<typeof setTimeout>;
  withdraw: () => void;
}

/** Answers on their way: shown as given at once, sent when they can no longer be taken back. */
export class Answers {
  #pending = $state.raw<Pending[]>([]);
  /** What the worker has not taken yet. */
  #sent: Promise<void>[] = [];

  constructor(
    private readonly host: Host,
    private readonly asks: Asks,
    private readonly toasts: Toasts,
  ) {}

  /** Asks that nobody has answered, neither elsewhere nor here. */
  get waiting(): Ask[] {
    const given = this.#pending.map(({ ask }) => ask.id);
    return this.asks.open.filter(({ id }) => !given.includes(id));
  }

  /** Those of them that are not put off. */
  pressing(now: number): Ask[] {
    return this.waiting.filter((ask) => !snoozed(ask, now));
  }

  /** How many answers are on their way. */
  get given(): number {
    return this.#pending.length;
  }

  get canUndo(): boolean {
    return this.#pending.length > 0;
  }

  /** Takes an answer; `now` sends it without the time to take it back. Tells `onback` when its toast took it back. */
  give(ask: Ask, said: Said, now = false, onback?: () => void): void {
    if (now) {
      this.#send(ask, said);
      return;
    }
    const answer = 'text' in said ? said.text : label(ask, said.option);
    const words = { answer: short(visible(answer)), question: short(visible(ask.text)) };
    const withdraw = this.toasts.show(t('inbox-sent', words), {
      action: {
        label: t('inbox-undo'),
        run: () => {
          this.#takeBack(ask.id);
          onback?.();
        },
      },
      stay: UNDO,
    });
    const timer = setTimeout(() => this.#due(ask.id), UNDO);
    this.#pending = [...this.#pending, { ask, said, timer, withdraw }];
  }

  /** Takes the last answer back; returns its ask. */
  undo(): Ask | null {
    const last = this.#pending.at(-1);
    if (!last) return null;
    this.#takeBack(last.ask.id);
    return last.ask;
  }

  /** Sends what is still held back: the page is about to go. Resolves when the worker has all that was said. */
  async flush(): Promise<void> {
    for (const { ask } of this.#pending) this.#due(ask.id);
    await Promise.all(this.#sent);
  }

  #takeBack(id: string): Pending | undefined {
    const taken = this.#pending.find(({ ask }) => ask.id === id);
    if (!taken) return undefined;
    clearTimeout(taken.timer);
    taken.withdraw();
    this.#pending = this.#pending.filter((other) => other !== taken);
    return taken;
  }

  #due(id: string): void {
    const due = this.#takeBack(id);
    if (due) this.#send(due.ask, due.said);
  }

  #send(ask: Ask, said: Said): void {
    this.asks.settle(ask.id);
    const sent = this.#tell(ask, said);
    this.#sent = [...this.#sent, sent];
    void sent.then(() => {
      this.#sent = this.#sent.filter((other) => other !== sent);
      return this.asks.refresh();
    });
  }

  async #tell(ask: Ask, said: Said): Promise<void> {
    try {
      await this.host.call('ask.answer', { id: ask.id, revision: ask.revision, ...said });
      writeWords(replyDraft(ask.id), '');
    } catch (error) {
      this.toasts.problem(late(error) ?? error);
    }
  }
}

/** What is said when somebody else was quicker. */
function late(error: unknown): Error | null {
  if (!(error instanceof HostError) || error.code !== 'already_answered') return null;
  const { by = '' } = (error.detail ?? {}) as { by?: string };
  return new Error(t('inbox-already-answered', { by: surface(by) }));
}

/** A surface in words: `the command line` for `cli`. */
export function surface(by: string): string {
  return known(`states-surface-${by}`, by);
}

/** The label of an answer, as the person saw it. */
export function label(ask: Ask, value: string): string {
  return visible(ask.options.find(({ id }) => id === value)?.label ?? value);
}

function short(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
