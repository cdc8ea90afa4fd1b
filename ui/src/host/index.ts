import type { Host } from './host';
import { HttpHost } from './http';

export { HostError } from './host';
export type { Desktop, DesktopFacts, Follower, Host, Method, Notice, Params, Reply } from './host';
export type { Add, Answer, List, Pause } from './methods';

/** The host this page was opened by. */
export async function openHost(): Promise<Host> {
  if ('__TAURI_INTERNALS__' in window) {
    const { TauriHost } = await import('./tauri');
    return new TauriHost();
  }
  return new HttpHost();
}
