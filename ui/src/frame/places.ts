import type { IconName } from '../parts/icons/paths';
import type { View } from '../router.svelte';

/** A place of the rail, with its words and its icon. */
export interface Place {
  view: View;
  words: string;
  icon: IconName;
}

export const INBOX: Place = { view: 'inbox', words: 'app-inbox', icon: 'inbox' };
export const TASKS: Place = { view: 'tasks', words: 'app-tasks', icon: 'tasks' };
/** Places that a narrow window keeps behind "More". */
export const OTHERS: Place[] = [
  { view: 'agents', words: 'app-agents', icon: 'agents' },
  { view: 'folders', words: 'app-folders', icon: 'folder' },
  { view: 'settings', words: 'app-settings', icon: 'settings' },
];
