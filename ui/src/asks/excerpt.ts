import type { Host } from '../host';
import type { LogEntry } from '../host/types';

/** How many pages are read at most before the excerpt is what it is. */
const PAGES = 4;
/** How many lines lead to a question. */
const LINES = 6;
/** How much of a line is shown, in characters. */
const LONGEST = 600;

/** What the performer said and did last before it asked, oldest first. */
export async function excerpt(host: Host, task: string, until: string): Promise<string[]> {
  const entries: LogEntry[] = [];
  let from = await nearEnd(host, task);
  for (let page = 0; page < PAGES; page += 1) {
    const { entries: more, next } = await host.call('task.logs', { id: task, from });
    entries.push(...more.filter(({ at }) => at <= until));
    if (more.length === 0 || next === from || more.some(({ at }) => at > until)) break;
    from = next;
  }
  const lines = entries.map(line).filter((text) => text !== null);
  return lines.slice(-LINES);
}

/** A place in the log from which its end is not far. */
async function nearEnd(host: Host, task: string): Promise<number> {
  const run = await host.call('task.run', { id: task }).catch(() => null);
  return Math.max(0, (run?.transcript?.entries ?? 0) - 100);
}

function line(entry: LogEntry): string | null {
  const text = entry.kind === 'tool_call' ? entry['line'] : entry['text'];
  if (!['text', 'tool_call', 'error'].includes(entry.kind) || typeof text !== 'string') return null;
  const trimmed = text.trim();
  return trimmed.length > LONGEST ? `…${trimmed.slice(-LONGEST)}` : trimmed || null;
}
