import { SvelteMap } from 'svelte/reactivity';

/** Which rows are open: a row that was scrolled out of sight comes back as it was left. */
export class Folds {
  #open = new SvelteMap<string, boolean>();

  isOpen(key: string, otherwise = false): boolean {
    return this.#open.get(key) ?? otherwise;
  }

  set(key: string, open: boolean): void {
    this.#open.set(key, open);
  }
}
