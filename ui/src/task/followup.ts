import type { Task } from '../host/types';
import type { App } from '../state/app';
import { t } from '../words';

/** Tells of a follow-up that was added, with the way to it. */
export function sayFollowUp({ router, toasts }: App, task: Task): void {
  toasts.show(t('task-follow-up-added', { id: task.short_id }), {
    action: { label: t('task-follow-up-open'), run: () => router.go('tasks', task.short_id) },
  });
}
