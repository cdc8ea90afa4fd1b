import type { Task } from '../host/types';
import type { Wish } from './detail.svelte';

/** What can be asked of a task in its state. */
export function possible(task: Task): Record<Wish, boolean> {
  const failed = ['failed', 'dead', 'cancelled'].includes(task.state);
  const open = !failed && task.state !== 'done';
  return {
    pause: open && !task.paused && !task.cancelling,
    resume: open && task.paused && !task.cancelling,
    cancel: open && !task.cancelling,
    retry: failed,
  };
}

/** Whether something of it runs, which a cancel would end. */
export function live(task: Task): boolean {
  return ['leased', 'running', 'needs_verification'].includes(task.state);
}
