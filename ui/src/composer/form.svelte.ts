import type { Host } from '../host';
import type { Task } from '../host/types';
import { readDraft, writeDraft } from '../state/drafts';
import type { Attachment } from './attachments.svelte';
import { EMPTY, fitting, LAST, request, staying, STAYING, type Fields } from './fields';

const DRAFT = 'new-task';

/** A task on its way to being submitted. What is written survives the closing of the view. */
export class Form {
  fields = $state<Fields>({ ...EMPTY });
  sending = $state(false);
  /** Two sends of one form are one task, also when the answer to the first was lost. */
  #key: string = crypto.randomUUID();

  constructor(private readonly host: Host) {
    const kept = readDraft<Fields & { key: string }>(DRAFT);
    this.fields = fitting({ ...EMPTY, ...staying(), ...kept });
    if (typeof kept?.key === 'string') this.#key = kept.key;
  }

  get empty(): boolean {
    return this.fields.prompt.trim() === '';
  }

  /**
   * Takes what a link says, into fields that are empty: a link never overwrites what a person wrote. A folder is taken in
   * any case: it was chosen in this window, as links from outside name none. Whether words were taken.
   */
  prefill(query: Record<string, string>): boolean {
    const { title = '', prompt = title, folder = '' } = query;
    if (folder) this.fields.folder = folder;
    if (!this.empty || !prompt) return false;
    this.fields.prompt = prompt;
    if (query['prompt'] && title) this.fields.title = title;
    return true;
  }

  /** Keeps what is written. */
  keep(): void {
    const { prompt, title, dependsOn, checks, notBefore, budgetTokens, budgetUsd } = this.fields;
    const texts = [prompt, title, checks, notBefore, budgetTokens, budgetUsd];
    const worth = texts.some((text) => text.trim()) || dependsOn.length > 0;
    writeDraft(DRAFT, worth ? { ...$state.snapshot(this.fields), key: this.#key } : null);
  }

  /** Submits it; rejects with the refusal, and then everything is as it was. */
  async send(attachments: readonly Attachment[], needsAgent: boolean): Promise<Task> {
    this.sending = true;
    try {
      const task = await this.host.call('task.add', request(this.fields, attachments, needsAgent, this.#key));
      const last = Object.fromEntries(STAYING.map((name) => [name, this.fields[name]]));
      writeDraft(LAST, last);
      this.reset();
      return task;
    } finally {
      this.sending = false;
    }
  }

  /** Begins anew, with what stays. */
  reset(): void {
    this.#key = crypto.randomUUID();
    this.fields = fitting({ ...EMPTY, ...staying() });
    writeDraft(DRAFT, null);
  }
}
