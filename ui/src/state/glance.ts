import type { Lane, Status } from '../host/types';
import { clock, type Arguments } from '../words';

/** The states of the worker at a glance; the tray draws the same ones. */
export type Mark =
  | 'stopped'
  | 'needs-you'
  | 'failed'
  | 'running'
  | 'paused'
  | 'holding'
  | 'update-ready'
  | 'idle';

/** A mark and the words for it: a message of the catalogue with its values. */
export interface Glance {
  mark: Mark;
  id: string;
  values?: Arguments;
}

const BUSY = ['leased', 'running', 'needs_verification'];
const QUOTA = ['rate_limited', 'quota_exhausted'];
const PHASES: Partial<Record<Status['state'], string>> = {
  starting: 'states-glance-starting',
  stopping: 'states-glance-stopping',
  updating: 'states-glance-updating',
};

/**
 * Says in one sentence how the worker is: the most pressing thing wins.
 * The tray says the same; both are tested against `test/words.json`.
 */
export function glance(status: Status | null, now: number): Glance {
  if (status === null) return { mark: 'stopped', id: 'states-glance-stopped' };
  const phase = PHASES[status.state];
  if (phase) return { mark: 'idle', id: phase };
  return pressing(status) ?? atRest(status, now);
}

function pressing(status: Status): Glance | null {
  const [running, queued] = [count(status, BUSY), count(status, ['queued'])];
  if (status.asks > 0) {
    return { mark: 'needs-you', id: 'states-glance-questions', values: { n: status.asks } };
  }
  if (status.unseen_failures > 0) {
    const n = status.unseen_failures;
    return { mark: 'failed', id: 'states-glance-failures', values: { n } };
  }
  if (running > 0) {
    const values = { n: running, q: queued };
    return status.state === 'paused'
      ? { mark: 'running', id: 'states-glance-running-paused', values }
      : { mark: 'running', id: 'states-glance-running', values };
  }
  return null;
}

function atRest(status: Status, now: number): Glance {
  const n = count(status, ['queued']);
  if (status.state === 'paused') {
    if (!status.paused_until) return { mark: 'paused', id: 'states-glance-paused' };
    const time = clock(status.paused_until, now);
    return { mark: 'paused', id: 'states-glance-paused-until', values: { time } };
  }
  const held = n > 0 ? firstHeld(status.lanes) : undefined;
  if (held) return { mark: 'holding', ...holding(held, now) };
  if (status.update) return { mark: 'update-ready', id: 'states-glance-update' };
  if (n > 0) return { mark: 'idle', id: 'states-glance-queued', values: { n } };
  return { mark: 'idle', id: 'states-glance-idle' };
}

function count(status: Status, states: string[]): number {
  return states.reduce((sum, state) => sum + (status.counts[state] ?? 0), 0);
}

/** The held lane that opens first; one without a known end comes last. */
function firstHeld(lanes: Lane[]): Lane | undefined {
  return lanes
    .filter((lane) => lane.hold_reason)
    .sort((a, b) => (a.held_until ?? '~').localeCompare(b.held_until ?? '~'))[0];
}

function holding(lane: Lane, now: number): Omit<Glance, 'mark'> {
  const quota = QUOTA.includes(lane.hold_reason ?? '');
  const time = lane.held_until ? clock(lane.held_until, now) : null;
  if (quota && time) return { id: 'states-glance-quota-until', values: { time } };
  if (quota) return { id: 'states-glance-quota' };
  if (time) return { id: 'states-glance-lane-until', values: { lane: lane.lane, time } };
  return { id: 'states-glance-lane', values: { lane: lane.lane } };
}
