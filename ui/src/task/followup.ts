import type { Task } from '../host/types';
import type { App } from '../state/app';
import { t } from '../words';
import type { Detail } from './detail.svelte';

/** Whether what is said to it from now on would not be read, but run as a shell script. */
export function runsWords(task: Task, detail: Detail): boolean {
  return task.lane === 'shell' && detail.ended;
}

/** When what is said to it is read, and by whom. */
export function reach(task: Task, detail: Detail): string {
  if (runsWords(task, detail)) return t('task-comment-hint-ended-script');
  if (detail.ended) return t('task-comment-hint-ended');
  if (task.lane === 'shell') return t('task-comment-hint-script');
  return t(detail.atWork ? 'task-comment-hint-running' : 'task-comment-hint-waiting');
}

/** Tells of a follow-up that was added, with the way to it. */
export function sayFollowUp({ router, toasts }: App, task: Task): void {
  toasts.show(t('task-follow-up-added', { id: task.short_id }), {
    action: { label: t('task-follow-up-open'), run: () => router.go('tasks', task.short_id) },
  });
}
