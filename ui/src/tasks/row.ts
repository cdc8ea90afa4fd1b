import type { Task } from '../host/types';
import type { Query } from './query';

/** What the list keeps of a task: thousands of them stay in memory. */
export type TaskRow = Omit<
  Task,
  'prompt' | 'result' | 'outputs' | 'children' | 'piece' | 'asks' | 'workdir' | 'state_text'
> & {
  piece: string;
  /** Whether it waits for a review, which is shown apart from questions. */
  review: boolean;
  /** Whether the words that are looked for are in it; the worker says so for those that it lists. */
  matches: boolean;
};

/** Takes from a task what the list shows. */
export function rowOf(task: Task, query: Query, listed: boolean): TaskRow {
  const { prompt, result, outputs, children, piece, asks, workdir, state_text, ...rest } = task;
  void [result, outputs, children, workdir, state_text];
  return {
    ...rest,
    piece: piece.name,
    review: asks.length > 0 && asks.every(({ kind }) => kind === 'review'),
    matches: listed || contains(`${task.title}\n${prompt}`, query.search),
  };
}

/** What people call the folder of a task. */
export function project(row: { dir: string | null }): string | null {
  return row.dir?.split(/[\\/]/).findLast((part) => part !== '') ?? null;
}

/** When it ended, or was added where that is not known, in milliseconds. */
export function endOf(row: Pick<Task, 'ended_at' | 'created_at'>): number {
  return Date.parse(row.ended_at ?? row.created_at);
}

/** Who carries it out, in the words it was asked for or ran with. */
export function performer(row: { agent: string | null; lane: string | null }): string | null {
  return row.lane ?? row.agent;
}

/** Whether a row answers what is looked for. */
export function fits(row: TaskRow, query: Query): boolean {
  const one = (wanted: string[], has: string | null): boolean =>
    wanted.length === 0 || wanted.some((each) => contains(has ?? '', each));
  return (
    row.matches &&
    (query.states === null || query.states.includes(row.state)) &&
    query.labels.every((label) => row.labels.includes(label)) &&
    one(query.agents, `${row.agent ?? ''} ${row.lane ?? ''}`) &&
    one(query.projects, row.dir)
  );
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
