import { those } from './table';

/** Which rows are marked, and where the keys stand. */
export class Selection {
  /** The row that has the focus, or gets it when the list does. */
  cursor = $state<string | null>(null);
  marked = $state.raw<string[]>([]);
  #anchor: string | null = null;

  has(id: string): boolean {
    return this.marked.includes(id);
  }

  /** Marks a row, or takes the mark away. */
  toggle(id: string): void {
    this.#anchor = id;
    this.cursor = id;
    this.marked = this.has(id) ? this.marked.filter((other) => other !== id) : [...this.marked, id];
  }

  /** Marks everything between the row marked last and this one. */
  extend(id: string, order: string[]): void {
    this.#anchor ??= this.cursor ?? id;
    const [from, to] = [order.indexOf(this.#anchor), order.indexOf(id)].sort((a, b) => a - b);
    this.cursor = id;
    this.marked = order.slice(from, (to ?? 0) + 1);
  }

  all(order: string[]): void {
    this.marked = order;
  }

  clear(): void {
    this.marked = [];
    this.#anchor = null;
  }

  /** Moves the keys without marking. */
  move(id: string): void {
    this.cursor = id;
    this.#anchor = null;
  }

  /** Forgets rows that are no longer listed. */
  keep(order: string[]): void {
    if (this.marked.length === 0) return;
    const left = those(this.marked, order);
    if (left.length < this.marked.length) this.marked = left;
  }
}
