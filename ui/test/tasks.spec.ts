import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fireEvent, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { HostError } from '../src/host';
import { holdText } from '../src/tasks/words';
import { words } from '../src/words';
import { ask, task, PATIENT } from './fixtures';
import { lines, list, NOW, press, row, search } from './queue';

// The task that is opened beside the list is loaded when it is first wanted.
vi.setConfig({ testTimeout: 90_000 });

const ONE_OF_EACH = [
  task(1, { title: 'asks', state: 'needs_input' }),
  task(2, { title: 'runs', state: 'running', started_at: '2026-11-20T09:50:00Z' }),
  task(3, {
    title: 'is held',
    hold: { kind: 'directory', text: '', path: '/home/me/site', holder: 'T-2', task: 'T-2' },
  }),
  task(4, { title: 'stands in line', hold: { kind: 'slots', text: '', used: 4, limit: 4 } }),
  task(5, { title: 'is reviewed', state: 'needs_input', asks: [ask(1, { kind: 'review' })] }),
  task(6, {
    title: 'broke',
    state: 'failed',
    failure: { class: 'verification_failed', text: 'two tests\nand more' },
  }),
  task(7, { title: 'is done', state: 'done', ended_at: '2026-11-19T10:00:00Z' }),
];

describe('task list', () => {
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true, now: NOW }));
  afterEach(() => void vi.useRealTimers());

  it('tasks_stand_in_groups_in_the_order_a_person_wants_them', async () => {
    await list(ONE_OF_EACH);
    expect(lines()).toEqual([
      'Needs you 1',
      'asks',
      'Running 1',
      'runs',
      'Holding 1',
      'is held',
      'Queued 1',
      'stands in line',
      'Review 1',
      'is reviewed',
      'Failed 1',
      'broke',
      'Done 1',
      'is done',
    ]);
  });

  it('row_says_why_the_task_waits_or_how_it_ended', async () => {
    await list(ONE_OF_EACH);
    expect(row('is held').textContent).toContain('Waiting for the folder site, held by “runs”');
    expect(row('stands in line').textContent).toContain('All slots are taken (4 of 4)');
    expect(row('broke').textContent).toContain('checks not passed: two tests');
    expect(row('runs').textContent).toContain('10 m');
  });

  it.each([
    [{ kind: 'paused', until: null }, false, 'The worker is paused'],
    [{ kind: 'paused', until: null }, true, 'Paused'],
    [{ kind: 'paused', until: '2026-11-20T14:00:00Z' }, false, 'The worker is paused until 14:00'],
    [{ kind: 'not_before', until: '2026-11-21T03:00:00Z' }, false, 'Starts at 2026-11-21 03:00'],
    [
      { kind: 'lane_hold', lane: 'claude:default', until: '2026-11-20T12:50:00Z', reason: 'quota_exhausted' },
      false,
      'claude:default is held until 12:50: quota used up',
    ],
    [{ kind: 'lane_hold', lane: 'shell', until: '2026-11-20T12:50:00Z', reason: '' }, false, 'shell is held until 12:50'],
    [{ kind: 'disk_space', free: 52_428_800 }, false, 'Too little disk space: 50 MiB left'],
    [{ kind: 'dependency', task: 'T-9' }, false, 'T-9 must be done first'],
    [{ kind: 'subtasks', open: 1 }, false, 'Waiting for 1 subtask'],
  ])('hold_%j_of_a_task_marked_%s_reads_%s', (hold, marked, text) => {
    expect(holdText({ text: '', ...hold }, NOW, () => null, marked)).toBe(text);
  });

  it('every_kind_of_hold_of_the_worker_has_its_sentence', () => {
    const enums = readFileSync(join(import.meta.dirname, '../../src-tauri/crates/ripieno-core/src/hold.rs'), 'utf8');
    const [, body = ''] = /pub enum Hold \{([\s\S]*?)\n\}/.exec(enums) ?? [];
    const kinds = [...body.matchAll(/^ {4}([A-Z]\w+)/gm)].map(([, name = '']) =>
      name.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
    );
    expect(kinds.length).toBeGreaterThan(20);
    expect(kinds.filter((kind) => !words.has(`states-hold-${kind}`))).toEqual([]);
  });

  it('every_class_of_failure_of_the_worker_has_its_word', () => {
    const code = readFileSync(join(import.meta.dirname, '../../src-tauri/crates/ripieno-core/src/failure.rs'), 'utf8');
    const names = [...code.matchAll(/^ +\w+(?: \{ \.\. \})? => "([a-z_]+)",/gm)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !words.has(`states-class-${name}`))).toEqual([]);
  });

  it('what_cannot_be_seen_in_a_row_is_shown_as_a_mark', async () => {
    const others = { labels: ['a\u202Eb'], dir: '/home/me/c\u202Ed', agent: 'e\u202Ef' };
    await list([task(1, { title: 'safe\u202Egnp', ...others })]);
    for (const text of ['safe[U+202E]gnp', 'a[U+202E]b', 'c[U+202E]d', 'e[U+202E]f']) {
      expect(row('safe').textContent).toContain(text);
    }
  });

  it('reason_of_a_newer_worker_is_shown_in_its_own_words', async () => {
    const hold = { kind: 'moon_phase', text: 'The moon is not full.' };
    await list([task(1, { hold })]);
    expect(row('Task 1').textContent).toContain('The moon is not full.');
  });

  it('what_ended_more_than_a_week_ago_is_shown_on_request', async () => {
    await list([task(1, { title: 'old', state: 'done', ended_at: '2026-11-01T10:00:00Z' })]);
    expect(lines()).toEqual([]);
    await fireEvent.click(screen.getByRole('option', { name: 'Show older tasks' }));
    expect(lines()).toEqual(['Done 1', 'old']);
  });

  const seen = { state: 'failed', seen_at: '2026-11-20T09:59:00Z' } as const;
  const FAILURES = [
    task(1, { title: 'new', state: 'failed', ended_at: '2026-11-20T09:03:00Z' }),
    task(2, { title: 'newer', state: 'dead', ended_at: '2026-11-20T09:04:00Z' }),
    task(3, { title: 'seen', ...seen, ended_at: '2026-11-20T09:02:00Z' }),
    task(4, { title: 'seen too', ...seen, state: 'dead', ended_at: '2026-11-20T09:01:00Z' }),
  ];

  it('failures_that_were_seen_are_shown_on_request_and_found_by_a_search', async () => {
    await list(FAILURES);
    expect(lines()).toEqual(['Failed 2', 'newer', 'new']);
    await search('state:failed');
    expect(lines()).toEqual(['Failed 4', 'newer', 'new', 'seen', 'seen too']);
    await search('');
    await fireEvent.click(screen.getByRole('option', { name: 'Show 2 failed, seen before' }));
    expect(lines()).toEqual(['Failed 4', 'newer', 'new', 'seen', 'seen too']);
  });

  it('failure_that_is_open_stays_in_the_list_when_it_counts_as_seen', async () => {
    await list(FAILURES, '#/tasks/T-3');
    expect(lines()).toEqual(['Failed 3', 'newer', 'new', 'seen']);
    expect(screen.getByRole('option', { name: 'Show 1 failed, seen before' })).toBeTruthy();
  });

  it('marked_failures_are_marked_as_seen_and_leave', async () => {
    const host = await list(FAILURES);
    await search('state:failed');
    row('newer').focus();
    await press('a', { ctrlKey: true });
    await fireEvent.click(within(screen.getByRole('toolbar')).getByRole('button', { name: 'Mark as seen' }));
    expect(host.sent('task.seen')).toEqual([{ ids: ['0199-2', '0199-1'] }]);
  });

  it('failure_marked_as_seen_by_its_key_gives_the_focus_to_the_next_row', async () => {
    const host = await list([...FAILURES, task(5, { title: 'is done', state: 'done' })]);
    row('newer').focus();
    await press('m');
    host.send({ seq: 1, task: '0199-2', kind: 'task_seen' });
    await vi.advanceTimersByTimeAsync(300);
    expect(lines()).toEqual(['Failed 1', 'new', 'Done 1', 'is done']);
    expect(document.activeElement).toBe(row('new'));
  });

  it('button_among_the_rows_that_goes_gives_the_focus_to_a_row', async () => {
    const host = await list(FAILURES);
    screen.getByRole('option', { name: 'Mark all as seen' }).focus();
    for (const id of ['0199-1', '0199-2']) host.change(id, { seen_at: '2026-11-20T10:00:00Z' });
    host.tasks = [...host.tasks, task(5, { title: 'comes' })];
    for (const [at, n] of [1, 2, 5].entries()) host.send({ seq: at + 1, task: `0199-${n}` });
    await vi.advanceTimersByTimeAsync(300);
    expect(document.activeElement).toBe(row('comes'));
  });

  it.each([
    ['of_all', '', { all: true }],
    ['of_those_found', 'newer', { ids: ['0199-2'] }],
  ])('failures_%s_are_marked_as_seen_at_their_heading', async (_, text, which) => {
    const host = await list(FAILURES);
    await search(text);
    await fireEvent.click(screen.getByRole('option', { name: 'Mark all as seen' }));
    expect(host.sent('task.seen')).toEqual([which]);
    host.send({ seq: 1, task: '0199-1', kind: 'task_seen' });
    host.send({ seq: 2, task: '0199-2', kind: 'task_seen' });
    await vi.advanceTimersByTimeAsync(300);
    expect(screen.queryByRole('option', { name: 'Mark all as seen' })).toBeNull();
  });

  it('change_of_a_task_moves_its_row_and_keeps_the_focus_on_it', async () => {
    const host = await list([task(1, { title: 'first' }), task(2, { title: 'second' })]);
    row('first').focus();
    await press('ArrowDown');
    expect(document.activeElement?.textContent).toContain('second');
    host.change('0199-2', { state: 'running', started_at: '2026-11-20T09:59:00Z' });
    host.send({ seq: 1, task: '0199-2' });
    await vi.advanceTimersByTimeAsync(300);
    expect(lines()).toEqual(['Running 1', 'second', 'Queued 1', 'first']);
    expect(document.activeElement?.textContent).toContain('second');
  });

  it('words_and_labels_are_looked_for_by_the_worker_and_the_rest_here', async () => {
    const host = await list([
      task(1, { title: 'alpha', agent: 'claude', dir: '/home/user/site' }),
      task(2, { title: 'alpine', agent: 'claude', dir: '/home/user/docs' }),
      task(3, { title: 'alps', lane: 'shell', labels: ['db'] }),
    ]);
    await search('al project:site');
    expect(lines()).toEqual(['Queued 1', 'alpha']);
    await search('agent:shell');
    expect(lines()).toEqual(['Queued 1', 'alps']);
    await search('label:db al');
    expect(lines()).toEqual(['Queued 1', 'alps']);
    expect(host.sent('task.list').at(-1)).toMatchObject({ labels: ['db'], search: 'al' });
  });

  it('state_filter_is_a_token_that_can_be_taken_away', async () => {
    await list(ONE_OF_EACH);
    await search('state:failed');
    expect(lines()).toEqual(['Failed 1', 'broke']);
    await fireEvent.click(screen.getByRole('button', { name: 'Remove the filter state:failed' }));
    await vi.advanceTimersByTimeAsync(400);
    expect(lines()).toHaveLength(14);
  });

  it('filter_written_twice_is_shown_twice_and_the_list_goes_on', async () => {
    await list(ONE_OF_EACH);
    await search('state:failed state:failed');
    expect(screen.getAllByRole('button', { name: 'Remove the filter state:failed' })).toHaveLength(2);
    expect(lines()).toEqual(['Failed 1', 'broke']);
  });

  it('unknown_state_finds_nothing_and_says_so', async () => {
    await list(ONE_OF_EACH);
    await search('state:moon');
    expect(screen.getByText('No task matches the search.')).toBeTruthy();
  });

  it('slash_goes_to_the_search_and_escape_back_to_the_row', async () => {
    await list([task(1)]);
    await press('/');
    expect(document.activeElement).toBe(screen.getByRole('textbox'));
    await press('Escape');
    expect(document.activeElement).toBe(row('Task 1'));
  });

  it('space_marks_and_shift_arrow_extends_and_escape_clears', async () => {
    await list([task(1), task(2, { created_at: '2026-11-20T09:01:00Z' }), task(3, { created_at: '2026-11-20T09:02:00Z' })]);
    row('Task 1').focus();
    await press(' ');
    await press('ArrowDown', { shiftKey: true });
    expect(screen.getByText('2 selected')).toBeTruthy();
    expect(row('Task 2').getAttribute('aria-selected')).toBe('true');
    expect(row('Task 3').getAttribute('aria-selected')).toBe('false');
    await press('Escape');
    expect(screen.queryByRole('toolbar')).toBeNull();
  });

  it.each([
    [' ', 'button', 'Filter'],
    [' ', 'option', 'Show older tasks'],
    ['Enter', 'option', 'Show older tasks'],
  ])('key_%j_is_for_the_%s_%s_that_has_the_focus', async (key, role, name) => {
    await list([task(1), task(2, { state: 'done', ended_at: '2026-11-01T10:00:00Z' })]);
    const button = screen.getByRole(role, { name });
    button.focus();
    expect(await fireEvent.keyDown(button, { key, bubbles: true, cancelable: true }), 'left to the button').toBe(true);
    expect(screen.queryByRole('toolbar')).toBeNull();
    expect(window.location.hash).toBe('#/tasks');
  });

  it('verb_on_several_is_one_request_for_those_it_makes_sense_for', async () => {
    const host = await list([task(1), task(2, { state: 'failed' })]);
    row('Task 1').focus();
    await press('a', { ctrlKey: true });
    const bar = screen.getByRole('toolbar');
    await fireEvent.click(within(bar).getByRole('button', { name: 'Retry' }));
    await vi.advanceTimersByTimeAsync(50);
    expect(host.sent('task.retry')).toEqual([{ ids: ['0199-2'] }]);
    expect(screen.queryByRole('toolbar')).toBeNull();
  });

  it('letters_are_for_the_marked_rows_and_not_for_the_task_that_is_open', async () => {
    const host = await list([task(1, { state: 'failed' }), task(2)], '#/tasks/T-1');
    await screen.findByRole('button', { name: 'Retry' }, PATIENT);
    await fireEvent.click(row('Task 2'), { ctrlKey: true });
    await press('t');
    await press('x');
    expect(screen.getByRole('dialog', { name: 'Cancel this task?' }).textContent).toContain('Task 2');
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel tasks' }));
    await vi.advanceTimersByTimeAsync(50);
    expect(host.sent('task.cancel')).toMatchObject([{ ids: ['0199-2'] }]);
    expect(host.sent('task.retry')).toEqual([]);
  });

  it('letters_in_a_narrow_window_are_for_the_task_that_is_open_and_not_for_marked_rows_it_hides', async () => {
    const narrow = vi.spyOn(window, 'matchMedia').mockImplementation((query) => {
      const list = new EventTarget() as unknown as MediaQueryList;
      return Object.assign(list, { matches: false, media: query });
    });
    const host = await list([task(1, { state: 'failed' }), task(2, { state: 'failed' })]);
    await fireEvent.click(row('Task 2'), { ctrlKey: true });
    window.location.hash = '#/tasks/T-1';
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    await screen.findByRole('tab', { name: 'Timeline' }, PATIENT);
    await press('t');
    await vi.advanceTimersByTimeAsync(50);
    expect(host.sent('task.retry')).toEqual([{ ids: ['0199-1'] }]);
    narrow.mockRestore();
  });

  it('letters_with_nothing_marked_are_for_the_row_that_has_the_focus', async () => {
    const host = await list([task(1), task(2)]);
    await press('p');
    await vi.advanceTimersByTimeAsync(50);
    expect(host.sent('task.pause'), 'nobody is in the list').toEqual([]);
    row('Task 1').focus();
    await press('j');
    await press('p');
    await vi.advanceTimersByTimeAsync(50);
    expect(host.sent('task.pause')).toEqual([{ ids: ['0199-2'] }]);
  });

  it('cancel_asks_first_and_names_what_it_ends', async () => {
    const host = await list([task(1, { title: 'safe\u202Egnp' }), task(2)]);
    row('safe').focus();
    await press('a', { ctrlKey: true });
    await press('x');
    const dialog = screen.getByRole('dialog', { name: 'Cancel 2 tasks?' });
    expect(dialog.textContent).toContain('safe[U+202E]gnp');
    expect(host.sent('task.cancel')).toEqual([]);
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Cancel tasks' }));
    await vi.advanceTimersByTimeAsync(50);
    expect(host.sent('task.cancel')).toMatchObject([{ ids: ['0199-1', '0199-2'] }]);
  });

  it('refused_verb_is_told_and_the_marks_stay', async () => {
    const host = await list([task(1)]);
    host.script({
      'task.pause': () => {
        throw new HostError('not_possible_now', 'T-1 has ended.');
      },
    });
    row('Task 1').focus();
    await press(' ');
    await press('p');
    await vi.advanceTimersByTimeAsync(50);
    expect(screen.getByText('T-1 has ended.')).toBeTruthy();
    expect(screen.getByText('1 selected')).toBeTruthy();
  });

  it('enter_and_click_open_the_task_and_the_list_shows_which', async () => {
    await list([task(1)]);
    row('Task 1').focus();
    await press('Enter');
    expect(window.location.hash).toBe('#/tasks/T-1');
    await tick();
    expect(row('Task 1').getAttribute('aria-current')).toBe('true');
  });

  it('empty_list_has_one_sentence_and_one_button', async () => {
    await list([]);
    expect(screen.getByText('No task yet. Hand over the first piece of work.')).toBeTruthy();
    await fireEvent.click(within(screen.getByRole('main')).getByRole('button', { name: 'New task' }));
    expect(window.location.hash).toBe('#/new');
  });
});
