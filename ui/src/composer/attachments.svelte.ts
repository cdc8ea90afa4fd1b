import type { Host } from '../host';
import { t } from '../words';
import { bytes } from '../words/sizes';

/** How large one file may be: so much fits into one request. */
export const LARGEST = 4 * 1024 * 1024;

/** A file on its way to the task. */
export interface Attachment {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  /** Where the worker has it; `null` until then. */
  readonly path: string | null;
  /** Why it cannot go along. */
  readonly problem: string | null;
}

/** The files of a new task, handed to the worker as they are added. */
export class Attachments {
  all = $state.raw<readonly Attachment[]>([]);
  #next = 1;

  constructor(private readonly host: Host) {}

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
  }

  clear(): void {
    this.all = [];
  }

  async #take(file: File): Promise<void> {
    const key = this.#next++;
    const { name, size } = file;
    this.all = [...this.all, { key, name, size, path: null, problem: null }];
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
