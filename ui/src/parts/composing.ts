/**
 * Whether a key belongs to an input method: it then chooses or confirms a reading and must never send, submit or
 * move anything. WebKit ends the composition before the key arrives and marks it with the code 229 only.
 */
export function composing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
