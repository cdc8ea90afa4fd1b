import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { expect, vi } from 'vitest';

import Ripieno from '../src/App.svelte';
import { HostError } from '../src/host';
import type { List } from '../src/host/methods';
import type { Task } from '../src/host/types';
import { App } from '../src/state/app';
import { ScriptedHost, PATIENT } from './fixtures';

export const NOW = Date.parse('2026-11-20T10:00:00Z');

/** A worker with these tasks, which it lists, finds and shows as the real one does. */
export class Queue extends ScriptedHost {
  constructor(public tasks: Task[]) {
    super();
    this.script({
      'task.list': (list) => this.#list(list),
      'task.show': ({ id }) => this.find(id),
      'task.pause': ({ ids }) => ({ tasks: ids.map((id) => this.change(id, { paused: true, state: 'paused' })) }),
      'task.retry': ({ ids }) => ({ tasks: ids.map((id) => this.change(id, { state: 'queued' })) }),
      'task.seen': ({ ids = this.tasks.map(({ id }) => id) }) => {
        for (const id of ids) this.change(id, { seen_at: '2026-11-20T10:00:00Z' });
        return { seen: ids.length };
      },
      'task.cancel': ({ ids }) => ({ tasks: ids.map((id) => this.change(id, { state: 'cancelled' })) }),
    });
  }

  find(id: string): Task {
    const found = this.tasks.find((each) => each.id === id || each.short_id === id);
    if (!found) throw new HostError('not_found', `there is no task ${id}`);
    return found;
  }

  change(id: string, part: Partial<Task>): Task {
    this.tasks = this.tasks.map((each) => (each.id === id ? { ...each, ...part } : each));
    return this.find(id);
  }

  #list({ states = [], labels = [], search = '', limit = 50, after }: List) {
    const all = this.tasks.filter(
      (each) =>
        states.includes(each.state) &&
        labels.every((label) => each.labels.includes(label)) &&
        each.title.includes(search),
    );
    const from = Number(after ?? 0);
    const end = from + limit;
    return { tasks: all.slice(from, end), next: end < all.length ? String(end) : null };
  }
}

export async function list(tasks: Task[], at = '#/tasks'): Promise<Queue> {
  const host = new Queue(tasks);
  window.location.hash = at;
  render(Ripieno, { app: new App(host) });
  await vi.waitFor(() => expect(document.querySelector('#tasks-title')).toBeTruthy(), PATIENT);
  await vi.advanceTimersByTimeAsync(50);
  return host;
}

/** What is on screen: headings and titles, in order. */
export function lines(): string[] {
  const shown = document.querySelectorAll('.heading .name, [role=option] .title');
  return [...shown].map((line) => line.textContent?.trim().replace(/\s+/g, ' ') ?? '');
}

export function row(title: string): HTMLElement {
  const found = screen.getAllByRole('option').find((each) => each.textContent?.includes(title));
  if (!found) throw new Error(`no row says ${title}`);
  return found;
}

export async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  await fireEvent.keyDown(document.activeElement ?? document.body, { key, bubbles: true, ...more });
  await tick();
}

export async function scroll(box: HTMLElement, top: number): Promise<void> {
  box.scrollTop = top;
  await fireEvent.scroll(box);
  await tick();
}

/** Moments in order, a minute apart. */
export function moment(n: number): string {
  return new Date(NOW - (1000 - n) * 60_000).toISOString();
}

export async function search(text: string): Promise<void> {
  await fireEvent.input(screen.getByRole('textbox'), { target: { value: text } });
  await vi.advanceTimersByTimeAsync(400);
}
