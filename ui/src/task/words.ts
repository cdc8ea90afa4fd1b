import type { PieceRow, Task } from '../host/types';
import { holdText, stateWord } from '../tasks/words';
import type { Wish } from '../tasks/verbs';
import { t } from '../words';

const WISHES: Record<Wish, string> = {
  cancel: 'task-wish-cancel',
  pause: 'task-wish-pause',
  resume: 'task-wish-resume',
  retry: 'task-wish-retry',
};

/** What is being done about a task that its state does not show yet; null where nothing is. */
export function wished(task: Task, wish: Wish | null): string | null {
  if (wish) return t(WISHES[wish]);
  if (task.cancelling) return t('task-wish-cancel');
  if (task.paused && ['leased', 'running'].includes(task.state)) return t('task-wish-pause');
  return null;
}

/** Where in its workflow the task is: `build, 2 of 5`; the name alone where the workflow is not known. */
export function movementWords(task: Task, piece: PieceRow | null): string | null {
  if (!task.movement) return null;
  const at = piece?.movements.indexOf(task.movement) ?? -1;
  if (!piece || at === -1 || piece.movements.length < 2) return task.movement;
  return t('task-movement', { movement: task.movement, n: at + 1, all: piece.movements.length });
}

/** The state in words; of one that waits, why. `title` finds what another task is called. */
export function stateWords(task: Task, now: number, title: (short: string) => string | null): string {
  return task.hold ? holdText(task.hold, now, title, task.paused) : stateWord(task.state);
}
