import type { TaskRow } from './row';

/** Rows by id. */
export class Table {
  readonly #rows = new Map<string, TaskRow>();
  /** After which event the reason why it waits was read. */
  readonly #reasons = new Map<string, number>();

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
    this.#reasons.delete(id);
  }

  /** Notes that the reason why a row waits is as of an event. */
  note(id: string, seq: number): void {
    this.#reasons.set(id, seq);
  }

  /** Whether a row waits for a reason that an event may have changed since. */
  outdated(id: string, seq: number): boolean {
    const waits = ['queued', 'waiting', 'paused'].includes(this.#rows.get(id)?.state ?? '');
    return waits && (this.#reasons.get(id) ?? -1) < seq;
  }

  /** Forgets the rows that are not named and that `forgettable` says so of. */
  keep(ids: string[], forgettable: (row: TaskRow) => boolean = () => true): void {
    const there = new Set(ids);
    for (const row of this.all) {
      if (!there.has(row.id) && forgettable(row)) this.delete(row.id);
    }
  }
}

/** Those of `ids` that are in `order`. */
export function those(ids: string[], order: string[]): string[] {
  const there = new Set(order);
  return ids.filter((id) => there.has(id));
}
