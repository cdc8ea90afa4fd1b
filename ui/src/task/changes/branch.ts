import type { Task } from '../../host/types';
import { t } from '../../words';

/** What a person can do with the branch of a task. */
export type BranchVerb = 'merge' | 'discard' | 'restore';

const ENDED = ['done', 'failed', 'dead', 'cancelled'];

/** Whether it can be done with the task as it stands. */
export function may(verb: BranchVerb, task: Pick<Task, 'state' | 'worktree' | 'changes'>): boolean {
  const { worktree, changes } = task;
  if (!worktree || !ENDED.includes(task.state)) return false;
  switch (verb) {
    case 'merge':
      if (task.state !== 'done' || worktree.onto === null || changes?.files === 0) return false;
      return worktree.state === 'open' || worktree.state === 'kept';
    case 'discard':
      return worktree.state === 'open' || worktree.state === 'kept';
    case 'restore':
      return worktree.state === 'discarded';
  }
}

/** Where the branch stands, in words. */
export function standing({ worktree }: Pick<Task, 'worktree'>): string {
  if (!worktree) return '';
  const onto = worktree.onto ?? '';
  if (worktree.state === 'merged') return t('task-branch-merged', { onto });
  if (worktree.state === 'discarded') return t('task-branch-discarded');
  return onto ? t('task-branch-from', { onto }) : '';
}
