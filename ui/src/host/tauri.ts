import { Channel, invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import {
  HostError,
  type Desktop,
  type DesktopFacts,
  type Follower,
  type Host,
  type Method,
  type Notice,
  type Params,
  type Reply,
} from './host';
import type { Event } from './types';

/** How long a refused stream rests before it is asked for again, in milliseconds. */
const REST = 2000;

/** Speaks to the application whose window this page is. */
export class TauriHost implements Host {
  readonly desktop: Desktop = new TauriDesktop();

  async call<M extends Method>(method: M, params: Params<M>): Promise<Reply<M>> {
    try {
      return await invoke<Reply<M>>('call', { method, params });
    } catch (refusal) {
      throw asHostError(refusal);
    }
  }

  follow(since: number, follower: Follower): () => void {
    let last = since;
    let stopped = false;
    let rest: ReturnType<typeof setTimeout> | undefined;
    const open = async (): Promise<void> => {
      const channel = new Channel<Event | null>();
      channel.onmessage = (event) => {
        if (stopped) return;
        // The worker has gone: nothing follows on this channel.
        if (event === null) return again();
        last = event.seq;
        follower.event(event);
      };
      try {
        await invoke('follow', { since: last, channel });
        if (!stopped) follower.opened();
      } catch {
        if (!stopped) again();
      }
    };
    const again = (): void => {
      follower.lost();
      clearTimeout(rest);
      rest = setTimeout(() => void open(), REST);
    };
    void open();
    return () => {
      stopped = true;
      clearTimeout(rest);
    };
  }
}

class TauriDesktop implements Desktop {
  facts(): Promise<DesktopFacts> {
    return act('facts');
  }

  setAutostart(on: boolean): Promise<void> {
    return act('set_autostart', { on });
  }

  openLink(url: string): Promise<void> {
    return act('open_link', { url });
  }

  reveal(path: string): Promise<void> {
    return act('reveal', { path });
  }

  testNotification(): Promise<void> {
    return act('test_notification');
  }

  pickFolder(): Promise<string | null> {
    return act('pick_folder');
  }

  startWorker(): Promise<void> {
    return act('start_worker');
  }

  quit(): Promise<void> {
    return act('quit');
  }

  takeRoute(): Promise<string | null> {
    return act('take_route');
  }

  onRoute(waits: () => void): () => void {
    const listening = listen('route', waits);
    return () => void listening.then((stop) => stop());
  }

  shown(route: string, focused: boolean): Promise<void> {
    return act('shown', { route, focused });
  }

  onAttended(heard: (attended: boolean) => void): () => void {
    const listening = listen<boolean>('attended', ({ payload }) => heard(payload));
    return () => void listening.then((stop) => stop());
  }

  onLeaving(leave: () => Promise<void>): () => void {
    const listening = listen('leaving', () => void leave().finally(() => act('left')));
    return () => void listening.then((stop) => stop());
  }

  onNotice(heard: (notice: Notice) => void): () => void {
    const listening = listen<Notice>('notice', ({ payload }) => heard(payload));
    return () => void listening.then((stop) => stop());
  }
}

async function act<T>(action: string, more: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>('desktop', { action, ...more });
  } catch (refusal) {
    throw asHostError(refusal);
  }
}

function asHostError(refusal: unknown): HostError {
  if (typeof refusal === 'object' && refusal !== null) {
    const { code, message, detail } = refusal as Record<string, unknown>;
    return new HostError(String(code ?? 'internal'), String(message ?? ''), detail ?? null);
  }
  return new HostError('internal', String(refusal));
}
