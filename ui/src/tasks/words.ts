import type { Failure, Hold, TaskState } from '../host/types';
import type { GlyphMark } from '../parts/Glyph.svelte';
import { clock, known, t, type Arguments } from '../words';
import { project } from './row';

const MARKS: Record<TaskState, GlyphMark> = {
  queued: 'queued',
  waiting: 'holding',
  leased: 'running',
  running: 'running',
  paused: 'paused',
  needs_input: 'needs-you',
  needs_verification: 'running',
  done: 'done',
  failed: 'failed',
  dead: 'failed',
  cancelled: 'cancelled',
};

/** The glyph of a state; one that stands in line differs from one that something holds. */
export function markOf(state: TaskState, holding = false): GlyphMark {
  return state === 'queued' && holding ? 'holding' : MARKS[state];
}

/** A state in a word. */
export function stateWord(state: TaskState): string {
  return t(`states-task-${state}`);
}

/**
 * Why a task waits, in one sentence: by the kind of the hold with its values, in the reader's language.
 * `title` finds what a task is called; `marked` says whether the task itself is paused.
 */
export function holdText(
  hold: Hold,
  now: number,
  title: (short: string) => string | null = () => null,
  marked = false,
): string {
  return known(`states-hold-${variant(hold, marked)}`, hold.text, values(hold, now, title)).trim();
}

/** A hold whose sentence depends on which of its values are known. */
function variant(hold: Hold, marked: boolean): string {
  if (hold.kind === 'paused') {
    if (hold['until'] != null) return 'worker_paused_until';
    return marked ? 'paused' : 'worker_paused';
  }
  if (hold.kind === 'lane_hold' && hold['reason']) return 'lane_hold_reason';
  return hold.kind;
}

function values(hold: Hold, now: number, title: (short: string) => string | null): Arguments {
  const shown: Arguments = {};
  for (const [key, value] of Object.entries(hold)) {
    if (key === 'kind' || key === 'text') continue;
    if (typeof value === 'number') shown[key] = key === 'free' ? Math.floor(value / 2 ** 20) : value;
    if (typeof value !== 'string') continue;
    if (['until', 'since', 'next'].includes(key)) shown['time'] = clock(value, now);
    else if (key === 'reason') shown[key] = classWord(value);
    else if (key === 'task' || key === 'holder') shown[key] = named(value, title);
    else shown[key] = key === 'path' ? (project({ dir: value }) ?? value) : value;
  }
  return shown;
}

function named(short: string, title: (short: string) => string | null): string {
  const found = title(short);
  return found ? t('states-task-named', { title: found }) : t('states-task-short', { id: short });
}

/** A class of failures in words; the class itself where it is of a newer worker. */
export function classWord(name: string): string {
  return known(`states-class-${name}`, name);
}

/** Why it failed in one line: the class in words and the first line of what was said. */
export function failureText({ class: name, text }: Failure): string {
  const [line = ''] = text.split('\n');
  return line ? t('states-failure', { class: classWord(name), line }) : classWord(name);
}
