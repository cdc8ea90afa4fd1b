import { HostError, type Follower, type Host, type Method, type Params, type Reply } from './host';
import type { Event } from './types';

interface Answer {
  result?: unknown;
  error?: { code?: string; message?: string; detail?: unknown };
}

/** How long a closed stream rests before it is opened again, in milliseconds. */
const REST = 2000;
/** What a browser sends on after its page has gone, in characters; longer is refused. */
const LONGEST_KEPT = 16_000;
/** `EventSource.CLOSED`. */
const CLOSED = 2;

/** Speaks to the loopback host that served this page. */
export class HttpHost implements Host {
  readonly desktop = null;
  #next = 1;

  constructor(
    private readonly send: typeof fetch = (...args) => fetch(...args),
    private readonly stream: (url: string) => EventSource = (url) => new EventSource(url),
  ) {}

  async call<M extends Method>(method: M, params: Params<M>, signal?: AbortSignal): Promise<Reply<M>> {
    // An answer given just before the page closes must still arrive.
    const keepalive = method === 'ask.answer';
    const answer = await this.#post({ id: this.#next++, method, params }, keepalive, signal);
    if (answer.error) {
      const { code = 'internal', message = '', detail = null } = answer.error;
      throw new HostError(code, message, detail);
    }
    return answer.result as Reply<M>;
  }

  follow(since: number, follower: Follower): () => void {
    let last = since;
    let source: EventSource | null = null;
    let rest: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      const opened = this.stream(`/events?since=${last}`);
      source = opened;
      opened.onopen = () => follower.opened();
      opened.onmessage = (message: MessageEvent<string>) => {
        const event = JSON.parse(message.data) as Event;
        last = event.seq;
        follower.event(event);
      };
      opened.onerror = () => {
        follower.lost();
        // A browser comes back by itself unless it was refused; then it has to be asked again.
        if (opened.readyState === CLOSED) rest = setTimeout(open, REST);
      };
    };
    open();
    return () => {
      clearTimeout(rest);
      source?.close();
    };
  }

  async #post(request: object, keepalive: boolean, signal?: AbortSignal): Promise<Answer> {
    let response: Response;
    const body = JSON.stringify(request);
    try {
      response = await this.send('/rpc', {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'content-type': 'application/json' },
        keepalive: keepalive && body.length < LONGEST_KEPT,
        ...(signal && { signal }),
        body,
      });
    } catch (cause) {
      throw new HostError('offline', String(cause));
    }
    if (response.status === 401 || response.status === 403) {
      throw new HostError('signed_out', await response.text());
    }
    try {
      return (await response.json()) as Answer;
    } catch {
      throw new HostError('internal', `HTTP ${response.status}`);
    }
  }
}
