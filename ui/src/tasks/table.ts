import type { TaskRow } from './row';

/** Rows by id. */
export class Table {
  readonly #rows = new Map<string, TaskRow>();

  get size(): number {
    return this.#rows.size;
  }

  get all(): TaskRow[] {
    return [...this.#rows.values()];
  }

  get(id: string): TaskRow | undefined {
    return this.#rows.get(id);
  }

  put(row: TaskRow): void {
    this.#rows.set(row.id, row);
  }

  delete(id: string): void {
    this.#rows.delete(id);
  }

  /** Forgets the rows that are not named and that `forgettable` says so of. */
  keep(ids: string[], forgettable: (row: TaskRow) => boolean = () => true): void {
    const there = new Set(ids);
    for (const row of this.all) {
      if (!there.has(row.id) && forgettable(row)) this.#rows.delete(row.id);
    }
  }
}

/** Those of `ids` that are in `order`. */
export function those(ids: string[], order: string[]): string[] {
  const there = new Set(order);
  return ids.filter((id) => there.has(id));
}
