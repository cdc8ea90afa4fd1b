import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Follower } from '../src/host';
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

  it('refusal_becomes_its_code_message_and_detail', async () => {
    const body =
      '{"id":1,"error":{"code":"already_answered","message":"already answered by cli","detail":{"by":"cli"}}}';
    const host = new HttpHost(answering(body));
    await expect(host.call('ask.answer', { id: 'A-1', option: 'a' })).rejects.toMatchObject({
      code: 'already_answered',
      message: 'already answered by cli',
      detail: { by: 'cli' },
    });
  });

  it('unreachable_worker_is_offline', async () => {
    const host = new HttpHost(async () => {
      throw new TypeError('connection refused');
    });
    await expect(host.call('status', {})).rejects.toMatchObject({ code: 'offline' });
  });

  it('request_that_nobody_waits_for_is_given_up', async () => {
    const given: (AbortSignal | null | undefined)[] = [];
    const host = new HttpHost(async (_, init) => {
      given.push(init?.signal);
      return new Response('{"id":1,"result":{}}');
    });
    const { signal } = new AbortController();
    await host.call('status', {}, signal);
    await host.call('status', {});
    expect(given).toEqual([signal, undefined]);
  });

  it.each([401, 403])('status_%i_means_not_signed_in', async (code) => {
    const host = new HttpHost(answering('', { status: code }));
    await expect(host.call('status', {})).rejects.toMatchObject({ code: 'signed_out' });
  });

  it('answer_without_json_is_named', async () => {
    const host = new HttpHost(answering('<html>', { status: 502 }));
    await expect(host.call('status', {})).rejects.toThrow('HTTP 502');
  });
});

/** A stream whose far side the test plays. */
class Stream {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 1;
  closed = false;

  close(): void {
    this.closed = true;
  }
}

describe('following the events', () => {
  afterEach(() => vi.useRealTimers());

  function following(): { streams: Stream[]; urls: string[]; told: string[]; stop: () => void } {
    const [streams, urls, told]: [Stream[], string[], string[]] = [[], [], []];
    const host = new HttpHost(fetch, (url) => {
      const stream = new Stream();
      streams.push(stream);
      urls.push(url);
      return stream as unknown as EventSource;
    });
    const follower: Follower = {
      event: ({ seq }) => told.push(`event ${seq}`),
      opened: () => told.push('opened'),
      lost: () => told.push('lost'),
    };
    return { streams, urls, told, stop: host.follow(4, follower) };
  }

  it('events_after_the_given_one_are_passed_on_in_order', () => {
    const { streams, urls, told } = following();
    streams[0]?.onopen?.();
    streams[0]?.onmessage?.({ data: '{"seq":5}' });
    streams[0]?.onmessage?.({ data: '{"seq":6}' });
    expect(urls).toEqual(['/events?since=4']);
    expect(told).toEqual(['opened', 'event 5', 'event 6']);
  });

  it('refused_stream_is_opened_again_after_the_last_event', () => {
    vi.useFakeTimers();
    const { streams, urls, told } = following();
    streams[0]?.onmessage?.({ data: '{"seq":9}' });
    if (streams[0]) streams[0].readyState = 2;
    streams[0]?.onerror?.();
    vi.runOnlyPendingTimers();
    expect(told).toContain('lost');
    expect(urls).toEqual(['/events?since=4', '/events?since=9']);
  });

  it('stopped_stream_is_closed_and_not_opened_again', () => {
    vi.useFakeTimers();
    const { streams, urls, stop } = following();
    if (streams[0]) streams[0].readyState = 2;
    streams[0]?.onerror?.();
    stop();
    vi.runOnlyPendingTimers();
    expect(streams[0]?.closed).toBe(true);
    expect(urls).toHaveLength(1);
  });
});
