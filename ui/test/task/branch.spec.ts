import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import Ripieno from '../../src/App.svelte';
import { HostError } from '../../src/host';
import type { Checkpoint, Task } from '../../src/host/types';
import { App } from '../../src/state/app';
import { ScriptedHost, snapshot, task } from '../fixtures';

type Table = ConstructorParameters<typeof ScriptedHost>[0];

const patience = { timeout: 30_000 };
vi.setConfig({ testTimeout: 90_000 });

const NONE = { base: null, reason: 'none', includes_earlier: false, files: [], insertions: 0, deletions: 0, truncated: false };

function branched(state: 'kept' | 'merged' | 'discarded'): Task {
  const worktree = { state, onto: 'main', base: 'abc', stays: null };
  return task(1, { state: 'done', attempt: 1, mode: 'worktree', branch: 'ripieno/T-1-x', worktree });
}

async function open(shown: Task, table: Table = {}): Promise<ScriptedHost> {
  const host = new ScriptedHost({
    'events.subscribe': () => snapshot({ tasks: [shown] }),
    'task.list': () => ({ tasks: [shown], next: null }),
    'task.show': () => shown,
    'task.logs': () => ({ entries: [], next: 1, ended: true }),
    'task.changes': () => NONE,
    ...table,
  });
  window.location.hash = '#/tasks/T-1/changes';
  render(Ripieno, { app: new App(host) });
  await screen.findByText('ripieno/T-1-x', undefined, patience);
  return host;
}

describe('the branch of a task', () => {
  beforeEach(() => localStorage.clear());

  it('merge_asks_first_and_says_where_it_went', async () => {
    const merged = { task: branched('merged'), onto: 'main', commit: 'def' };
    const host = await open(branched('kept'), { 'task.merge': () => merged });
    await userEvent.click(screen.getByRole('button', { name: 'Merge' }));
    const dialog = await screen.findByRole('dialog', { name: 'Merge into main?' }, patience);
    expect(host.sent('task.merge')).toEqual([]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Merge' }));
    await screen.findByText('Merged into main.', undefined, patience);
    expect(host.sent('task.merge')).toEqual([{ id: '0199-1' }]);
  });

  it('refused_merge_names_the_files_and_the_task_can_resolve_it', async () => {
    const detail = { reason: 'conflict', task: 'T-1', branch: 'main', files: ['a.txt'] };
    const host = await open(branched('kept'), {
      'task.merge': () => {
        throw new HostError('conflict', 'as the command says it', detail);
      },
      'task.comment': () => ({ task: branched('kept'), follow_up: task(2) }),
    });
    await userEvent.click(screen.getByRole('button', { name: 'Merge' }));
    const dialog = await screen.findByRole('dialog', undefined, patience);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Merge' }));
    const refusal = await screen.findByRole('alert', undefined, patience);
    expect(refusal.textContent).toContain('T-1 and main both changed a.txt. Nothing was merged.');
    await userEvent.click(within(refusal).getByRole('button', { name: 'Let the task resolve it' }));
    await expect
      .poll(() => host.sent('task.comment'), patience)
      .toEqual([{ id: 'T-1', text: 'Merge main into this branch and resolve the conflicts.' }]);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('discarded_branch_can_only_be_taken_back', async () => {
    const back = { task: branched('kept'), branch: 'ripieno/T-1-x', commit: 'def' };
    const host = await open(branched('discarded'), { 'task.discard': () => back });
    expect(screen.queryByRole('button', { name: 'Merge' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Discard' })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Take back' }));
    await expect.poll(() => host.sent('task.discard'), patience).toEqual([{ id: '0199-1', undo: true }]);
  });

  it('branch_without_a_change_is_not_offered_for_merging', async () => {
    await open({ ...branched('kept'), changes: { files: 0, insertions: 0, deletions: 0 } });
    expect(screen.queryByRole('button', { name: 'Merge' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Discard' })).toBeTruthy();
  });

  it('rewind_names_the_state_its_points_were_read_at_and_sends_only_a_changed_text', async () => {
    const point = (n: number, part: Partial<Checkpoint> = {}): Checkpoint => ({
      n, at: '2026-01-01T00:00:00Z', attempt: 1, reason: 'movement', movement: 'work', commit: 'abc', why: null, ...part,
    });
    const points = [point(1), point(2, { reason: 'end', commit: null, why: 'too large' })];
    const host = await open(branched('kept'), {
      'task.checkpoints': () => ({ seq: 41, points, input: 'Do 1' }),
      'task.rewind': () => ({ task: branched('kept'), follow_up: null }),
    });
    await userEvent.click(screen.getByRole('button', { name: 'Go back…' }));
    const first = await screen.findByRole('radio', { name: /Before work/ }, patience);
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /After work/ }).disabled).toBe(true);
    await userEvent.click(first);
    await userEvent.click(screen.getByRole('button', { name: 'Go back' }));
    await expect.poll(() => host.sent('task.rewind'), patience).toEqual([{ id: '0199-1', to: 1, as_of: 41 }]);
  });
});
