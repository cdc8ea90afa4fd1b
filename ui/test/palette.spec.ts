import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import Ripieno from '../src/App.svelte';
import { shown, written } from '../src/keys/keys';
import type { Setting } from '../src/host/types';
import { match } from '../src/palette/fuzzy';
import { App } from '../src/state/app';
import { words } from '../src/words';
import { PATIENT, ScriptedHost, status, task } from './fixtures';

function setting(key: string, value: string): Setting {
  const kind = { type: 'text' as const };
  return { key, value, origin: 'default', default: value, kind, about: '', section: 'desktop', changed: false };
}

async function page(host = new ScriptedHost()): Promise<ScriptedHost> {
  window.location.hash = '#/agents';
  render(Ripieno, { app: new App(host) });
  await vi.waitFor(() => expect(screen.queryAllByText('Idle').length).toBeGreaterThan(0));
  return host;
}

/** A key where the focus is; an open palette has it, which happy-dom does not do by itself. */
async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  const target = screen.queryByRole('combobox') ?? document.activeElement ?? document.body;
  await fireEvent.keyDown(target, { key, bubbles: true, ...more });
  await tick();
}

async function type(text: string): Promise<void> {
  await fireEvent.input(screen.getByRole('combobox'), { target: { value: text } });
  await tick();
}

const palette = (): HTMLElement => screen.getByRole('dialog', { name: 'Commands' });
const offered = (): string[] =>
  within(palette())
    .queryAllByRole('option')
    .map((option) => option.querySelector('.cut')?.textContent ?? '');

