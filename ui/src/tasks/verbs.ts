import type { Host } from '../host';
import type { Task, TaskState } from '../host/types';

/** What can be done with one task or several. */
export const VERBS = ['pause', 'resume', 'cancel', 'retry', 'seen'] as const;
export type Verb = (typeof VERBS)[number];
/** What changes the work itself and takes a moment. */
export type Wish = Exclude<Verb, 'seen'>;

interface Subject {
  id: string;
  state: TaskState;
  paused: boolean;
  cancelling: boolean;
  /** When a person saw that it failed. */
  seen_at: string | null;
}

const ENDED: TaskState[] = ['done', 'failed', 'dead', 'cancelled'];

/** Whether a verb makes sense for a task as it is. */
export function applies(verb: Verb, task: Subject): boolean {
  const ended = ENDED.includes(task.state);
  switch (verb) {
    case 'pause':
      return !ended && !task.paused && !task.cancelling;
    case 'resume':
      return !ended && task.paused && !task.cancelling;
    case 'cancel':
      return !ended && !task.cancelling;
    case 'retry':
      return ended && task.state !== 'done';
    case 'seen':
      return (task.state === 'failed' || task.state === 'dead') && task.seen_at === null;
  }
}

/**
 * Does it to those it makes sense for; resolves with them as they are then, where the worker says so, rejects with the
 * refusal.
 */
export async function perform(host: Host, verb: Verb, tasks: Subject[]): Promise<Task[]> {
  const ids = tasks.filter((task) => applies(verb, task)).map(({ id }) => id);
  if (ids.length === 0) return [];
  if (verb === 'seen') {
    await host.call('task.seen', { ids });
    return [];
  }
  const { tasks: changed } =
    verb === 'cancel'
      ? await host.call('task.cancel', { ids, wait: false })
      : await host.call(`task.${verb}`, { ids });
  return changed;
}
