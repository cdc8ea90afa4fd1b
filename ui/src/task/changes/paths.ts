/** Paths as git writes them: quoted, with octal bytes, where they hold anything unusual. */

const ESCAPES: Record<string, number> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  '\\': 92,
};

/** A path without git's quotes; one that has none is returned as it is. */
export function unquote(path: string): string {
  if (!path.startsWith('"')) return path;
  const end = path.lastIndexOf('"');
  const inner = path.slice(1, end > 0 ? end : undefined);
  const bytes: number[] = [];
  for (const [token] of inner.matchAll(/\\[0-7]{3}|\\.|[^\\]+/gs)) {
    if (!token.startsWith('\\')) bytes.push(...new TextEncoder().encode(token));
    else if (token.length === 4) bytes.push(parseInt(token.slice(1), 8));
    else bytes.push(ESCAPES[token[1] ?? ''] ?? token.charCodeAt(1));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
