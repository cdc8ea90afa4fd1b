import type { Host } from '../host';
import { readDraft, writeDraft } from '../state/drafts';
import { t } from '../words';
import { bytes } from '../words/sizes';

/** How large one file may be: so much fits into one request. */
export const LARGEST = 4 * 1024 * 1024;

const DRAFT = 'new-task.files';
/** How long a file that was handed over is surely there, in milliseconds: the worker keeps it for a day. */
const KEPT = 23 * 3_600_000;

/** What stays of a file while the view is closed. */
interface Kept {
  name: string;
  size: number;
  path: string;
  /** When it was handed over. */
  at: number;
}

/** A file on its way to the task. */
export interface Attachment {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  /** Where the worker has it; `null` until then. */
  readonly path: string | null;
  /** When it was added, in milliseconds. */
  readonly at: number;
  /** Why it cannot go along. */
  readonly problem: string | null;
}

/** The files of a new task, handed to the worker as they are added. They survive the closing of the view. */
export class Attachments {
  all = $state.raw<readonly Attachment[]>([]);
  #next = 1;

  constructor(private readonly host: Host) {
    const { files } = readDraft<{ files: Kept[] }>(DRAFT) ?? {};
    const fresh = (Array.isArray(files) ? files : []).filter(({ at }) => Date.now() - at < KEPT);
    this.all = fresh.map((file) => ({ ...file, key: this.#next++, problem: null }));
  }

  get pending(): boolean {
    return this.all.some(({ path, problem }) => path === null && problem === null);
  }

  get ready(): readonly Attachment[] {
    return this.all.filter(({ path }) => path !== null);
  }

  /** Adds files; each is handed over at once. */
  async add(files: Iterable<File>): Promise<void> {
    await Promise.all([...files].map((file) => this.#take(file)));
  }

  remove(key: number): void {
    this.all = this.all.filter((other) => other.key !== key);
    this.#keep();
  }

  clear(): void {
    this.all = [];
    this.#keep();
  }

  async #take(file: File): Promise<void> {
    const key = this.#next++;
    const { name, size } = file;
    this.all = [...this.all, { key, name, size, path: null, at: Date.now(), problem: null }];
    if (size > LARGEST) {
      this.#change(key, { problem: t('composer-file-large', { most: bytes(LARGEST) }) });
      return;
    }
    try {
      const data = await base64(file);
      const { path } = await this.host.call('input.stage', { name, data });
      this.#change(key, { path });
    } catch (error) {
      this.#change(key, { problem: error instanceof Error ? error.message : String(error) });
    }
  }

  #change(key: number, change: Partial<Attachment>): void {
    this.all = this.all.map((other) => (other.key === key ? { ...other, ...change } : other));
    this.#keep();
  }

  #keep(): void {
    const files = this.all.flatMap(({ name, size, path, at }) => (path === null ? [] : [{ name, size, path, at }]));
    writeDraft(DRAFT, files.length > 0 ? { files } : null);
  }
}

/** The files of a paste or a drop; a text that was pasted is none. */
export function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])];
}

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(new Error(t('composer-file-unreadable')));
    reader.readAsDataURL(file);
  });
}
