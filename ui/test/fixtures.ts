import type { Follower, Host, Method, Params, Reply } from '../src/host';
import { HostError } from '../src/host';
import type { Ask, Event, Snapshot, Status, Task } from '../src/host/types';

/** A status view with nothing to do, changed where `part` says so. */
export function status(part: Partial<Status> = {}): Status {
  return {
    state: 'running',
    paused_until: null,
    counts: {},
    slots: { used: 0, total: 4 },
    lanes: [],
    asks: 0,
    unseen_failures: 0,
    low_disk: null,
    update: null,
    update_waits_for: 0,
    version: '0.1.0',
    ...part,
  };
}

/** A queued task with number `n`, changed where `part` says so. */
export function task(n: number, part: Partial<Task> = {}): Task {
  const id = `0199-${n}`;
  return {
    id,
    short_id: `T-${n}`,
    title: `Task ${n}`,
    prompt: `Do ${n}`,
    labels: [],
    state: 'queued',
    state_text: 'It starts next.',
    hold: null,
    piece: { name: 'solo', digest: '' },
    movement: null,
    agent: null,
    model: null,
    lane: null,
    dir: null,
    mode: 'in_place',
    workdir: `/home/user/tasks/${n}`,
    branch: null,
    worktree: null,
    approvals: 'ask_risky',
    priority: 'normal',
    thread: id,
    parent: null,
    children: [],
    depends_on: [],
    paused: false,
    cancelling: false,
    key: null,
    attempt: 0,
    tries_used: 0,
    max_tries: 3,
    failure: null,
    asks: [],
    result: null,
    outputs: '',
    changes: null,
    usage: [],
    budget: null,
    brief: null,
    checklist: [],
    activity: null,
    created_at: '2026-11-20T09:00:00Z',
    started_at: null,
    ended_at: null,
    seen_at: null,
    ...part,
  };
}

/** An open question with number `n`, changed where `part` says so. */
export function ask(n: number, part: Partial<Ask> = {}): Ask {
  return {
    id: `0200-${n}`,
    short_id: `A-${n}`,
    subject: 'task',
    task: '0199-1',
    lane: null,
    kind: 'question',
    purpose: 'performer',
    text: `Question ${n}?`,
    options: [
      { id: 'pg', label: 'Postgres', detail: 'needs a server' },
      { id: 'lite', label: 'SQLite', detail: null },
    ],
    allows_text: true,
    scopes: [],
    default: null,
    expires_at: null,
    revision: 1,
    created_at: `2026-11-20T09:${String(n).padStart(2, '0')}:00Z`,
    answered: null,
    closed_at: null,
    snoozed_until: null,
    ...part,
  };
}

type Table = { [M in Method]?: (params: Params<M>) => Reply<M> | Promise<Reply<M>> };
interface Call {
  method: Method;
  params: unknown;
}

/** The far side of the door: answers from a table, records what was asked, and sends events when told to. */
export class ScriptedHost implements Host {
  readonly desktop = null;
  readonly calls: Call[] = [];
  followers: { since: number; follower: Follower }[] = [];
  #table: Table = {
    status: () => status(),
    'events.subscribe': () => snapshot(),
    'config.show': () => ({ settings: [] }),
    'task.list': () => ({ tasks: [], next: null }),
  };

  constructor(table: Table = {}) {
    this.script(table);
  }

  /** Answers differently from now on. */
  script(table: Table): void {
    this.#table = { ...this.#table, ...table };
  }

  async call<M extends Method>(method: M, params: Params<M>): Promise<Reply<M>> {
    this.calls.push({ method, params });
    const answer = this.#table[method] as ((params: Params<M>) => Reply<M>) | undefined;
    if (!answer) throw new HostError('incompatible', `the script has no answer for ${method}`);
    return answer(params);
  }

  follow(since: number, follower: Follower): () => void {
    const entry = { since, follower };
    this.followers.push(entry);
    follower.opened();
    return () => {
      this.followers = this.followers.filter((other) => other !== entry);
    };
  }

  /** Sends an event to everybody who follows. */
  send(event: Partial<Event> & { seq: number }): void {
    const whole: Event = { at: '', task: null, attempt: null, kind: 'started', data: {}, ...event };
    for (const { follower } of this.followers) follower.event(whole);
  }

  /** What was sent with every call of a method, in order. */
  sent<M extends Method>(method: M): Params<M>[] {
    const calls = this.calls.filter((call) => call.method === method);
    return calls.map(({ params }) => params as Params<M>);
  }
}

export function snapshot(part: Partial<Snapshot> = {}): Snapshot {
  return { seq: 0, status: status(), tasks: [], asks: [], ...part };
}

/** How long a test waits for what is loaded: a busy machine is no defect. */
export const PATIENT = { timeout: 30_000 };
