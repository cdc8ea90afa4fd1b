import type { Lane, Status } from '../host/types';

/** The states of the worker at a glance; the tray draws the same ones. */
export type Mark =
  | 'stopped'
  | 'needs-you'
  | 'failed'
  | 'running'
  | 'paused'
  | 'holding'
  | 'idle';

export interface Glance {
  mark: Mark;
  text: string;
}

const BUSY = ['leased', 'running', 'needs_verification'];
const QUOTA = ['rate_limited', 'quota_exhausted'];

/**
 * Says in one sentence how the worker is: the most pressing thing wins.
 * The tray says the same; both are tested against `test/words.json`.
 */
export function glance(status: Status | null, now: number): Glance {
  if (status === null) return { mark: 'stopped', text: 'Worker stopped' };
  const running = count(status, BUSY);
  const queued = count(status, ['queued']);
  const phase = { starting: 'Starting', stopping: 'Stopping', updating: 'Updating' };
  if (status.state in phase) {
    return { mark: 'idle', text: phase[status.state as keyof typeof phase] };
  }
  if (status.asks > 0) {
    return { mark: 'needs-you', text: `${plural(status.asks, 'question')} waiting` };
  }
  if (status.unseen_failures > 0) {
    return { mark: 'failed', text: `${plural(status.unseen_failures, 'task')} failed` };
  }
  if (running > 0) {
    const paused = status.state === 'paused' ? ', paused' : '';
    return { mark: 'running', text: `${running} running, ${queued} queued${paused}` };
  }
  if (status.state === 'paused') {
    const until = status.paused_until ? ` until ${clock(status.paused_until, now)}` : '';
    return { mark: 'paused', text: `Paused${until}` };
  }
  const held = queued > 0 ? firstHeld(status.lanes) : undefined;
  if (held) return { mark: 'holding', text: holding(held, now) };
  return { mark: 'idle', text: queued > 0 ? `${queued} queued` : 'Idle' };
}

function count(status: Status, states: string[]): number {
  return states.reduce((sum, state) => sum + (status.counts[state] ?? 0), 0);
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function firstHeld(lanes: Lane[]): Lane | undefined {
  return lanes
    .filter((lane) => lane.hold_reason)
    .sort((a, b) => (a.held_until ?? '~').localeCompare(b.held_until ?? '~'))[0];
}

function holding(lane: Lane, now: number): string {
  const what = QUOTA.includes(lane.hold_reason ?? '') ? 'quota' : lane.lane;
  const until = lane.held_until ? `, ${clock(lane.held_until, now)}` : '';
  return `Waiting for ${what}${until}`;
}

/** A local time: `14:00` today, else `2026-11-21 09:00`. */
export function clock(time: string, now: number): string {
  const at = new Date(time);
  const hour = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return day(at) === day(new Date(now)) ? hour : `${day(at)} ${hour}`;
}

function day(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
