/** Comments on lines of a diff, and the one text in which they go to the agent. */

export interface LineComment {
  readonly path: string;
  readonly side: 'before' | 'after';
  readonly line: number;
  /** The line as it was when it was commented on. */
  readonly excerpt: string;
  readonly text: string;
}

/** How much of a commented line is quoted. */
export const QUOTED = 200;

/** Names the place of a comment among those of its task: a line with another text by now is another place. */
export function place(comment: Omit<LineComment, 'text'>): string {
  return `${comment.side}:${comment.line}:${comment.path}:${comment.excerpt}`;
}

/**
 * The text of the follow-up. It is read by an agent, so it is English whatever the window speaks; the person's own
 * words stay as they are.
 */
export function followUp(comments: readonly LineComment[], overall = ''): string {
  const parts = [overall.trim()].filter(Boolean);
  const placed = [...comments].filter((comment) => comment.text.trim()).sort(inOrder);
  if (placed.length > 0) parts.push('Comments on the changes:');
  for (const comment of placed) parts.push(section(comment));
  return parts.join('\n\n');
}

function section(comment: LineComment): string {
  const where = comment.side === 'before' ? ' (a line that was removed)' : '';
  const quote = comment.excerpt.trim().slice(0, QUOTED);
  const quoted = quote ? `> ${quote}\n` : '';
  return `${comment.path}:${comment.line}${where}\n${quoted}${comment.text.trim()}`;
}

function inOrder(a: LineComment, b: LineComment): number {
  return a.path.localeCompare(b.path, 'en') || a.line - b.line;
}
