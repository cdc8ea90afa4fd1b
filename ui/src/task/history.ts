/** What happened to a task, in order of time: attempts, movements, questions and comments as one list. */

import { spoken } from '../asks/own';
import type {
  Ask,
  Timeline,
  TimelineAttempt,
  TimelineComment,
  TimelineMovement,
} from '../host/types';
import type { GlyphMark } from '../parts/Glyph.svelte';
import { visible } from '../parts/text/hidden';
import { label, surface } from '../state/answers.svelte';
import type { Arguments } from '../words';

export interface Step {
  readonly key: string;
  readonly kind: 'attempt' | 'movement' | 'ask' | 'comment';
  readonly at: string;
  readonly mark: GlyphMark;
  /** A message of the catalogue with its values. */
  readonly id: string;
  readonly values: Arguments;
  /** What was said, asked or summed up, in the words of whoever did. */
  readonly text: string | null;
}

/** Puts a timeline in order; of things at one moment the larger comes first. */
export function history(timeline: Timeline): Step[] {
  const steps = [
    ...timeline.attempts.map(attempt),
    ...timeline.movements.map(movement),
    ...timeline.asks.map(ask),
    ...timeline.comments.map(comment),
  ];
  return steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

const ENDS: Record<string, { mark: GlyphMark; id: string }> = {
  completed: { mark: 'done', id: 'task-attempt-done' },
  failed: { mark: 'failed', id: 'task-attempt-failed' },
  lost: { mark: 'failed', id: 'task-attempt-lost' },
  stopped: { mark: 'cancelled', id: 'task-attempt-cancelled' },
  suspended: { mark: 'paused', id: 'task-attempt-suspended' },
};

function attempt({ n, state, end, text, claimed_at, lane }: TimelineAttempt): Step {
  const running = { mark: 'running' as const, id: 'task-attempt-running' };
  const yielded = { mark: 'holding' as const, id: 'task-attempt-yielded' };
  const { mark, id } = state !== 'ended' ? running : (ENDS[end ?? ''] ?? yielded);
  const values = { n, lane };
  return { key: `attempt ${n}`, kind: 'attempt', at: claimed_at, mark, id, values, text };
}

function movement({ attempt: of, n, name, status, outcome, summary, started_at }: TimelineMovement): Step {
  return {
    key: `movement ${of}.${n}`,
    kind: 'movement',
    at: started_at,
    mark: movementMark(status, outcome),
    id: outcome ? 'task-movement-outcome' : 'task-movement-name',
    values: { name: visible(name), outcome: visible(outcome ?? '') },
    text: summary,
  };
}

function movementMark(status: string, outcome: string | null): GlyphMark {
  if (status === 'running') return 'running';
  if (status === 'waiting') return 'needs-you';
  if (status === 'interrupted') return 'paused';
  return status === 'failed' || outcome === 'failed' ? 'failed' : 'done';
}

function ask(of: Ask): Step {
  const asked = spoken(of);
  const { id, short_id, text, answered, created_at, closed_at } = asked;
  const open = answered === null && closed_at === null;
  const said = answered && label(asked, answered.value);
  const words = answered ? 'task-ask-answered' : open ? 'task-ask-open' : 'task-ask-closed';
  return {
    key: `ask ${id}`,
    kind: 'ask',
    at: created_at,
    mark: open ? 'needs-you' : answered ? 'done' : 'cancelled',
    id: words,
    values: { ask: short_id, answer: said ?? '', by: surface(answered?.by ?? '') },
    text,
  };
}

function comment({ text, at, delivered_at, movement: where }: TimelineComment, index: number): Step {
  const id = delivered_at === null ? 'task-comment-waits' : where ? 'task-comment-reached-in' : 'task-comment-reached';
  return {
    key: `comment ${index}`,
    kind: 'comment',
    at,
    mark: delivered_at === null ? 'queued' : 'done',
    id,
    values: { movement: visible(where ?? '') },
    text,
  };
}
