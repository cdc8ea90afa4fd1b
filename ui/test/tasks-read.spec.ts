import { fireEvent, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Task } from '../src/host/types';
import { task } from './fixtures';
import { lines, list, moment, NOW, row, scroll } from './queue';

describe('reading the task list', () => {
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true, now: NOW }));
  afterEach(() => void vi.useRealTimers());

  it('new_task_appears_without_reading_the_whole_list_again', async () => {
    const host = await list([task(1)]);
    const before = host.sent('task.list').length;
    host.tasks = [task(2, { title: 'new' }), ...host.tasks];
    host.send({ seq: 1, task: '0199-2', kind: 'submitted' });
    await vi.advanceTimersByTimeAsync(300);
    expect(lines()).toContain('new');
    expect(host.sent('task.list')).toHaveLength(before);
  });

  it('reasons_in_sight_are_read_anew_when_another_task_changes', async () => {
    const host = await list([task(1, { hold: { kind: 'slots', text: '', used: 4, limit: 4 } })]);
    host.change('0199-1', { hold: { kind: 'starting', text: '' } });
    host.send({ seq: 1, task: null, kind: 'gate_closed' });
    await vi.advanceTimersByTimeAsync(1500);
    expect(row('Task 1').textContent).toContain('The worker is starting');
  });

  it('reasons_of_rows_that_come_into_sight_are_read_when_they_are_older_than_the_last_event', async () => {
    const starting = { kind: 'starting', text: '' };
    const host = await list(Array.from({ length: 300 }, (_, n) => task(n + 1, { hold: starting, created_at: moment(n) })));
    host.tasks = host.tasks.map((each) => ({ ...each, hold: { kind: 'paused', text: '' } }));
    host.send({ seq: 1, task: null, kind: 'worker_paused' });
    await vi.advanceTimersByTimeAsync(1500);
    expect(row('Task 1').textContent).toContain('The worker is paused');
    const before = host.sent('task.show').length;
    const box = screen.getByRole('listbox');
    for (const top of [2000, 5000, 9000]) await scroll(box, top);
    await vi.advanceTimersByTimeAsync(1500);
    const read = host.sent('task.show').slice(before);
    expect(read.length, 'only where the reader stays').toBeLessThan(40);
    const shown = screen.getAllByRole('option').filter(({ dataset }) => read.some(({ id }) => id === dataset['id']));
    expect(shown.length).toBeGreaterThan(5);
    for (const each of shown) expect(each.textContent).toContain('The worker is paused');
    await scroll(box, 8900);
    await scroll(box, 9000);
    await vi.advanceTimersByTimeAsync(1500);
    expect(host.sent('task.show').length, 'nothing has happened since').toBeLessThan(before + read.length + 5);
  });

  it('many_changes_at_once_read_the_pages_instead_of_each_task', async () => {
    const host = await list([task(1)]);
    for (let seq = 1; seq <= 60; seq += 1) host.send({ seq, task: `0199-${seq}` });
    await vi.advanceTimersByTimeAsync(300);
    expect(host.sent('task.show').filter(({ id }) => id !== '0199-1')).toEqual([]);
    expect(host.sent('task.list').length).toBeGreaterThan(3);
  });

  it('task_that_went_while_the_page_was_cut_off_leaves_the_list', async () => {
    const host = await list([task(1), task(2)]);
    host.tasks = [task(2)];
    host.script({ 'events.subscribe': () => ({ seq: 9, status: null as never, tasks: [], asks: [] }) });
    host.send({ seq: 8 });
    await vi.advanceTimersByTimeAsync(300);
    expect(lines()).toEqual(['Queued 1', 'Task 2']);
  });

  it('every_page_of_open_tasks_is_read', async () => {
    await list(Array.from({ length: 450 }, (_, n) => task(n + 1)));
    expect(lines()[0]).toBe('Queued 450');
    expect(screen.getAllByRole('option').length).toBeLessThan(60);
    expect(screen.getAllByRole('option')[0]?.getAttribute('aria-setsize')).toBe('450');
  });

  it('pages_of_tasks_that_are_not_shown_are_read_on_request_and_one_at_a_time', async () => {
    const old = (n: number): Task => task(n + 4, { state: 'done', ended_at: '2026-11-01T10:00:00Z' });
    const host = await list([task(1), task(2), task(3), ...Array.from({ length: 1000 }, (_, n) => old(n))]);
    await vi.advanceTimersByTimeAsync(500);
    const further = (): unknown[] => host.sent('task.list').filter(({ after }) => after);
    expect(further()).toEqual([]);
    await fireEvent.click(screen.getByRole('option', { name: 'Show older tasks' }));
    await vi.advanceTimersByTimeAsync(50);
    expect(lines()).toContain('Done 200');
    const box = screen.getByRole('listbox');
    for (const top of [8500, 8600, 8700]) await scroll(box, top);
    await vi.advanceTimersByTimeAsync(50);
    expect(further()).toHaveLength(1);
    expect(screen.getAllByRole('option').at(-1)?.getAttribute('aria-setsize')).toBe('403');
  });
});
