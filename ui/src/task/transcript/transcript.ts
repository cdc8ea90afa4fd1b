import type { Entry, PlanStep, ToolCall, ToolResult } from './entry';
import { planSteps } from './entry';

interface Base {
  /** Stays the same for as long as the row exists. */
  readonly key: string;
  readonly at: string;
}

/** Where an attempt or a movement begins. */
export interface DividerRow extends Base {
  readonly kind: 'divider';
  readonly attempt: number;
  readonly movement: string;
  /** Whether the attempt is another one than before. */
  readonly again: boolean;
}

export interface TextRow extends Base {
  readonly kind: 'text' | 'thinking';
  readonly text: string;
  /** `stdout` or `stderr` of a script, `agent:CALL` of a sub-agent; `null` for the agent itself. */
  readonly stream: string | null;
}

/** A call with its result; either may be missing: not there yet, or no longer kept. */
export interface ToolRow extends Base {
  readonly kind: 'tool';
  readonly call: ToolCall | null;
  readonly result: ToolResult | null;
}

export interface NoteRow extends Base {
  readonly kind: 'status' | 'ask' | 'error';
  readonly text: string;
}

export interface PlanRow extends Base {
  readonly kind: 'plan';
  readonly steps: readonly PlanStep[];
}

export type Row = DividerRow | TextRow | ToolRow | NoteRow | PlanRow;

export interface Bounds {
  /** How many rows are kept. */
  readonly rows: number;
  /** How many characters are kept. */
  readonly characters: number;
}

const BOUNDS: Bounds = { rows: 250_000, characters: 64 * 1024 * 1024 };

/** Prose of an agent is one row up to about here: markdown is not cut where it need not be. */
const PROSE = 16 * 1024;
/** Output of a script is one row up to about here: a row is measured and drawn as a whole. */
const OUTPUT = 4 * 1024;

/**
 * A log folded to the rows that are shown. Every entry is looked at once; the oldest rows are forgotten when there
 * are more than the bounds allow.
 */
export class Transcript {
  #rows: Row[] = [];
  /** Calls that wait for their result, by the row's number since the beginning. */
  #calls = new Map<string, number>();
  #forgotten = 0;
  #characters = 0;
  #entries = 0;
  #last = 0;
  #attempt = 0;
  #movement = '';

  constructor(private readonly bounds: Bounds = BOUNDS) {}

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** How many rows there have been, those that are forgotten included. */
  get total(): number {
    return this.#forgotten + this.#rows.length;
  }

  /** How many of the oldest rows are forgotten. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get entries(): number {
    return this.#entries;
  }

  /** Takes entries in order; one that came before is not taken again. */
  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.n <= this.#last) continue;
      this.#last = entry.n;
      this.#entries++;
      this.#take(entry);
    }
    this.#forget();
  }

  #take(entry: Entry): void {
    if (entry.kind === 'usage') return;
    this.#divide(entry);
    switch (entry.kind) {
      case 'text':
        this.#say(entry, 'text', entry.text, entry.stream ?? null);
        break;
      case 'thinking':
        this.#say(entry, 'thinking', entry.text, null);
        break;
      case 'tool_call':
        this.#calls.set(entry.id, this.total);
        this.#push({ ...base(entry), kind: 'tool', call: entry, result: null }, entry.line.length);
        break;
      case 'tool_result':
        this.#settle(entry);
        break;
      case 'plan':
        this.#push({ ...base(entry), kind: 'plan', steps: planSteps(entry.items) }, 0);
        break;
      default:
        this.#push({ ...base(entry), kind: entry.kind, text: entry.text }, entry.text.length);
    }
  }

  #divide(entry: Entry): void {
    if (entry.attempt === this.#attempt && entry.movement === this.#movement) return;
    const again = this.#attempt !== 0 && entry.attempt !== this.#attempt;
    this.#attempt = entry.attempt;
    this.#movement = entry.movement;
    const { attempt, movement, at, n } = entry;
    this.#push({ key: `d${n}`, at, kind: 'divider', attempt, movement, again }, 0);
  }

  #say(entry: Entry, kind: TextRow['kind'], text: string, stream: string | null): void {
    if (!text) return;
    const last = this.#rows.at(-1);
    if (last && last.kind === kind && last.stream === stream && hasRoom(last, text)) {
      this.#rows[this.#rows.length - 1] = { ...last, text: last.text + text };
      this.#characters += text.length;
    } else {
      this.#push({ ...base(entry), kind, text, stream }, text.length);
    }
  }

  #settle(result: Entry & ToolResult): void {
    const index = (this.#calls.get(result.id) ?? -1) - this.#forgotten;
    const row = this.#rows[index];
    if (row?.kind === 'tool') {
      this.#calls.delete(result.id);
      this.#rows[index] = { ...row, result };
      this.#characters += result.output.length;
    } else if (result.error) {
      // Its call is no row of its own (a checklist) or no longer kept; that it failed is worth a row all the same.
      this.#push({ ...base(result), kind: 'tool', call: null, result }, result.output.length);
    }
  }

  #push(row: Row, characters: number): void {
    this.#rows.push(row);
    this.#characters += characters;
  }

  /** A tenth at a time, so that it costs little per entry. */
  #forget(): void {
    while (this.#rows.length > this.bounds.rows || this.#characters > this.bounds.characters) {
      if (this.#rows.length <= 1) return;
      const gone = this.#rows.splice(0, Math.max(1, Math.floor(this.#rows.length / 10)));
      this.#forgotten += gone.length;
      for (const row of gone) this.#characters -= size(row);
      for (const [id, at] of this.#calls) if (at < this.#forgotten) this.#calls.delete(id);
    }
  }
}

function base(entry: Entry): Base {
  return { key: `e${entry.n}`, at: entry.at };
}

/** Prose is cut between paragraphs, output between lines; both anywhere when that never comes. */
function hasRoom(row: TextRow, text: string): boolean {
  const prose = row.stream === null || row.stream.startsWith('agent:');
  const limit = prose ? PROSE : OUTPUT;
  if (row.text.length + text.length <= limit) return true;
  if (row.text.length >= limit * 4) return false;
  return !row.text.endsWith(prose ? '\n\n' : '\n');
}

function size(row: Row): number {
  switch (row.kind) {
    case 'divider':
    case 'plan':
      return 0;
    case 'tool':
      return (row.call?.line.length ?? 0) + (row.result?.output.length ?? 0);
    default:
      return row.text.length;
  }
}
