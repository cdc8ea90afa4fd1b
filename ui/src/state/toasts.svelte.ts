import { refusal } from '../words';

/** What a toast is about. */
export type Tone = 'plain' | 'problem';

export interface ToastAction {
  label: string;
  run: () => void;
}

/** A short message that leaves by itself. */
export interface Toast {
  key: number;
  text: string;
  tone: Tone;
  action: ToastAction | null;
}

/** How long a toast stays, in milliseconds; one with an action stays as long as the action is open. */
const STAY = 5000;

/** The toasts on screen, oldest first. */
export class Toasts {
  shown = $state.raw<Toast[]>([]);
  #next = 1;

  /** Shows one; returns its withdrawal. */
  show(
    text: string,
    {
      tone = 'plain',
      action = null,
      stay = STAY,
    }: { tone?: Tone; action?: ToastAction | null; stay?: number } = {},
  ): () => void {
    const key = this.#next++;
    this.shown = [...this.shown, { key, text, tone, action }];
    setTimeout(() => this.withdraw(key), stay);
    return () => this.withdraw(key);
  }

  /** Takes one off the screen; nothing where it has gone. */
  withdraw(key: number): void {
    this.shown = this.shown.filter((toast) => toast.key !== key);
  }

  /** Says what went wrong, in the words of the refusal. */
  problem(error: unknown): void {
    this.show(refusal(error), {
      tone: 'problem',
      stay: 2 * STAY,
    });
  }
}
