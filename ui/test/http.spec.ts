import { describe, expect, it } from 'vitest';

import { HttpHost } from '../src/host/http';

function answering(body: string, init: ResponseInit = {}): typeof fetch {
  return async () => new Response(body, init);
}

describe('HttpHost', () => {
  it('sends_method_and_params_as_one_json_request', async () => {
    const sent: unknown[] = [];
    const host = new HttpHost(async (url, init) => {
      sent.push(url, init?.method, JSON.parse(String(init?.body)));
      return new Response('{"id":1,"result":{"tasks":[]}}');
    });
    expect(await host.call('task.list', { limit: 3 })).toEqual({ tasks: [] });
    expect(sent).toEqual(['/rpc', 'POST', { id: 1, method: 'task.list', params: { limit: 3 } }]);
  });

  it('refusal_becomes_its_code_and_message', async () => {
    const body = '{"id":1,"error":{"code":"conflict","message":"already paused"}}';
    const host = new HttpHost(answering(body, { status: 409 }));
    await expect(host.call('pause', {})).rejects.toMatchObject({
      code: 'conflict',
      message: 'already paused',
    });
  });

  it('unreachable_worker_is_offline', async () => {
    const host = new HttpHost(async () => {
      throw new TypeError('connection refused');
    });
    await expect(host.call('status', {})).rejects.toMatchObject({ code: 'offline' });
  });

  it.each([401, 403])('status_%i_says_how_to_sign_in', async (code) => {
    const host = new HttpHost(answering('', { status: code }));
    await expect(host.call('status', {})).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('address that the worker printed'),
    });
  });

  it('answer_without_json_is_named', async () => {
    const host = new HttpHost(answering('<html>', { status: 502 }));
    await expect(host.call('status', {})).rejects.toThrow('HTTP 502');
  });
});
