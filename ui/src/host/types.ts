/** The views of the control protocol that this page reads. */

export type WorkerState = 'starting' | 'running' | 'paused' | 'updating' | 'stopping';

/** One lane of performers, for example `claude:default`. */
export interface Lane {
  lane: string;
  active: number;
  limit: number | null;
  held_until?: string | null;
  hold_reason?: string | null;
  signed_out?: boolean;
  drained?: boolean;
}

/** What the method `status` returns. Times are RFC 3339 in UTC. */
export interface Status {
  state: WorkerState;
  paused_until?: string | null;
  counts: Record<string, number>;
  slots: { used: number; total: number };
  lanes: Lane[];
  asks: number;
  unseen_failures: number;
  version: string;
}

/** One task as a list shows it. */
export interface TaskRow {
  id: string;
  short_id: string;
  title: string;
  state: string;
  state_text: string;
}
