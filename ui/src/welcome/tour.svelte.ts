import script from '../../../scripts/welcome.sh?raw';
import type { Add, Host } from '../host';
import type { LocalServer, Runtime } from '../host/types';
import type { Settings } from '../state/settings.svelte';
import { t, words } from '../words';
import { OPENS } from './greet.svelte';

export type Step = 'hello' | 'found' | 'folder' | 'approvals' | 'task';

/** Without an agent there is nothing to choose a folder or a level for. */
const WITH_AGENT: Step[] = ['hello', 'found', 'folder', 'approvals', 'task'];
const WITHOUT: Step[] = ['hello', 'found', 'task'];

/** One way through the welcome: what was found, what was chosen, and where one is. */
export class Tour {
  step = $state<Step>('hello');
  runtimes = $state.raw<Runtime[] | null>(null);
  servers = $state.raw<LocalServer[] | null>(null);
  folder = $state('');
  /** Whether the folder may be worked in; an empty one means a folder of the task's own. */
  folderFits = $state(true);
  #written = $state<string | null>(null);
  #chosen = $state<string | null>(null);

  constructor(
    private readonly host: Host,
    private readonly settings: Settings,
  ) {}

  /** The agents that could begin at once. */
  get ready(): Runtime[] {
    return (this.runtimes ?? []).filter(
      (runtime) => runtime.usable && runtime.lane !== null && runtime.signed_in !== false,
    );
  }

  get agent(): Runtime | null {
    return this.ready.find(({ kind }) => kind === this.#chosen) ?? this.ready[0] ?? null;
  }

  /** What the agent is asked: the proposal, in the language of the moment, until somebody writes something else. */
  get prompt(): string {
    return this.#written ?? t('welcome-task-prompt');
  }

  set prompt(text: string) {
    this.#written = text;
  }

  choose(kind: string): void {
    this.#chosen = kind;
  }

  get steps(): Step[] {
    return this.agent ? WITH_AGENT : WITHOUT;
  }

  get at(): number {
    return Math.max(0, this.steps.indexOf(this.step));
  }

  /** Whether what this step asks for is answered. */
  get canGoOn(): boolean {
    if (this.step === 'folder') return this.folderFits;
    if (this.step === 'task') return this.agent === null || this.prompt.trim() !== '';
    return true;
  }

  move(by: 1 | -1): void {
    this.step = this.steps[this.at + by] ?? this.step;
  }

  /** Looks for agents and local models; rejects with the worker's refusal. */
  async look(refresh: boolean): Promise<void> {
    const [{ runtimes }, { servers }] = await Promise.all([
      this.host.call('runtime.list', { refresh }),
      this.host.call('llm.discover', {}),
    ]);
    this.runtimes = runtimes;
    this.servers = servers;
  }

  /** Submits the first task and ends the welcome; returns the task's short id. */
  async begin(): Promise<string> {
    const task = await this.host.call('task.add', this.#task());
    await this.leave();
    return task.short_id;
  }

  /** Ends the welcome for good: it can be opened again, but does not open by itself. */
  async leave(): Promise<void> {
    await this.settings.set(OPENS, 'false');
  }

  #task(): Add {
    if (!this.agent) {
      // What it says is kept with the task: it speaks as the window does now.
      const prompt = `language=${words.language}\n${script}`;
      return { title: t('welcome-task-script-title'), prompt, piece: 'script' };
    }
    const prompt = this.prompt.trim();
    return {
      // A prompt of one's own gets the title the worker makes of it.
      ...(prompt === t('welcome-task-prompt') ? { title: t('welcome-task-title') } : {}),
      ...(this.folder ? { dir: this.folder } : {}),
      prompt,
      agent: this.agent.kind,
    };
  }
}
