import type { Query } from './query';
import { everything } from './query';
import { endOf, fits, type TaskRow } from './row';

/** The groups of the list, in the order a person wants them. */
export const GROUPS = [
  'needs',
  'running',
  'holding',
  'queued',
  'review',
  'failed',
  'done',
] as const;
export type Group = (typeof GROUPS)[number];

/** A line of the list. */
export type Item =
  | { kind: 'heading'; group: Group; count: number }
  | { kind: 'row'; group: Group; row: TaskRow }
  | { kind: 'seen'; count: number }
  | { kind: 'older' };

/** What the list shows beyond what it shows by itself. */
export interface Beyond {
  /** What ended before the last days. */
  older: boolean;
  /** Failures that a person has seen. */
  seen: boolean;
  /** The task that is read beside the list: it does not go while it is. */
  open: string | null;
}

/** How long the list shows what has ended, in milliseconds. */
export const RECENT = 7 * 24 * 3_600_000;

/** Holds that pass by themselves as soon as somebody ends: those tasks stand in line. */
const IN_LINE = ['slots', 'lane_full', 'piece_full', 'project_full'];

/** Where a task belongs. */
export function groupOf(row: TaskRow): Group {
  switch (row.state) {
    case 'needs_input':
      return row.review ? 'review' : 'needs';
    case 'leased':
    case 'running':
    case 'needs_verification':
      return 'running';
    case 'paused':
      return 'holding';
    case 'queued':
    case 'waiting':
      return row.hold && !IN_LINE.includes(row.hold.kind) ? 'holding' : 'queued';
    case 'failed':
    case 'dead':
      return 'failed';
    case 'done':
    case 'cancelled':
      return 'done';
  }
}

/** The list as it is shown: headings and rows, the newest ends last. A search finds all there is. */
export function arrange(rows: Iterable<TaskRow>, query: Query, now: number, beyond: Beyond): Item[] {
  const groups = new Map<Group, TaskRow[]>(GROUPS.map((group) => [group, []]));
  const all = !everything(query);
  let hidden = false;
  let seen = 0;
  for (const row of rows) {
    if (!fits(row, query)) continue;
    const group = groupOf(row);
    const recent = group !== 'done' || now - endOf(row) < RECENT;
    const settled = group === 'failed' && row.seen_at !== null && row.id !== beyond.open;
    if (settled && !all && !beyond.seen) seen += 1;
    else if (all || beyond.older || recent) groups.get(group)?.push(row);
    else hidden = true;
  }
  const items = [...groups].flatMap(([group, members]): Item[] => {
    const shown = lines(group, members);
    return group === 'failed' && seen > 0 ? [...shown, { kind: 'seen', count: seen }] : shown;
  });
  return hidden ? [...items, { kind: 'older' }] : items;
}

function lines(group: Group, rows: TaskRow[]): Item[] {
  if (rows.length === 0) return [];
  const value = new Map(rows.map((row) => [row, place(group, row)]));
  rows.sort((a, b) => (value.get(a) ?? 0) - (value.get(b) ?? 0));
  return [
    { kind: 'heading', group, count: rows.length },
    ...rows.map((row): Item => ({ kind: 'row', group, row })),
  ];
}

const HEAD_START = { urgent: 24, high: 4, normal: 0, low: -4 };

/** What a group is ordered by: those in line by their turn, the others by what happened last. */
function place(group: Group, row: TaskRow): number {
  const created = Date.parse(row.created_at);
  if (group === 'queued' || group === 'holding') {
    return created - HEAD_START[row.priority] * 3_600_000;
  }
  return -Date.parse(row.ended_at ?? row.started_at ?? row.created_at);
}
