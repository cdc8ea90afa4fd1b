import type { Host } from '../host';
import type { FolderCheck } from '../host/types';

/** How long typing rests before the worker is asked, in milliseconds. */
const REST = 150;

/** What is known about the folder that is being named. */
export class FolderLook {
  check = $state.raw<FolderCheck | null>(null);
  offers = $state.raw<string[]>([]);
  #recent: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(private readonly host: Host) {}

  /** Reads where tasks worked before: what is offered before anything is written. */
  async start(): Promise<void> {
    const { folders } = await this.host.call('folder.recent', {}).catch(() => ({ folders: [] }));
    this.#recent = folders.map(({ path }) => path);
    if (this.offers.length === 0) this.offers = this.#recent;
  }

  /** Looks at a folder as it is written; of several questions the last one's answer counts. */
  look(path: string): void {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const wanted = path.trim();
    if (wanted === '') {
      this.check = null;
      this.offers = this.#recent;
      return;
    }
    this.#timer = setTimeout(() => void this.#ask(wanted, asked), REST);
  }

  async #ask(path: string, asked: number): Promise<void> {
    const [check, more] = await Promise.all([
      this.host.call('folder.check', { path }).catch(() => null),
      this.host.call('folder.complete', { prefix: path }).catch(() => null),
    ]);
    if (asked !== this.#asked) return;
    this.check = check;
    const recent = this.#recent.filter((other) => other.includes(path));
    const others = more?.folders ?? [];
    this.offers = [...recent, ...others.filter((other) => !recent.includes(other))];
  }
}
