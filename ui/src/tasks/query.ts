import type { TaskState } from '../host/types';

/** Groups of states that a person may name in one word. */
const NAMED: Record<string, TaskState[]> = {
  needs: ['needs_input'],
  running: ['leased', 'running', 'needs_verification'],
  queued: ['queued', 'waiting', 'paused'],
  paused: ['paused'],
  waiting: ['waiting'],
  failed: ['failed', 'dead'],
  done: ['done'],
  cancelled: ['cancelled'],
};

/** The words that `state:` takes. */
export const STATE_WORDS = Object.keys(NAMED);

/** What is looked for: `state:failed agent:claude project:site label:db words`. */
export interface Query {
  /** Null: any. */
  states: TaskState[] | null;
  agents: string[];
  projects: string[];
  labels: string[];
  search: string;
}

/** One token as it was typed. */
export interface Token {
  key: string;
  value: string;
  text: string;
}

const TOKEN = /(?:^|\s)((state|agent|project|label):("[^"]*"|\S+))/g;

/** The tokens of a text, in order. */
export function tokens(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(([, whole = '', key = '', value = '']) => ({
    key,
    value: value.replace(/^"|"$/g, ''),
    text: whole,
  }));
}

/** Reads what was typed; an unknown word after `state:` finds nothing, rather than everything. */
export function parse(text: string): Query {
  const found = tokens(text);
  const values = (key: string): string[] =>
    found.filter((token) => token.key === key).map(({ value }) => value.toLowerCase());
  const states = values('state').flatMap((word) => NAMED[word] ?? []);
  return {
    states: values('state').length > 0 ? states : null,
    agents: values('agent'),
    projects: values('project'),
    labels: found.filter(({ key }) => key === 'label').map(({ value }) => value),
    search: text.replace(TOKEN, ' ').replace(/\s+/g, ' ').trim(),
  };
}

/** The text with a token added, or taken away where it is there. */
export function toggle(text: string, key: string, value: string): string {
  const token = `${key}:${/\s/.test(value) ? `"${value}"` : value}`;
  return tokens(text).some((each) => each.text === token)
    ? without(text, token)
    : `${text.trim()} ${token} `.trimStart();
}

/** The text without one of its tokens. */
export function without(text: string, token: string): string {
  return text.replace(token, ' ').replace(/\s+/g, ' ').trim();
}

/** Whether nothing is asked for. */
export function everything(query: Query): boolean {
  const { states, agents, projects, labels, search } = query;
  return states === null && [agents, projects, labels, search].every(({ length }) => length === 0);
}
