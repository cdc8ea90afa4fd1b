import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { cleanup, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import Ripieno from '../src/App.svelte';
import { openHost, type Follower } from '../src/host';
import { HttpHost } from '../src/host/http';
import { TauriHost } from '../src/host/tauri';
import { App } from '../src/state/app';
import { ask, PATIENT, snapshot, status, task } from './fixtures';

type Arguments = Record<string, unknown>;
interface Sent {
  command: string;
  given: Arguments;
}

/** Plays the application's side of the bridge: records what the page sends and answers by `answer`. */
function bridge(answer: (sent: Sent) => unknown): Sent[] {
  const all: Sent[] = [];
  mockIPC(
    (command, given) => {
      const sent = { command, given: given as Arguments };
      all.push(sent);
      return answer(sent);
    },
    { shouldMockEvents: true },
  );
  return all;
}

/** Sends a message down the channel that the page opened. */
function down(sent: Sent | undefined, index: number, message: unknown): void {
  const { id } = sent?.given['channel'] as { id: number };
  const internals = (window as unknown as { __TAURI_INTERNALS__: { runCallback: (id: number, data: unknown) => void } })
    .__TAURI_INTERNALS__;
  internals.runCallback(id, { index, message });
}

afterEach(async () => {
  vi.useRealTimers();
  // The page takes its listeners away while the bridge still stands.
  cleanup();
  await new Promise((done) => setTimeout(done));
  clearMocks();
  delete (window as unknown as Arguments)['__TAURI_INTERNALS__'];
});

describe('host', () => {
  it('is_the_application_in_its_window_and_http_in_a_browser', async () => {
    expect(openHost()).toBeInstanceOf(HttpHost);
    bridge(() => null);
    expect(openHost()).toBeInstanceOf(TauriHost);
  });
});

describe('TauriHost', () => {
  it('request_is_one_command_with_method_and_params', async () => {
    const sent = bridge(() => ({ tasks: [] }));
    expect(await new TauriHost().call('task.list', { limit: 3 })).toEqual({ tasks: [] });
    expect(sent).toEqual([
      { command: 'call', given: { method: 'task.list', params: { limit: 3 } } },
    ]);
  });

  it('refusal_keeps_its_code_message_and_detail', async () => {
    bridge(() => {
      throw { code: 'already_answered', message: 'already answered by tray', detail: { by: 'tray' } };
    });
    await expect(new TauriHost().call('status', {})).rejects.toMatchObject({
      code: 'already_answered',
      message: 'already answered by tray',
      detail: { by: 'tray' },
    });
  });

  function following(): { told: string[]; follower: Follower } {
    const told: string[] = [];
    const follower: Follower = {
      event: ({ seq }) => told.push(`event ${seq}`),
      opened: () => told.push('opened'),
      lost: () => told.push('lost'),
    };
    return { told, follower };
  }

  it('stream_that_ends_is_opened_again_after_the_last_event', async () => {
    vi.useFakeTimers();
    const sent = bridge(() => null);
    const { told, follower } = following();
    const stop = new TauriHost().follow(4, follower);
    await vi.advanceTimersByTimeAsync(0);
    down(sent[0], 0, { seq: 5 });
    down(sent[0], 1, null);
    await vi.advanceTimersByTimeAsync(2000);
    expect(told).toEqual(['opened', 'event 5', 'lost', 'opened']);
    expect(sent.map(({ given }) => given['since'])).toEqual([4, 5]);
    stop();
    down(sent[1], 0, { seq: 6 });
    expect(told).not.toContain('event 6');
  });

  it('refused_stream_is_asked_for_again_until_it_is_stopped', async () => {
    vi.useFakeTimers();
    const sent = bridge(() => {
      throw { code: 'offline', message: '' };
    });
    const { told, follower } = following();
    const stop = new TauriHost().follow(0, follower);
    await vi.advanceTimersByTimeAsync(2000);
    expect(told).toEqual(['lost', 'lost']);
    stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveLength(2);
  });
});

/** The page in a window whose application answers desktop actions by `actions`. */
async function page(actions: Record<string, unknown>, worker: () => unknown = snapshot): Promise<Sent[]> {
  const sent = bridge(({ command, given }) => {
    if (command === 'desktop') return actions[String(given['action'])] ?? null;
    if (command === 'follow') return null;
    if (given['method'] === 'events.subscribe') return worker();
    if (given['method'] === 'status') return status();
    return { tasks: [], asks: [], settings: [], next: null };
  });
  window.location.hash = '#/agents';
  render(Ripieno, { app: new App(openHost()) });
  await screen.findAllByRole('link', { name: 'Agents' });
  return sent;
}

const actions = (sent: Sent[], action: string): Arguments[] =>
  sent.map(({ given }) => given).filter((given) => given['action'] === action);

describe('page in its window', () => {
  it('route_that_waited_while_the_window_opened_is_taken', async () => {
    await page({ take_route: '/tasks/T-41' });
    await vi.waitFor(() => expect(window.location.hash).toBe('#/tasks/T-41'));
  });

  it('route_of_an_open_window_is_taken_when_it_is_told_of', async () => {
    const waiting: Record<string, unknown> = {};
    const sent = await page(waiting);
    await vi.waitFor(() => expect(actions(sent, 'take_route')).toHaveLength(1));
    waiting['take_route'] = '/inbox/A-3';
    await emit('route');
    await vi.waitFor(() => expect(window.location.hash).toBe('#/inbox/A-3'));
  });

  it('application_is_told_what_is_on_screen_and_whether_it_is_looked_at', async () => {
    const sent = await page({});
    await vi.waitFor(() => expect(actions(sent, 'shown')).toHaveLength(1));
    window.location.hash = '#/inbox/A-3';
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    window.dispatchEvent(new Event('focus'));
    const last = { action: 'shown', route: '#/inbox/A-3', focused: true };
    await vi.waitFor(() => expect(actions(sent, 'shown').at(-1)).toEqual(last));
    window.dispatchEvent(new Event('blur'));
    await vi.waitFor(() => expect(actions(sent, 'shown').at(-1)).toEqual({ ...last, focused: false }));
    window.dispatchEvent(new Event('focus'));
    await vi.waitFor(() => expect(actions(sent, 'shown').at(-1)).toEqual(last));
    // The window is minimised, and no event of the page says so.
    await emit('attended', false);
    await vi.waitFor(() => expect(actions(sent, 'shown').at(-1)).toEqual({ ...last, focused: false }));
  });

  it('notice_for_a_window_in_use_is_a_toast_that_leads_there', async () => {
    await page({});
    await emit('notice', { title: '“Fix login” asks', body: 'Which one?', route: '/inbox/A-3' });
    expect(await screen.findByText('“Fix login” asks: Which one?')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Open' }));
    expect(window.location.hash).toBe('#/inbox/A-3');
  });

  it('answer_that_is_held_back_is_sent_before_the_application_ends', async () => {
    const sent = await page({}, () => snapshot({ asks: [ask(1)], tasks: [task(1)] }));
    window.location.hash = '#/inbox';
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    await userEvent.click(await screen.findByRole('button', { name: /SQLite/ }, PATIENT));
    const answers = (): number => sent.findIndex(({ given }) => given['method'] === 'ask.answer');
    expect(answers()).toBe(-1);
    await emit('leaving');
    await vi.waitFor(() => expect(actions(sent, 'left')).toHaveLength(1));
    expect(answers()).toBeGreaterThan(-1);
    expect(answers()).toBeLessThan(sent.findIndex(({ given }) => given['action'] === 'left'));
  });

  it('stopped_worker_can_be_started_from_here', async () => {
    let stopped = true;
    const sent = await page({}, () => {
      if (stopped) throw { code: 'offline', message: 'no worker' };
      return snapshot();
    });
    const button = await screen.findByRole('button', { name: 'Start the worker' });
    stopped = false;
    await userEvent.click(button);
    expect(actions(sent, 'start_worker')).toHaveLength(1);
    await vi.waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });
});
