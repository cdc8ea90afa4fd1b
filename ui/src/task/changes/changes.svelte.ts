import type { Host } from '../../host';
import type { ChangedFile, Changes } from '../../host/types';
import { readDraft, writeDraft } from '../../state/drafts';
import { place, type LineComment } from './comments';
import { parsePatch, pathsOf, type FilePatch } from './patch';
import { placesIn, type Place } from './rows';
import { inTreeOrder } from './tree';

/** What a task changed in its folder, and what the person says about it. */
export class ChangeSet {
  changes = $state.raw<Changes | null>(null);
  files = $state.raw<FilePatch[]>([]);
  /** Whether changes of white space alone count. */
  whitespace = $state(true);
  problem = $state.raw<unknown>(null);
  reading = $state(false);
  comments = $state<LineComment[]>([]);
  overall = $state('');
  readonly #places = $derived(placesIn(this.files));
  #asked = 0;

  constructor(
    private readonly host: Host,
    private readonly task: string,
  ) {
    const draft = readDraft<{ comments: LineComment[]; overall: string }>(this.#draft);
    if (Array.isArray(draft?.comments)) this.comments = draft.comments;
    if (typeof draft?.overall === 'string') this.overall = draft.overall;
  }

  /** Files whose lines did not fit into one answer: they are read when they are looked at. */
  get missing(): ChangedFile[] {
    const known = pathsOf(this.files);
    return this.changes?.files.filter(({ path }) => !known.has(path)) ?? [];
  }

  /** Comments whose line is not among those that are shown: it is gone, or reads differently by now. */
  get strayed(): LineComment[] {
    return this.comments.filter((comment) => comment.text.trim() && !this.#places.has(place(comment)));
  }

  get written(): boolean {
    return this.comments.some(({ text }) => text.trim()) || this.overall.trim() !== '';
  }

  /** Reads everything anew; of two at once the later counts. */
  async read(): Promise<void> {
    const asked = ++this.#asked;
    this.reading = true;
    try {
      const [changes, diff] = await Promise.all([
        this.host.call('task.changes', { id: this.task }),
        this.host.call('task.diff', { id: this.task, whitespace: this.whitespace }),
      ]);
      if (asked !== this.#asked) return;
      const files = parsePatch(diff.patch);
      // The last file of an answer that was cut may be cut in the middle.
      this.files = inTreeOrder(diff.truncated ? files.slice(0, -1) : files);
      this.changes = changes;
      this.problem = null;
    } catch (error) {
      if (asked === this.#asked) this.problem = error;
    } finally {
      if (asked === this.#asked) this.reading = false;
    }
  }

  /** Reads one file that is missing; rejects with the refusal. */
  async readFile(path: string): Promise<void> {
    const asked = this.#asked;
    const { patch } = await this.host.call('task.diff', {
      id: this.task,
      path,
      whitespace: this.whitespace,
    });
    if (asked !== this.#asked) return;
    const known = pathsOf(this.files);
    const more = parsePatch(patch).filter((file) => !known.has(file.path));
    this.files = inTreeOrder([...this.files, ...more]);
  }

  commentAt(at: Place): LineComment | undefined {
    const name = place(at);
    return this.comments.find((comment) => place(comment) === name);
  }

  /** Opens a comment on a line; one that is there stays as it is. */
  open(at: Place): void {
    if (this.commentAt(at)) return;
    this.comments = [...this.comments, { ...at, text: '' }];
    this.#keep();
  }

  write(at: Place, text: string): void {
    const name = place(at);
    this.comments = this.comments.map((comment) =>
      place(comment) === name ? { ...comment, text } : comment,
    );
    this.#keep();
  }

  remove(at: Place): void {
    const name = place(at);
    this.comments = this.comments.filter((comment) => place(comment) !== name);
    this.#keep();
  }

  say(overall: string): void {
    this.overall = overall;
    this.#keep();
  }

  /** Forgets everything that was written: it was sent. */
  clear(): void {
    this.comments = [];
    this.overall = '';
    writeDraft(this.#draft, null);
  }

  get #draft(): string {
    return `comments.${this.task}`;
  }

  #keep(): void {
    writeDraft(this.#draft, { comments: this.comments, overall: this.overall });
  }
}
