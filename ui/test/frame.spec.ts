import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import Ripieno from '../src/App.svelte';
import { HostError } from '../src/host';
import { App } from '../src/state/app';
import { ask, ScriptedHost, snapshot, status } from './fixtures';

function open(host: ScriptedHost): App {
  const app = new App(host);
  render(Ripieno, { app });
  return app;
}

describe('frame', () => {
  beforeEach(() => {
    window.location.hash = '';
  });

  it('worker_is_shown_in_words', async () => {
    const busy = status({ counts: { running: 1, queued: 2 } });
    open(new ScriptedHost({ 'events.subscribe': () => snapshot({ status: busy }) }));
    expect((await screen.findAllByText('1 running, 2 queued')).length).toBeGreaterThan(0);
  });

  it('places_are_links_and_the_one_shown_is_marked', async () => {
    open(new ScriptedHost());
    const [rail] = screen.getAllByRole('link', { name: 'Agents' });
    await userEvent.click(rail as HTMLElement);
    expect(window.location.hash).toBe('#/agents');
    expect(rail?.getAttribute('aria-current')).toBe('page');
  });

  it('keys_of_a_screen_count_also_when_it_takes_the_place_of_another', async () => {
    const app = open(new ScriptedHost());
    app.router.go('tasks');
    const search = await screen.findByRole('textbox', { name: /^Search, or/ });
    await userEvent.keyboard('/');
    expect(document.activeElement).toBe(search);
  });

  it('open_questions_are_counted_beside_the_inbox', async () => {
    const asks = [ask(1), ask(2)];
    open(new ScriptedHost({ 'events.subscribe': () => snapshot({ asks }) }));
    expect((await screen.findAllByText('2 questions open')).length).toBeGreaterThan(0);
  });

  it.each([
    ['Finish running tasks', {}],
    ['Suspend now', { suspend: true }],
    ['For 30 minutes', { for: '30m' }],
    ['Until tomorrow 09:00', { until: 'tomorrow 09:00' }],
  ])('pause_menu_%s_pauses_so_and_becomes_resume', async (item, how) => {
    const host = new ScriptedHost({
      'worker.pause': () => status({ state: 'paused' }),
      'worker.resume': () => status(),
    });
    open(host);
    const [button] = await screen.findAllByRole('button', { name: 'Pause' });
    await userEvent.click(button as HTMLElement);
    const choice = screen.getByRole('menuitem', { name: new RegExp(`^${item}`) });
    await userEvent.click(choice);
    expect(host.sent('worker.pause')).toEqual([how]);
    const [resume] = await screen.findAllByRole('button', { name: 'Resume' });
    await userEvent.click(resume as HTMLElement);
    expect(host.sent('worker.resume')).toHaveLength(1);
    expect(await screen.findAllByRole('button', { name: 'Pause' })).toBeTruthy();
  });

  it('refused_pause_is_told_in_the_words_of_the_worker', async () => {
    const host = new ScriptedHost({
      'worker.pause': () => {
        throw new HostError('not_possible_now', 'The worker is stopping.');
      },
    });
    open(host);
    const [button] = await screen.findAllByRole('button', { name: 'Pause' });
    await userEvent.click(button as HTMLElement);
    await userEvent.click(screen.getByRole('menuitem', { name: /^Suspend now/ }));
    expect(await screen.findByText('The worker is stopping.')).toBeTruthy();
  });

  it('menu_is_walked_by_arrows_and_left_by_escape_to_its_button', async () => {
    open(new ScriptedHost());
    const [button] = await screen.findAllByRole('button', { name: 'Pause' });
    button?.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toContain('Finish running tasks');
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toContain('Suspend now');
    await userEvent.keyboard('{End}');
    expect(document.activeElement?.textContent).toContain('Until tomorrow');
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(button);
  });

  it('lost_worker_is_said_with_what_is_safe_and_comes_back_by_the_button', async () => {
    let lost = true;
    const host = new ScriptedHost({
      'events.subscribe': () => {
        if (lost) throw new HostError('offline', '');
        return snapshot();
      },
    });
    open(host);
    expect((await screen.findByRole('alert')).textContent).toContain('Your tasks are safe');
    expect(screen.getAllByText('Worker stopped').length).toBeGreaterThan(0);
    lost = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect((await screen.findAllByText('Idle')).length).toBeGreaterThan(0);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('page_without_its_address_says_so_and_not_that_the_worker_stopped', async () => {
    const host = new ScriptedHost({
      'events.subscribe': () => {
        throw new HostError('signed_out', '');
      },
    });
    open(host);
    expect((await screen.findByRole('alert')).textContent).toContain('This page is not signed in');
    expect(screen.queryByText('Worker stopped')).toBeNull();
  });
});
