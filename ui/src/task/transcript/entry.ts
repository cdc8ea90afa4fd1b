/** Entries of a task's log, as `task.logs` returns them: what a performer said and did. */

interface Place {
  /** Counts per task, from 1. */
  readonly n: number;
  /** RFC 3339 in UTC. */
  readonly at: string;
  readonly attempt: number;
  readonly movement: string;
}

export type Item =
  | { readonly kind: 'status' | 'thinking' | 'ask' | 'error'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string; readonly stream?: string | null }
  | ToolCall
  | ToolResult
  | { readonly kind: 'usage' }
  | { readonly kind: 'plan'; readonly items: unknown };

export interface ToolCall {
  readonly kind: 'tool_call';
  /** Pairs the call with its result. */
  readonly id: string;
  readonly tool: string;
  /** The call in one line. */
  readonly line: string;
  /** `null` where the whole is in the file `spilled`. */
  readonly input: unknown;
  readonly spilled?: string | null;
  /** The call that started the sub-agent which makes this one. */
  readonly parent?: string | null;
}

export interface ToolResult {
  readonly kind: 'tool_result';
  readonly id: string;
  readonly output: string;
  readonly spilled?: string | null;
  readonly error: boolean;
  readonly ms?: number | null;
}

export type Entry = Place & Item;

/** One step of a performer's checklist. */
export interface PlanStep {
  readonly text: string;
  readonly state: 'open' | 'current' | 'done';
}

/** Reads a checklist of any of the known forms; what has no text is left out. */
export function planSteps(items: unknown): PlanStep[] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) => {
    if (typeof item === 'string') return [{ text: item, state: 'open' as const }];
    if (typeof item !== 'object' || item === null) return [];
    const fields = item as Record<string, unknown>;
    const text = fields.content ?? fields.text ?? fields.step ?? fields.title;
    return typeof text === 'string' ? [{ text, state: stepState(fields) }] : [];
  });
}

function stepState(fields: Record<string, unknown>): PlanStep['state'] {
  const word = fields.status ?? fields.state;
  if (word === 'completed' || word === 'done' || fields.completed === true) return 'done';
  return word === 'in_progress' || word === 'doing' || word === 'current' ? 'current' : 'open';
}
