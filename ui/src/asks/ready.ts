/** How long a question that took the place of another leaves the keys alone, in milliseconds. */
export const READ = 400;

/** Tells whether a key can be meant for the question that is shown, and not for the one before it. */
export class Ready {
  #shown = '';
  #since = 0;

  /** Takes note of the question that is shown; `wanted` where the reader went there. */
  show(id: string, wanted = false): void {
    if (id === this.#shown) return;
    this.#since = wanted || !this.#shown ? 0 : Date.now();
    this.#shown = id;
  }

  get keys(): boolean {
    return Date.now() - this.#since >= READ;
  }
}