describe('command palette', () => {
  it('opens_by_its_key_and_runs_what_enter_is_pressed_on', async () => {
    await page();
    await press('k', { ctrlKey: true });
    await type('go to the t');
    expect(offered()[0]).toBe('Go to the tasks');
    await press('Enter');
    expect(window.location.hash).toBe('#/tasks');
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('arrows_move_and_the_field_names_the_one_that_is_meant', async () => {
    await page();
    await press('k', { metaKey: true });
    await type('go');
    await press('ArrowDown');
    const meant = screen.getByRole('combobox').getAttribute('aria-activedescendant');
    expect(document.getElementById(meant ?? '')?.getAttribute('aria-selected')).toBe('true');
    expect(within(palette()).getAllByRole('option', { selected: true })).toHaveLength(1);
  });

  it('enter_that_confirms_a_reading_of_an_input_method_runs_nothing', async () => {
    await page();
    await press('k', { ctrlKey: true });
    await type('go');
    await press('Enter', { keyCode: 229 });
    await press('Enter', { isComposing: true });
    expect(palette()).toBeTruthy();
    expect(window.location.hash).toBe('#/agents');
  });

  it('tasks_are_found_by_title_and_opened', async () => {
    const found = { tasks: [task(4, { title: 'Fix login' })], next: null };
    await page(new ScriptedHost({ 'task.list': () => found }));
    await press('k', { ctrlKey: true });
    await type('login');
    await vi.waitFor(() => expect(offered()).toEqual(['Fix login']));
    await press('Enter');
    expect(window.location.hash).toBe('#/tasks/T-4');
  });

  it('what_cannot_be_seen_in_a_title_is_shown_as_a_mark', async () => {
    const found = { tasks: [task(4, { title: 'safe\u202Egnp' })], next: null };
    await page(new ScriptedHost({ 'task.list': () => found }));
    await press('k', { ctrlKey: true });
    await type('safe');
    await vi.waitFor(() => expect(offered()).toEqual(['safe[U+202E]gnp']));
  });

  it('pause_is_offered_while_running_and_resume_while_paused', async () => {
    const host = await page();
    host.script({ 'worker.pause': () => status({ state: 'paused' }) });
    await press('k', { ctrlKey: true });
    await type('pause finish');
    await press('Enter');
    await vi.waitFor(() => expect(host.sent('worker.pause')).toEqual([{}]));
    await press('k', { ctrlKey: true });
    await type('resume');
    expect(offered()).toContain('Resume');
    await type('suspend running');
    expect(offered()).not.toContain('Pause: suspend running tasks now');
  });

  it('command_that_gives_the_focus_a_place_leaves_it_there', async () => {
    await page();
    window.location.hash = '#/tasks';
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    const field = await screen.findByRole('textbox', { name: /^Search, or/ }, PATIENT);
    screen.getAllByRole('link', { name: 'Agents' })[0]?.focus();
    await press('k', { ctrlKey: true });
    await type('search tasks');
    await press('Enter');
    expect(document.activeElement).toBe(field);
  });

  it('nothing_that_fits_is_said', async () => {
    await page();
    await press('k', { ctrlKey: true });
    await type('qqqq');
    expect(within(palette()).getByText('Nothing fits.')).toBeTruthy();
  });
});

describe('other names of commands', () => {
  afterEach(() => words.speak('en'));

  it.each([
    ['ja', 'tasuku', 'タスクへ'],
    ['ja', 'inbox', '受信箱へ'],
    ['ja', 'タスク', 'タスクへ'],
    ['zh-Hans', 'renwu', '前往任务'],
    ['zh-Hans', 'shezhi', '前往设置'],
  ] as const)('%s_%s_finds_%s', async (language, typed, label) => {
    await page(
      new ScriptedHost({
        'config.show': () => ({ settings: [setting('desktop.language', `"${language}"`)] }),
      }),
    );
    await vi.waitFor(() => expect(words.language).toBe(language));
    await press('k', { ctrlKey: true });
    await type(typed);
    const options = screen.getAllByRole('option').map((option) => option.textContent ?? '');
    expect(options.some((text) => text.includes(label))).toBe(true);
  });
});

describe('shortcuts', () => {
  beforeEach(() => void vi.useRealTimers());

  it('pair_of_keys_goes_to_a_place', async () => {
    await page();
    await press('g');
    await press('t');
    expect(window.location.hash).toBe('#/tasks');
  });

  it('sheet_names_the_keys_and_gives_the_focus_back', async () => {
    await page();
    const [link] = screen.getAllByRole('link', { name: 'Agents' });
    link?.focus();
    await press('?', { shiftKey: true });
    const sheet = screen.getByRole('dialog', { name: 'Keyboard shortcuts' });
    expect(within(sheet).getByText('g t')).toBeTruthy();
    expect(within(sheet).getByText('Ctrl+K')).toBeTruthy();
    await fireEvent.click(within(sheet).getByRole('button', { name: 'Close' }));
    expect(document.activeElement).toBe(link);
  });

  it('keys_do_nothing_to_the_screen_behind_a_dialog', async () => {
    await page();
    await press('?', { shiftKey: true });
    await press('g');
    await press('t');
    await press(',', { ctrlKey: true });
    expect(window.location.hash).toBe('#/agents');
    await fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    await press('g');
    await press('t');
    expect(window.location.hash).toBe('#/tasks');
  });

  it('single_keys_can_be_switched_off_and_the_others_stay', async () => {
    const host = new ScriptedHost({
      'config.show': () => ({ settings: [setting('desktop.single_keys', 'false')] }),
    });
    await page(host);
    await vi.waitFor(() => expect(host.sent('config.show').length).toBeGreaterThan(0));
    await tick();
    await press('?');
    await press('g');
    await press('t');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(window.location.hash).toBe('#/agents');
    await press(',', { ctrlKey: true });
    expect(window.location.hash).toBe('#/settings');
  });

  it.each([
    [{ key: 'k', ctrlKey: true }, 'Mod+k'],
    [{ key: 'K', ctrlKey: true, shiftKey: true }, 'Mod+k'],
    [{ key: 'N', shiftKey: true }, 'N'],
    [{ key: '?', shiftKey: true }, '?'],
    [{ key: 'ArrowDown', shiftKey: true }, 'Shift+ArrowDown'],
    [{ key: ' ' }, 'Space'],
  ])('%j_is_written_%s', (event, text) => {
    expect(written(new KeyboardEvent('keydown', event))).toBe(text);
  });

  it('keys_are_shown_as_people_know_them', () => {
    expect([shown('Mod+k'), shown('g i'), shown('Mod+Enter')]).toEqual(['Ctrl+K', 'g i', 'Ctrl+Enter']);
  });
});

describe('fuzzy match', () => {
  const better = (wanted: string, first: string, second: string): void => {
    const [a, b] = [match(wanted, first), match(wanted, second)];
    expect(a?.score ?? -Infinity).toBeGreaterThan(b?.score ?? -Infinity);
  };

  it('letters_in_order_fit_and_missing_ones_do_not', () => {
    expect(match('gts', 'Go to settings')).not.toBeNull();
    expect(match('sgo', 'Go to settings')).toBeNull();
    expect(match('', 'anything')).toEqual({ score: 0, at: [] });
  });

  it('beginnings_and_runs_weigh_more', () => {
    better('nt', 'New task', 'Agents');
    better('set', 'Go to settings', 'Suspend everything today');
    better('pause', 'Pause', 'Pause: finish running tasks');
  });

  it('full_width_letters_are_the_same_letters', () => {
    expect(match('ｔａｓｋ', 'New task')).not.toBeNull();
  });
});
