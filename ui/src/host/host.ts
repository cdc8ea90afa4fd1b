import type { Method, Params, Reply } from './methods';
import type { Event } from './types';

export type { Method, Methods, Params, Reply } from './methods';

/** A refusal by the worker, or the worker out of reach (`offline`). */
export class HostError extends Error {
  override readonly name = 'HostError';

  constructor(
    readonly code: string,
    message: string,
    readonly detail: unknown = null,
  ) {
    super(message);
  }
}

/** What one who follows the event log is told. */
export interface Follower {
  /** The next event, in order. */
  event(event: Event): void;
  /** The stream is open: events after `since` follow. */
  opened(): void;
  /** The stream broke; the host tries again by itself. */
  lost(): void;
}

/** Facts about the application around the page. */
export interface DesktopFacts {
  version: string;
  /** `host`: the worker runs inside; `client`: another process is the worker. */
  role: 'host' | 'client';
  tray: boolean;
  autostart: boolean;
  notifications: { available: boolean; actions: boolean };
  platform: string;
  language: string;
}

/** What only the application can do, not a page in a browser. */
export interface Desktop {
  facts(): Promise<DesktopFacts>;
  setAutostart(on: boolean): Promise<void>;
  openLink(url: string): Promise<void>;
  reveal(path: string): Promise<void>;
  testNotification(): Promise<void>;
  pickFolder(): Promise<string | null>;
  /** Starts a worker where none answers. */
  startWorker(): Promise<void>;
  quit(): Promise<void>;
  /** The route that somebody wants to see (a deep link, a notification), once. */
  takeRoute(): Promise<string | null>;
  /** Calls back when a route waits to be taken; returns the stop. */
  onRoute(waits: () => void): () => void;
  /** Says what is on screen: about that no notification is shown. */
  shown(route: string, focused: boolean): Promise<void>;
  /** Calls back with whether the window is in use, as that changes; returns the stop. */
  onAttended(heard: (attended: boolean) => void): () => void;
  /** Calls back before the application ends, which waits a moment for what is begun then; returns the stop. */
  onLeaving(leave: () => Promise<void>): () => void;
  /** Calls back with what would have been a notification, were the window not in use; returns the stop. */
  onNotice(heard: (notice: Notice) => void): () => void;
}

/** A notification that is shown in the window: in the person's language, plain text. */
export interface Notice {
  title: string;
  body: string;
  /** Where it leads, as an address of this page. */
  route: string;
}

/** The one door to the worker: the same requests and events whatever carries them. */
export interface Host {
  /** Sends one request; rejects with a {@link HostError}, also when `signal` says that nobody waits for it any more. */
  call<M extends Method>(method: M, params: Params<M>, signal?: AbortSignal): Promise<Reply<M>>;
  /** Follows the events after `since`; returns the stop. */
  follow(since: number, follower: Follower): () => void;
  /** Null in a browser. */
  readonly desktop: Desktop | null;
}
