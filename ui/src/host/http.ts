import { HostError, type Host, type Method, type Methods } from './host';

interface Reply {
  result?: unknown;
  error?: { code?: string; message?: string };
}

/** Speaks to the loopback host that served this page. */
export class HttpHost implements Host {
  #next = 1;

  constructor(private readonly send: typeof fetch = (...args) => fetch(...args)) {}

  async call<M extends Method>(
    method: M,
    params: Methods[M]['params'],
  ): Promise<Methods[M]['result']> {
    const reply = await this.#post({ id: this.#next++, method, params });
    if (reply.error) {
      throw new HostError(
        reply.error.code ?? 'internal',
        reply.error.message ?? 'The worker refused without a reason.',
      );
    }
    return reply.result as Methods[M]['result'];
  }

  async #post(request: object): Promise<Reply> {
    let response: Response;
    try {
      response = await this.send('/rpc', {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      });
    } catch {
      throw new HostError('offline', 'The worker does not answer. Start it again with `make run`.');
    }
    if (response.status === 401 || response.status === 403) {
      throw new HostError(
        'forbidden',
        'This page is not signed in. Open the address that the worker printed when it started.',
      );
    }
    try {
      return (await response.json()) as Reply;
    } catch {
      throw new HostError('internal', `The worker answered with HTTP ${response.status} and no JSON.`);
    }
  }
}
