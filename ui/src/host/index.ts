import type { Host } from './host';
import { HttpHost } from './http';
import { TauriHost } from './tauri';

export { HostError } from './host';
export type { Desktop, DesktopFacts, Follower, Host, Method, Notice, Params, Reply } from './host';
export type { Add, Answer, List, Pause } from './methods';

/** The host this page was opened by. */
export function openHost(): Host {
  return '__TAURI_INTERNALS__' in window ? new TauriHost() : new HttpHost();
}
