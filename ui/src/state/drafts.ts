/**
 * What was written and not sent, kept on this computer while its view is closed. A window without storage keeps
 * nothing and works all the same.
 */

const PREFIX = 'ripieno.draft.';

export function readDraft<T>(name: string): Partial<T> | null {
  try {
    const text = localStorage.getItem(PREFIX + name);
    const value: unknown = text === null ? null : JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** Words that were written and not sent; empty where there are none. */
export function readWords(name: string): string {
  const { words } = readDraft<{ words: string }>(name) ?? {};
  return typeof words === 'string' ? words : '';
}

/** Keeps words; blank ones are forgotten. */
export function writeWords(name: string, words: string): void {
  writeDraft(name, words.trim() ? { words } : null);
}

/** Where the answer to an ask is kept. */
export function replyDraft(ask: string): string {
  return `reply.${ask}`;
}

/** Keeps a draft; `null` forgets it. */
export function writeDraft(name: string, value: object | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Storage that is full or switched off: what is on screen is still there.
  }
}
