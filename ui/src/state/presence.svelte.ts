import type { Desktop } from '../host';

/** Whether the person has this page before them: what happens while they have not is not seen. */
export class Presence {
  #focused = $state(document.hasFocus());
  #shown = $state(!document.hidden);
  /** What the application says of its window: not every page hears that it is minimised. */
  #attended = $state(true);

  get here(): boolean {
    return this.#focused && this.#shown && this.#attended;
  }

  /** Follows page and window; returns the stop. */
  watch(desktop: Desktop | null): () => void {
    const stop = new AbortController();
    const { signal } = stop;
    const focus = (focused: boolean) => (): void => void (this.#focused = focused);
    window.addEventListener('focus', focus(true), { signal });
    window.addEventListener('blur', focus(false), { signal });
    document.addEventListener('visibilitychange', () => (this.#shown = !document.hidden), { signal });
    const deaf = desktop?.onAttended((attended) => (this.#attended = attended));
    return () => {
      stop.abort();
      deaf?.();
    };
  }
}
