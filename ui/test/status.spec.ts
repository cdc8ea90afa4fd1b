import { render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';

import App from '../src/App.svelte';
import { HostError } from '../src/host/host';
import { Worker } from '../src/state/worker.svelte';
import { status, TableHost } from './fixtures';

const TASK = {
  id: '0199',
  short_id: 'T-1',
  title: 'Welcome',
  state: 'done',
  state_text: 'Done',
};

describe('status page', () => {
  it('worker_and_tasks_are_shown_in_words', async () => {
    const host = new TableHost({
      status: () => status({ counts: { running: 1, queued: 2 }, slots: { used: 1, total: 4 } }),
      'task.list': () => ({ tasks: [TASK] }),
    });
    render(App, { worker: new Worker(host) });
    expect((await screen.findByText('1 running, 2 queued')).getAttribute('role')).toBe('status');
    expect(screen.getByText('Welcome')).toBeTruthy();
    expect(screen.getByText(/1 of 4 slots in use/)).toBeTruthy();
  });

  it('empty_list_names_the_next_step', async () => {
    const host = new TableHost({ status: () => status(), 'task.list': () => ({ tasks: [] }) });
    render(App, { worker: new Worker(host) });
    expect(await screen.findByText(/No task yet/)).toBeTruthy();
  });

  it('pause_button_pauses_and_becomes_resume', async () => {
    let paused = false;
    const host = new TableHost({
      status: () => status({ state: paused ? 'paused' : 'running' }),
      'task.list': () => ({ tasks: [] }),
      pause: () => {
        paused = true;
      },
    });
    render(App, { worker: new Worker(host) });
    (await screen.findByRole('button', { name: 'Pause' })).click();
    expect(await screen.findByRole('button', { name: 'Resume' })).toBeTruthy();
    expect(host.calls).toContain('pause');
  });

  it('lost_worker_is_said_and_its_figures_are_gone', async () => {
    let lost = false;
    const host = new TableHost({
      status: () => {
        if (lost) throw new HostError('offline', 'The worker does not answer.');
        return status();
      },
      'task.list': () => ({ tasks: [] }),
    });
    const worker = new Worker(host);
    render(App, { worker });
    await screen.findByText('Idle');
    lost = true;
    await worker.refresh();
    await tick();
    expect(screen.getByRole('alert').textContent).toBe('The worker does not answer.');
    expect(screen.getByText('Worker stopped')).toBeTruthy();
    expect(screen.queryByText(/slots in use/)).toBeNull();
  });

  it('page_without_its_address_says_so_and_not_that_the_worker_stopped', async () => {
    const host = new TableHost({
      status: () => {
        throw new HostError('forbidden', 'This page is not signed in.');
      },
      'task.list': () => ({ tasks: [] }),
    });
    render(App, { worker: new Worker(host) });
    await screen.findByText('Not signed in');
    expect(screen.queryByText('Worker stopped')).toBeNull();
  });
});
