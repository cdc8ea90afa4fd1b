import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import Ripieno from '../src/App.svelte';
import { HostError } from '../src/host';
import type { Ask } from '../src/host/types';
import { READ } from '../src/asks/ready';
import { UNDO } from '../src/state/answers.svelte';
import { App } from '../src/state/app';
import { history } from '../src/task/history';
import { words } from '../src/words';
import { ask, ScriptedHost, snapshot, status, task, PATIENT } from './fixtures';

const APPROVAL = ask(3, {
  kind: 'approval',
  text: 'Claude wants to run `make`',
  options: [
    { id: 'allow', label: 'Allow', detail: null },
    { id: 'deny', label: 'Deny', detail: null },
  ],
  scopes: ['once', 'task', 'project'],
});

/** The page at the inbox with these asks open at the worker. */
async function inbox(asks: Ask[], at = '#/inbox'): Promise<ScriptedHost> {
  let open = asks;
  const busy = status({ counts: { running: 3 } });
  const host = new ScriptedHost({
    status: () => busy,
    'events.subscribe': () =>
      snapshot({ asks, tasks: [task(1, { title: 'Fix login' })], status: busy }),
    'ask.list': ({ all }) => ({ asks: all ? asks : open }),
    'ask.answer': ({ id }) => {
      open = open.filter((each) => each.id !== id);
      return ask(0, { id });
    },
    'task.logs': () => ({ entries: [], next: 0, ended: true }),
  });
  window.location.hash = at;
  render(Ripieno, { app: new App(host) });
  await settled();
  return host;
}

async function settled(): Promise<void> {
  // The screen is loaded by a dynamic import, which no fake clock drives.
  await vi.waitFor(() => expect(document.querySelector('main h2, main article')).toBeTruthy(), PATIENT);
  await vi.advanceTimersByTimeAsync(0);
  await tick();
}

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  await fireEvent.keyDown(document.activeElement ?? document.body, { key, bubbles: true, ...more });
  await tick();
}

const question = (): string => screen.getByRole('article').querySelector('h2')?.textContent ?? '';

