import { fireEvent, render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import Ripieno from '../../src/App.svelte';
import { READ } from '../../src/asks/ready';
import { HostError } from '../../src/host';
import type { Task } from '../../src/host/types';
import { App } from '../../src/state/app';
import { ask, ScriptedHost, snapshot, task } from '../fixtures';

type Table = ConstructorParameters<typeof ScriptedHost>[0];

const patience = { timeout: 30_000 };
vi.setConfig({ testTimeout: 90_000 });
const EMPTY = { entries: [], next: 1, ended: true };

/** A task that changed one line of one file. */
const CHANGED = {
  'task.changes': () => ({
    base: 'abc',
    reason: null,
    includes_earlier: false,
    truncated: false,
    files: [
      { path: 'a.rs', from: null, status: 'modified', binary: false, unread: false, insertions: 1, deletions: 1 },
    ],
    insertions: 1,
    deletions: 1,
  }),
  'task.diff': () => ({
    patch: 'diff --git a/a.rs b/a.rs\n--- a/a.rs\n+++ b/a.rs\n@@ -1 +1 @@\n-one\n+two\n',
    truncated: false,
    reason: null,
  }),
  'task.comment': () => ({ follow_up: task(2) }),
} as Table;

/** Comments on lines that were written before and not sent. */
function keep(...comments: object[]): void {
  const kept = { comments: comments.map((each) => ({ side: 'after', ...each })), overall: '' };
  localStorage.setItem('ripieno.draft.comments.0199-1', JSON.stringify(kept));
}

async function open(address: string, shown: Task, table: Table = {}): Promise<ScriptedHost> {
  const host = new ScriptedHost({
    'events.subscribe': () => snapshot({ tasks: [shown] }),
    'task.list': () => ({ tasks: [shown], next: null }),
    'task.show': () => shown,
    'task.logs': () => EMPTY,
    ...table,
  });
  window.location.hash = address;
  render(Ripieno, { app: new App(host) });
  await screen.findByRole('article', { name: shown.title }, patience);
  await screen.findByRole('tab', { name: 'Timeline' }, patience);
  return host;
}

describe('a task', () => {
  beforeEach(() => localStorage.clear());
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('failed_one_that_is_opened_counts_as_seen', async () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    const failure = { class: 'reported_failed', text: 'It broke.' };
    const host = await open('#/tasks/T-1', task(1, { state: 'failed', failure }), {
      'task.seen': () => ({ seen: 1 }),
    });
    await expect.poll(() => host.sent('task.seen'), patience).toContainEqual({ ids: ['T-1'] });
    expect((await screen.findAllByText('It broke.', {}, patience)).length).toBeGreaterThan(0);
  });

  it('brief_and_checklist_of_its_performers_come_first', async () => {
    const checklist = [
      { text: 'Look around', state: 'done' as const },
      { text: 'Mend it', state: 'doing' as const },
    ];
    await open('#/tasks/T-1', task(1, { state: 'running', brief: 'Find the leak.', checklist }));
    const notes = await screen.findByRole('region', { name: 'Brief and checklist' }, patience);
    expect(notes.textContent).toContain('Find the leak.');
    expect(notes.textContent).toContain('Checklist, 1 of 2 done');
    expect(notes.textContent).toMatch(/Under way:\s*Mend it/);
  });

  it('failed_one_in_a_window_out_of_use_is_seen_only_on_return', async () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    const failure = { class: 'reported_failed', text: 'It broke.' };
    const host = await open('#/tasks/T-1', task(1, { state: 'failed', failure }), {
      'task.seen': () => ({ seen: 1 }),
    });
    await screen.findAllByText('It broke.', {}, patience);
    expect(host.sent('task.seen')).toEqual([]);
    window.dispatchEvent(new Event('blur'));
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event('visibilitychange'));
    await tick();
    expect(host.sent('task.seen'), 'shown, and another window has the keyboard').toEqual([]);
    window.dispatchEvent(new Event('focus'));
    await expect.poll(() => host.sent('task.seen'), patience).toContainEqual({ ids: ['T-1'] });
  });

  it('running_one_is_cancelled_only_after_a_word_and_says_that_it_ends', async () => {
    let answer = (): void => undefined;
    const waits = new Promise<void>((resolve) => (answer = resolve));
    const host = await open('#/tasks/T-1', task(1, { state: 'running' }), {
      'task.cancel': async () => {
        await waits;
        return { tasks: [] };
      },
    });
    await fireEvent.keyDown(document.body, { key: 'x' });
    expect(host.sent('task.cancel')).toEqual([]);
    const [confirm] = [...document.querySelectorAll<HTMLElement>('dialog footer button')].slice(-1);
    await userEvent.click(confirm as HTMLElement);
    expect(await screen.findByText(/Cancelling: its processes are being ended/, {}, patience)).toBeTruthy();
    expect(host.sent('task.cancel')).toEqual([{ ids: ['0199-1'], wait: false }]);
    answer();
  });

  it('refused_pause_is_told_and_taken_back', async () => {
    await open('#/tasks/T-1', task(1, { state: 'running' }), {
      'task.pause': () => {
        throw new HostError('not_possible_now', 'The worker is stopping.');
      },
    });
    await fireEvent.keyDown(document.body, { key: 'p' });
    expect(await screen.findByText('The worker is stopping.', {}, patience)).toBeTruthy();
    expect(screen.queryByText(/Pausing/)).toBeNull();
  });

  it('comment_on_an_ended_one_starts_a_follow_up_and_leads_to_it', async () => {
    const host = await open('#/tasks/T-1', task(1, { state: 'done' }), {
      'task.comment': () => ({ follow_up: task(2) }),
    });
    const field = screen.getByRole('textbox', { name: 'Follow-up' });
    await userEvent.type(field, 'Now the docs{Control>}{Enter}{/Control}');
    expect(host.sent('task.comment')).toEqual([{ id: 'T-1', text: 'Now the docs' }]);
    await userEvent.click(await screen.findByRole('button', { name: 'Open' }, patience));
    expect(window.location.hash).toBe('#/tasks/T-2');
  });

  it('log_that_cannot_be_read_says_why_until_it_can', async () => {
    const host = await open('#/tasks/T-1', task(1, { state: 'running' }), {
      'task.logs': ({ follow }) => {
        if (follow) throw new HostError('internal', 'The log is damaged.');
        return { entries: [], next: 1, ended: false };
      },
    });
    await screen.findByText('The log is damaged.', {}, patience);
    host.script({
      'task.logs': ({ follow }) => (follow ? new Promise(() => undefined) : { entries: [], next: 1, ended: false }),
    });
    await screen.findByText(/^Nothing has been said yet/, {}, patience);
    expect(screen.queryByText('The log is damaged.')).toBeNull();
  });

  it('change_that_comes_while_it_is_read_for_the_first_time_is_shown', async () => {
    const shown = task(1, { title: 'Build' });
    let answer = (): void => undefined;
    const waits = new Promise<void>((resolve) => (answer = resolve));
    let state: Task['state'] = 'queued';
    const host = new ScriptedHost({
      'task.list': () => ({ tasks: [shown], next: null }),
      'task.logs': () => EMPTY,
      'task.show': async () => {
        const read = { ...shown, state };
        if (state === 'queued') await waits;
        return read;
      },
    });
    window.location.hash = '#/tasks/T-1';
    render(Ripieno, { app: new App(host) });
    await expect.poll(() => host.sent('task.show').some(({ id }) => id === 'T-1'), patience).toBe(true);
    state = 'done';
    host.send({ seq: 1, task: shown.id, kind: 'ended' });
    answer();
    const article = await screen.findByRole('article', { name: 'Build' }, patience);
    await expect.poll(() => article.textContent, patience).toContain('Done');
  });

  it('waiting_one_says_in_its_header_what_it_waits_for_by_then_and_by_its_title', async () => {
    const hold = { kind: 'directory', text: '', path: '/home/me/site', holder: 'T-2', task: 'T-2' };
    let shown = task(1, { hold });
    const other = task(2, { title: 'Build\u202e' });
    const host = await open('#/tasks/T-1', shown, {
      'task.show': ({ id }) => (id === 'T-2' ? other : shown),
    });
    const header = (): string => document.querySelector('article header .state')?.textContent ?? '';
    await expect.poll(header, patience).toContain('Waiting for the folder site, held by “Build[U+202E]”');
    shown = task(1, { hold: { kind: 'starting', text: '' } });
    host.send({ seq: 1, task: other.id, kind: 'ended' });
    await expect.poll(header, patience).toContain('The worker is starting');
  });

  it('digit_that_comes_while_another_question_takes_the_place_of_the_one_open_answers_nothing', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const host = await open('#/tasks/T-1', task(1, { state: 'needs_input' }), {
      'events.subscribe': () => snapshot({ asks: [ask(1)] }),
      'ask.list': () => ({ asks: [ask(2)] }),
    });
    await screen.findByText('Question 1?', {}, patience);
    host.send({ seq: 1, kind: 'ask_answered' });
    await screen.findByText('Question 2?', {}, patience);
    await fireEvent.keyDown(document.body, { key: '1' });
    expect(screen.queryByText(/^Sent/)).toBeNull();
    vi.setSystemTime(Date.now() + READ);
    await fireEvent.keyDown(document.body, { key: '1' });
    expect(await screen.findByText('Sent: “Postgres” to “Question 2?”', {}, patience)).toBeTruthy();
  });

  it('comment_is_kept_until_the_worker_has_it', async () => {
    const host = await open('#/tasks/T-1', task(1, { state: 'running' }), {
      'task.comment': () => {
        throw new HostError('not_possible_now', 'The worker is stopping.');
      },
    });
    const field = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'Comment' });
    await userEvent.type(field(), 'Mind the docs');
    await userEvent.click(screen.getByRole('tab', { name: 'Output' }));
    await userEvent.click(screen.getByRole('tab', { name: 'Timeline' }));
    expect(field().value, 'after another tab').toBe('Mind the docs');
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    await screen.findByText('The worker is stopping.', {}, patience);
    expect(field().value, 'after it was refused').toBe('Mind the docs');
    host.script({ 'task.comment': () => ({ follow_up: null }) });
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    await screen.findByText('Comment sent.', {}, patience);
    expect(localStorage.getItem('ripieno.draft.comment.0199-1')).toBeNull();
  });

  it.each([
    ['changes', 'task.changes'],
    ['output', 'task.outputs'],
    ['run', 'task.run'],
  ] as const)('%s_are_read_anew_when_the_task_has_moved_on_and_not_whenever_it_is_read', async (part, method) => {
    let shown = task(1, { state: 'running', attempt: 1 });
    const host = await open(`#/tasks/T-1/${part}`, shown, { 'task.show': () => ({ ...shown }) });
    const readings = (): number => host.sent('task.show').filter(({ id }) => id === 'T-1').length;
    await expect.poll(() => host.sent(method), patience).toHaveLength(1);
    const before = readings();
    host.send({ seq: 1, task: shown.id });
    await expect.poll(readings, patience).toBeGreaterThan(before);
    await tick();
    expect(host.sent(method)).toHaveLength(1);
    shown = task(1, { state: 'running', attempt: 1, movement: 'verify' });
    host.send({ seq: 2, task: shown.id });
    await expect.poll(() => host.sent(method), patience).toHaveLength(2);
  });

  it('comments_on_lines_go_out_as_one_text_and_survive_the_closing_of_the_tab', async () => {
    keep({ path: 'a.rs', line: 1, excerpt: 'two', text: 'Why two?' });
    const host = await open('#/tasks/T-1/changes', task(1, { state: 'done' }), CHANGED);
    await userEvent.click(await screen.findByRole('button', { name: /Start follow-up/ }, patience));
    expect(host.sent('task.comment')).toEqual([
      { id: 'T-1', text: 'Comments on the changes:\n\na.rs:1\n> two\nWhy two?' },
    ]);
    await expect.poll(() => localStorage.getItem('ripieno.draft.comments.0199-1'), patience).toBeNull();
  });

  it('comments_whose_line_is_gone_or_another_by_now_are_shown_and_can_be_taken_away', async () => {
    const two = { path: 'a.rs', line: 1, excerpt: 'two', text: 'Why two?' };
    const other = { ...two, excerpt: 'three', text: 'Why three?' };
    keep(two, other, { path: 'b.rs', line: 9, excerpt: 'gone\u202e', text: 'Why gone?' });
    const host = await open('#/tasks/T-1/changes', task(1, { state: 'done' }), CHANGED);
    const strayed = await screen.findByRole('list', { name: /^Not among these lines/ }, patience);
    const shown = within(strayed).getAllByRole('listitem').map(({ textContent }) => textContent);
    expect(shown).toHaveLength(2);
    expect(shown[0]).toMatch(/a\.rs:1.*three.*Why three\?/);
    expect(shown[1]).toMatch(/b\.rs:9.*goneU\+202E.*Why gone\?/);
    const [first] = within(strayed).getAllByRole('button', { name: 'Remove this comment' });
    await userEvent.click(first as HTMLElement);
    await userEvent.click(screen.getByRole('button', { name: /Start follow-up/ }));
    expect(host.sent('task.comment')[0]?.text).toMatch(/two[^]*gone/);
    expect(host.sent('task.comment')[0]?.text).not.toContain('three');
  });

  it('comments_on_lines_of_a_script_that_ended_are_not_offered_since_they_would_run', async () => {
    keep({ path: 'a.rs', line: 1, excerpt: 'two', text: 'Why two?' });
    await open('#/tasks/T-1/changes', task(1, { state: 'done', lane: 'shell' }), CHANGED);
    await screen.findByText('1 file changed', {}, patience);
    expect(screen.queryByRole('form', { name: 'Follow-up' })).toBeNull();
  });

  it.each([
    ['running', 'claude:default', 'Reaches the agent at its next turn.'],
    ['queued', null, 'Goes along with its next prompt.'],
    ['running', 'shell', 'A script reads nothing while it runs: it waits for the next attempt.'],
    ['done', 'claude:default', 'Starts a follow-up task in the same folder and thread.'],
  ] as const)('comments_on_lines_of_one_that_is_%s_on_%s_say_when_they_are_read', async (state, lane, hint) => {
    keep({ path: 'a.rs', line: 1, excerpt: 'two', text: 'Why two?' });
    await open('#/tasks/T-1/changes', task(1, { state, lane }), CHANGED);
    const box = await screen.findByRole('form', { name: /Follow-up|Comment/ }, patience);
    expect(box.textContent).toContain(hint);
  });
});
