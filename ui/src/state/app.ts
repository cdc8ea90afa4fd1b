import { getContext, setContext } from 'svelte';

import type { Host } from '../host';
import { Links } from '../parts/links.svelte';
import { Router } from '../router.svelte';
import { Announcer } from './announcer.svelte';
import { Answers } from './answers.svelte';
import { Asks } from './asks.svelte';
import { Clock } from './clock.svelte';
import { Feed } from './feed.svelte';
import { Names } from './names.svelte';
import { Presence } from './presence.svelte';
import { Settings } from './settings.svelte';
import { Toasts } from './toasts.svelte';
import { Worker } from './worker.svelte';

/** Everything a component may reach for. */
export class App {
  readonly router = new Router();
  readonly clock = new Clock();
  readonly toasts = new Toasts();
  readonly announcer = new Announcer();
  readonly presence = new Presence();
  readonly feed: Feed;
  readonly worker: Worker;
  readonly asks: Asks;
  readonly answers: Answers;
  readonly names: Names;
  readonly settings: Settings;
  readonly links: Links;

  constructor(readonly host: Host) {
    this.feed = new Feed(host);
    this.worker = new Worker(host, this.feed);
    this.asks = new Asks(host, this.feed);
    this.answers = new Answers(host, this.asks, this.toasts);
    this.names = new Names(host, this.feed);
    this.settings = new Settings(host, this.feed);
    this.links = new Links(host);
  }

  /** Begins to follow worker, clock and address; returns the end. */
  start(): () => void {
    const stops = [
      this.router.watch(),
      this.clock.start(),
      this.presence.watch(this.host.desktop),
      this.feed.start(),
    ];
    const deaf = this.host.desktop?.onLeaving(() => this.answers.flush());
    const leave = (): void => void this.answers.flush();
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
      deaf?.();
      stops.forEach((stop) => stop());
    };
  }
}

const KEY = Symbol('app');

export function provideApp(app: App): App {
  return setContext(KEY, app);
}

/** The application around this component. */
export function useApp(): App {
  return getContext<App>(KEY);
}