describe('inbox', () => {
  beforeEach(() => {
    localStorage.clear();
    vi.useFakeTimers({ shouldAdvanceTime: true });
  });
  afterEach(() => {
    vi.useRealTimers();
    return words.speak('en');
  });

  it('newest_question_comes_first_and_is_shown_with_who_asks', async () => {
    await inbox([ask(1), ask(2)]);
    const rows = screen.getAllByRole('option').map((row) => row.textContent);
    expect(rows[0]).toContain('Question 2?');
    expect(rows[0]).toContain('Fix login');
    expect(question()).toBe('Question 2?');
    expect(screen.getByRole('link', { name: 'Fix login' }).getAttribute('href')).toBe('#/tasks/T-1');
    expect(screen.getByText('needs a server')).toBeTruthy();
  });

  it('number_key_answers_after_the_time_to_take_it_back', async () => {
    const host = await inbox([ask(1)]);
    await press('2');
    expect(screen.queryByRole('article')).toBeNull();
    expect(screen.getByText(/^Sent: “SQLite”/)).toBeTruthy();
    await vi.advanceTimersByTimeAsync(UNDO - 100);
    expect(host.sent('ask.answer')).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(host.sent('ask.answer')).toEqual([{ id: '0200-1', revision: 1, option: 'lite' }]);
  });

  it('second_click_of_a_double_one_answers_nothing', async () => {
    await inbox([ask(1), ask(2)]);
    await fireEvent.click(screen.getByRole('button', { name: /SQLite/ }), { detail: 1 });
    expect(question()).toBe('Question 1?');
    await fireEvent.click(screen.getByRole('button', { name: /SQLite/ }), { detail: 2 });
    expect(question()).toBe('Question 1?');
    expect(screen.getAllByText(/^Sent/)).toHaveLength(1);
    expect(screen.getByText('Sent: “SQLite” to “Question 2?”')).toBeTruthy();
  });

  it('held_key_answers_one_question_only_and_a_held_j_goes_on', async () => {
    await inbox([ask(1), ask(2), ask(3), ask(4)]);
    await press('1');
    await vi.advanceTimersByTimeAsync(READ);
    await press('1', { repeat: true });
    expect(screen.getAllByText(/^Sent/)).toHaveLength(1);
    await press('j');
    await press('j', { repeat: true });
    expect(question()).toBe('Question 1?');
  });

  it('key_that_comes_while_the_next_question_takes_its_place_answers_nothing', async () => {
    await inbox([APPROVAL, ask(2, { options: APPROVAL.options }), ask(1), ask(0)]);
    await press('y');
    await press('y');
    await press('1');
    expect(question()).toBe('Question 2?');
    expect(screen.getAllByText(/^Sent/)).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(READ);
    await press('y');
    expect(screen.getByText('Sent: “Allow” to “Question 2?”')).toBeTruthy();
    await press('j');
    await press('2');
    expect(screen.getByText('Sent: “SQLite” to “Question 0?”'), 'who goes there means it').toBeTruthy();
  });

  it('narrow_window_answers_nothing_before_the_question_is_opened', async () => {
    const narrow = vi.spyOn(window, 'matchMedia').mockImplementation((query) => {
      const list = new EventTarget() as unknown as MediaQueryList;
      return Object.assign(list, { matches: false, media: query });
    });
    await inbox([ask(1)]);
    await press('1');
    expect(screen.queryByText(/^Sent/)).toBeNull();
    expect(screen.getByRole('option').getAttribute('tabindex')).toBe('0');
    await fireEvent.click(screen.getByRole('option'));
    await press('1');
    expect(screen.getByText(/^Sent: “Postgres”/)).toBeTruthy();
    narrow.mockRestore();
  });

  it('undo_brings_the_question_back_and_nothing_is_sent', async () => {
    const host = await inbox([ask(1)]);
    await press('1');
    await press('u');
    expect(question()).toBe('Question 1?');
    expect(screen.queryByText(/^Sent/)).toBeNull();
    await vi.advanceTimersByTimeAsync(2 * UNDO);
    expect(host.sent('ask.answer')).toEqual([]);
  });

  it('shift_sends_at_once', async () => {
    const host = await inbox([ask(1)]);
    await press('!', { code: 'Digit1', shiftKey: true });
    expect(host.sent('ask.answer')).toEqual([{ id: '0200-1', revision: 1, option: 'pg' }]);
  });

  it('caps_lock_sends_nothing_at_once_and_leaves_undo_its_key', async () => {
    const host = await inbox([APPROVAL]);
    await press('Y');
    expect(screen.getByText(/^Sent: “Allow”/)).toBeTruthy();
    expect(host.sent('ask.answer')).toEqual([]);
    await press('U');
    expect(question()).toBe(APPROVAL.text);
    await press('y', { shiftKey: true });
    expect(host.sent('ask.answer'), 'Shift as well makes a small letter').toHaveLength(1);
  });

  it('page_that_goes_sends_what_it_held_back', async () => {
    const host = await inbox([ask(1)]);
    await press('1');
    window.dispatchEvent(new Event('pagehide'));
    expect(host.sent('ask.answer')).toHaveLength(1);
  });

  it.each([
    ['y', 'allow'],
    ['n', 'deny'],
  ])('%s_answers_an_approval_with_%s', async (key, option) => {
    const host = await inbox([APPROVAL]);
    await press(key);
    await vi.advanceTimersByTimeAsync(UNDO);
    expect(host.sent('ask.answer')).toEqual([{ id: APPROVAL.id, revision: 1, option }]);
  });

  it('always_asks_how_far_the_approval_reaches', async () => {
    const host = await inbox([APPROVAL]);
    await press('a');
    const dialog = screen.getByRole('dialog', { name: 'Always allow' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'In this folder' }));
    await vi.advanceTimersByTimeAsync(UNDO);
    expect(host.sent('ask.answer')).toMatchObject([{ option: 'allow', scope: 'project' }]);
  });

  it('question_without_such_options_has_no_approval_keys', async () => {
    await inbox([ask(1)]);
    await press('y');
    await press('n');
    expect(question()).toBe('Question 1?');
  });

  it('late_answer_is_told_who_was_quicker', async () => {
    const host = await inbox([ask(1)]);
    host.script({
      'ask.answer': () => {
        throw new HostError('already_answered', 'already answered by cli', { by: 'cli' });
      },
      'ask.list': () => ({ asks: [] }),
    });
    await press('1');
    await vi.advanceTimersByTimeAsync(UNDO);
    expect(screen.getByText(/^Already answered by the command line/)).toBeTruthy();
    expect(screen.queryByRole('article')).toBeNull();
  });

  it('refused_answer_brings_the_question_back_with_the_reason', async () => {
    const host = await inbox([ask(1)]);
    host.script({
      'ask.answer': () => {
        throw new HostError('invalid', 'this ask takes no text');
      },
      'ask.list': () => ({ asks: [ask(1)] }),
    });
    await press('1');
    await vi.advanceTimersByTimeAsync(UNDO);
    expect(screen.getByText('this ask takes no text')).toBeTruthy();
    expect(question()).toBe('Question 1?');
  });

  it('reply_in_words_is_sent_by_ctrl_enter_and_never_while_an_input_method_composes', async () => {
    const host = await inbox([ask(1)]);
    await press('r');
    const field = screen.getByLabelText('Your answer');
    expect(document.activeElement).toBe(field);
    await fireEvent.input(field, { target: { value: 'どちらでも\nよい' } });
    await press('Enter', { ctrlKey: true, isComposing: true });
    await press('Enter', { ctrlKey: true, keyCode: 229 });
    await press('Enter');
    expect(screen.queryByText(/^Sent/)).toBeNull();
    await press('Enter', { ctrlKey: true });
    await vi.advanceTimersByTimeAsync(UNDO);
    expect(host.sent('ask.answer')).toMatchObject([{ text: 'どちらでも\nよい' }]);
  });

  it('reply_is_kept_until_the_worker_has_it', async () => {
    const host = await inbox([ask(1), ask(2)], '#/inbox/A-1');
    const written = (): string => screen.getByLabelText<HTMLTextAreaElement>('Your answer').value;
    await press('r');
    await fireEvent.input(screen.getByLabelText('Your answer'), { target: { value: 'Neither' } });
    await press('Escape');
    expect(screen.queryByLabelText('Your answer')).toBeNull();
    await press('r');
    expect(written(), 'after Escape').toBe('Neither');
    await press('Escape');
    await press('k');
    await press('j');
    expect(written(), 'after another question').toBe('Neither');
    await press('r');
    await press('Enter', { ctrlKey: true });
    await press('u');
    expect(written(), 'after it was taken back').toBe('Neither');
    host.script({
      'ask.answer': () => {
        throw new HostError('invalid', 'not now');
      },
    });
    await press('r');
    await press('Enter', { ctrlKey: true });
    await vi.advanceTimersByTimeAsync(UNDO);
    await press('j');
    expect(written(), 'after it was refused').toBe('Neither');
    host.script({ 'ask.answer': ({ id }) => ask(0, { id }) });
    await press('r');
    await press('Enter', { ctrlKey: true });
    await vi.advanceTimersByTimeAsync(UNDO);
    expect(localStorage.getItem('ripieno.draft.reply.0200-1')).toBeNull();
  });

  it('letters_and_digits_in_the_reply_are_text_and_no_keys', async () => {
    const host = await inbox([ask(1)]);
    await press('r');
    await press('1');
    await press('s');
    expect(question()).toBe('Question 1?');
    expect(host.sent('ask.snooze')).toEqual([]);
  });

  it('j_and_k_walk_the_questions_and_keep_the_focus_on_the_row', async () => {
    await inbox([ask(1), ask(2), ask(3)]);
    await press('j');
    expect(question()).toBe('Question 2?');
    expect(document.activeElement?.textContent).toContain('Question 2?');
    await press('j');
    await press('j');
    expect(question()).toBe('Question 1?');
    await press('k');
    expect(question()).toBe('Question 2?');
    expect(window.location.hash).toBe('#/inbox/A-2');
  });

  it('answer_leads_on_to_the_next_question', async () => {
    await inbox([ask(1), ask(2)], '#/inbox/A-2');
    await press('1');
    expect(question()).toBe('Question 1?');
  });

  it('question_that_comes_leaves_the_one_before_the_reader_and_its_keys_alone', async () => {
    const host = await inbox([ask(1)]);
    await press('r');
    const field = screen.getByLabelText<HTMLTextAreaElement>('Your answer');
    await fireEvent.input(field, { target: { value: 'Neither' } });
    host.script({ 'ask.list': () => ({ asks: [ask(2), ask(1)] }) });
    host.send({ seq: 1, kind: 'asked' });
    await vi.advanceTimersByTimeAsync(500);
    expect(screen.getAllByRole('option')).toHaveLength(2);
    expect(question()).toBe('Question 1?');
    expect(screen.getByLabelText<HTMLTextAreaElement>('Your answer').value).toBe('Neither');
    field.blur();
    await press('2');
    expect(screen.getByText('Sent: “SQLite” to “Question 1?”')).toBeTruthy();
    expect(question()).toBe('Question 2?');
  });

  it.each(['key', 'toast'])('answer_taken_back_by_the_%s_brings_its_question_before_the_reader', async (way) => {
    await inbox([ask(1), ask(2)]);
    await press('1');
    expect(question()).toBe('Question 1?');
    if (way === 'key') await press('u');
    else await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(question()).toBe('Question 2?');
  });

  it('question_put_off_makes_room_for_the_next', async () => {
    const host = await inbox([ask(1), ask(2)]);
    const put_off = ask(2, { snoozed_until: new Date(Date.now() + 3_600_000).toISOString() });
    host.script({ 'ask.snooze': () => put_off, 'ask.list': () => ({ asks: [put_off, ask(1)] }) });
    await press('s');
    await vi.advanceTimersByTimeAsync(0);
    expect(question()).toBe('Question 1?');
  });

  it('keys_in_an_open_menu_do_nothing_to_the_question_behind_it', async () => {
    await inbox([ask(1)]);
    await fireEvent.click(screen.getByRole('button', { name: 'Snooze' }));
    await tick();
    expect(document.activeElement?.getAttribute('role')).toBe('menuitem');
    for (const key of ['2', 'o', 'j']) await press(key);
    expect(screen.getByRole('menu')).toBeTruthy();
    expect(screen.queryByText(/^Sent/)).toBeNull();
    expect(window.location.hash).toBe('#/inbox');
  });

  it('o_opens_the_task_that_asks', async () => {
    await inbox([ask(1)]);
    await press('o');
    expect(window.location.hash).toBe('#/tasks/T-1');
  });

  it('snoozed_question_moves_to_later_and_can_be_brought_back', async () => {
    const host = await inbox([ask(1)]);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    host.script({
      'ask.snooze': () => ask(1, { snoozed_until: until }),
      'ask.list': () => ({ asks: [ask(1, { snoozed_until: until })] }),
    });
    await press('s');
    await vi.advanceTimersByTimeAsync(0);
    expect(host.sent('ask.snooze')).toEqual([{ id: '0200-1', for: '1h' }]);
    expect(screen.getByRole('group', { name: 'Later' }).textContent).toContain('Question 1?');
    await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(host.sent('ask.snooze')[1]).toEqual({ id: '0200-1', for: null });
  });

  it('question_answered_elsewhere_leaves_the_list_by_itself', async () => {
    const host = await inbox([ask(1)]);
    host.script({ 'ask.list': () => ({ asks: [] }) });
    host.send({ seq: 1, kind: 'ask_answered' });
    await vi.advanceTimersByTimeAsync(500);
    expect(screen.queryByRole('article')).toBeNull();
    expect(screen.getByText('Nothing needs you. 3 tasks are running.')).toBeTruthy();
  });

  it('question_answered_elsewhere_while_it_is_read_keeps_its_place_until_the_reader_goes_on', async () => {
    const host = await inbox([ask(1), ask(2), ask(3)]);
    const done = ask(3, { answered: { by: 'cli', value: 'pg', at: '' } });
    host.script({ 'ask.list': ({ all }) => ({ asks: [...(all ? [done] : []), ask(2), ask(1)] }) });
    host.send({ seq: 1, kind: 'ask_answered' });
    await vi.advanceTimersByTimeAsync(500);
    const told = '“Question 3?” was already answered by the command line: Postgres';
    expect(await screen.findByText(told)).toBeTruthy();
    await vi.advanceTimersByTimeAsync(READ);
    await press('1');
    expect(screen.queryByText(/^Sent/), 'the key was meant for it').toBeNull();
    await press('j');
    expect(question()).toBe('Question 2?');
    await press('1');
    expect(screen.getByText('Sent: “Postgres” to “Question 2?”')).toBeTruthy();
  });

  it('address_of_a_settled_question_says_what_became_of_it', async () => {
    const done = ask(9, { answered: { by: 'cli', value: 'pg', at: '' } });
    const host = await inbox([ask(1)], '#/inbox');
    host.script({ 'ask.list': () => ({ asks: [done] }) });
    window.location.hash = '#/inbox/A-9';
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    const told = '“Question 9?” was already answered by the command line: Postgres';
    expect(await screen.findByText(told)).toBeTruthy();
  });

  it('lines_that_led_to_the_question_are_shown', async () => {
    const host = await inbox([ask(1)]);
    const entry = { attempt: 1, movement: 'run' };
    host.script({
      'task.logs': () => ({
        entries: [
          { ...entry, n: 1, at: '2026-11-20T09:00:30Z', kind: 'text', text: 'Two ways are open.' },
          { ...entry, n: 2, at: '2026-11-20T09:30:00Z', kind: 'text', text: 'Said later.' },
        ],
        next: 3,
        ended: false,
      }),
      'ask.list': () => ({ asks: [ask(2), ask(1)] }),
    });
    host.send({ seq: 1, kind: 'asked' });
    await vi.advanceTimersByTimeAsync(500);
    await press('k');
    expect(await screen.findByText('Two ways are open.')).toBeTruthy();
    expect(screen.queryByText('Said later.')).toBeNull();
  });

  it('what_cannot_be_seen_in_a_question_is_shown_as_a_mark_and_markup_as_text', async () => {
    await inbox([ask(1, { text: 'Run \u202egpj.exe\u202c <b>now</b>?' })]);
    expect(question()).toBe('Run U+202Egpj.exeU+202C <b>now</b>?');
    expect(screen.getByRole('option').textContent).toContain('[U+202E]');
    expect(screen.getByRole('article').querySelector('b')).toBeNull();
  });

  it('what_cannot_be_seen_in_an_answer_is_shown_as_a_mark_wherever_it_is_named', async () => {
    const options = [{ id: 'pg', label: 'safe\u202Egnp', detail: null }];
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const host = await inbox([ask(1, { options, default: 'pg', expires_at: soon })]);
    expect(screen.getByText(/^If nobody answers by .*: safe\[U\+202E\]gnp$/)).toBeTruthy();
    const answered = { by: 'cli', value: 'pg', at: '' } as const;
    host.script({ 'ask.list': () => ({ asks: [ask(9, { text: 'Run \u202Eit?', options, answered })] }) });
    window.location.hash = '#/inbox/A-9';
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    const told = '“Run [U+202E]it?” was already answered by the command line: safe[U+202E]gnp';
    expect(await screen.findByText(told)).toBeTruthy();
    const timeline = { attempts: [], movements: [], comments: [], asks: [ask(9, { options, answered })] };
    expect(history(timeline)[0]?.values['answer']).toBe('safe[U+202E]gnp');
  });

  it('labels_of_the_worker_itself_are_in_the_language_of_the_page_and_its_ids_are_sent', async () => {
    const languages = vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['ja']);
    await words.speak('ja');
    const host = await inbox([APPROVAL]);
    expect(screen.getByRole('button', { name: '許可' })).toBeTruthy();
    languages.mockRestore();
    await press('y', { shiftKey: true });
    expect(host.sent('ask.answer')).toMatchObject([{ option: 'allow' }]);
  });

  it('new_question_is_read_out_once_and_at_once', async () => {
    const host = await inbox([ask(1)]);
    const region = document.querySelector('[aria-live=assertive]');
    expect(region?.textContent).toBe('');
    host.script({ 'ask.list': () => ({ asks: [ask(2), ask(1)] }) });
    host.send({ seq: 1, kind: 'asked' });
    await vi.advanceTimersByTimeAsync(500);
    expect(region?.textContent).toBe('“Fix login” asks: Question 2?');
  });
});
