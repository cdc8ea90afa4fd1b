import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Connection } from './socket';

const ROOT = resolve(import.meta.dirname, '../../..');
const DEBUG = process.env['RIPIENO_TEST_BIN'] ?? join(ROOT, 'target/debug');
const PATIENCE = 30_000;
const POLL = 50;

/** A task as far as the tests look at it. */
export interface Task {
  id: string;
  short_id: string;
  state: string;
}

interface Ask {
  short_id: string;
  task: string | null;
}

interface Lane {
  lane: string;
  held_until: string | null;
  hold_reason: string | null;
}

interface Ready {
  socket: string;
  web: string;
}

export interface Options {
  /** Whether Claude Code is found: a stand-in of our own test kit that speaks its protocol, or another one by its path. */
  agent?: boolean | string;
}

/** A worker of its own: its own home, its own folders, a free port. */
export class Daemon {
  private constructor(
    private readonly child: ChildProcess,
    private readonly scratch: string,
    /** The address to open; its token works once. */
    readonly web: string,
    private readonly connection: Connection,
  ) {}

  static async start({ agent = false }: Options = {}): Promise<Daemon> {
    const scratch = mkdtempSync(join(tmpdir(), 'ripieno-e2e-'));
    const child = spawn(program('ripieno'), ['daemon', 'run', '--json', '--web', '127.0.0.1:0'], {
      env: environment(scratch, agent),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // A run that is broken off leaves no worker behind.
    const end = (): boolean => child.kill();
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    const ready = await firstLine(child);
    return new Daemon(child, scratch, ready.web, await Connection.open(ready.socket));
  }

  /** One request over the socket, as the command makes it. */
  call<T = Record<string, unknown>>(method: string, params: object = {}): Promise<T> {
    return this.connection.call<T>(method, params);
  }

  /** Submits a script. */
  script(title: string, prompt: string, more: object = {}): Promise<Task> {
    return this.call<Task>('task.add', { title, prompt, piece: 'script', ...more });
  }

  /** Waits until a task is in one of the states. */
  async reaches(task: Task, ...states: string[]): Promise<void> {
    await until(async () => {
      const { state } = await this.call<Task>('task.show', { id: task.id });
      return states.includes(state) ? null : `${task.short_id} stays ${state}, not ${states.join(' or ')}`;
    });
  }

  /** Waits for an open question of a task; returns its short id. */
  async asked(task: Task): Promise<string> {
    let found = '';
    await until(async () => {
      const { asks } = await this.call<{ asks: Ask[] }>('ask.list');
      found = asks.find((ask) => ask.task === task.id || ask.task === task.short_id)?.short_id ?? '';
      return found ? null : `${task.short_id} asks nothing`;
    });
    return found;
  }

  /** Waits until a lane is held. */
  async laneHeld(lane: string): Promise<void> {
    await until(async () => {
      const { lanes } = await this.call<{ lanes: Lane[] }>('status');
      const held = lanes.some((one) => one.lane === lane && (one.hold_reason ?? one.held_until));
      return held ? null : `${lane} is not held: ${JSON.stringify(lanes)}`;
    });
  }

  /** Submits a script and waits for its end. */
  async ended(title: string, prompt: string, more: object = {}): Promise<Task> {
    const task = await this.script(title, prompt, more);
    await this.reaches(task, 'done', 'failed', 'dead', 'cancelled');
    return task;
  }

  /** Makes the agent appear on the search path, as an installation would. */
  install(): void {
    symlinkSync(program('ripieno-fake-agent'), join(this.scratch, 'bin', 'claude'));
  }

  /** A folder that tasks may work in, by name. */
  folder(name: string): string {
    const path = join(this.scratch, 'work', name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Ends the worker in order and removes all it wrote; more than once is as good as once. */
  async stop(): Promise<void> {
    this.connection.close();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

/** Asks again until there is no complaint; the last one is the error when patience ends. */
async function until(complaint: () => Promise<string | null>): Promise<void> {
  const begin = Date.now();
  for (;;) {
    const still = await complaint();
    if (still === null) return;
    if (Date.now() - begin > PATIENCE) throw new Error(still);
    await new Promise((next) => setTimeout(next, POLL));
  }
}

function program(name: string): string {
  const path = join(DEBUG, name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`scripts/test.sh build\` first, or set RIPIENO_TEST_BIN.`);
  return path;
}

/** What the worker sees: a home of its own, and none of the agents this machine may have. */
function environment(scratch: string, agent: boolean | string): NodeJS.ProcessEnv {
  const bin = join(scratch, 'bin');
  const home = join(scratch, 'person');
  mkdirSync(bin);
  mkdirSync(home);
  if (agent) symlinkSync(agent === true ? program('ripieno-fake-agent') : agent, join(bin, 'claude'));
  // A worker without a terminal asks the login shell where programs are. The login of the stand-in is never sent anywhere.
  const profile = `export PATH='${bin}:/usr/bin:/bin' ANTHROPIC_API_KEY=not-a-key\n`;
  writeFileSync(join(home, '.profile'), profile);
  return {
    HOME: home,
    PATH: '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    SHELL: '/bin/sh',
    RIPIENO_HOME: join(scratch, 'home'),
  };
}

async function firstLine(child: ChildProcess): Promise<Ready> {
  if (!child.stdout) throw new Error('the worker has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    return JSON.parse(line) as Ready;
  }
  throw new Error(`the worker ended before it was ready (exit ${child.exitCode})`);
}
