import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { HostError } from '../src/host';
import { Feed, PATIENCE } from '../src/state/feed.svelte';
import { ScriptedHost, snapshot } from './fixtures';

describe('feed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function watched(host: ScriptedHost): { feed: Feed; told: string[] } {
    const feed = new Feed(host);
    const told: string[] = [];
    feed.watch({
      snapshot: ({ seq }) => told.push(`snapshot ${seq}`),
      event: ({ seq }) => told.push(`event ${seq}`),
    });
    return { feed, told };
  }

  it('begins_with_a_snapshot_and_follows_from_there', async () => {
    const host = new ScriptedHost({ 'events.subscribe': () => snapshot({ seq: 7 }) });
    const { feed, told } = watched(host);
    feed.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(host.followers.map(({ since }) => since)).toEqual([7]);
    host.send({ seq: 8 });
    expect(told).toEqual(['snapshot 7', 'event 8']);
    expect(feed.link).toBe('open');
  });

  it('event_that_was_part_of_the_snapshot_is_not_told_again', async () => {
    const host = new ScriptedHost({ 'events.subscribe': () => snapshot({ seq: 7 }) });
    const { feed, told } = watched(host);
    feed.start();
    await vi.advanceTimersByTimeAsync(0);
    host.send({ seq: 7 });
    expect(told).toEqual(['snapshot 7']);
  });

  it('gap_fetches_the_whole_picture_again', async () => {
    let seq = 1;
    const host = new ScriptedHost({ 'events.subscribe': () => snapshot({ seq }) });
    const { feed, told } = watched(host);
    feed.start();
    await vi.advanceTimersByTimeAsync(0);
    seq = 5;
    host.send({ seq: 5 });
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual(['snapshot 1', 'event 5', 'snapshot 5']);
    expect(host.followers).toHaveLength(1);
  });

  it('worker_out_of_reach_is_asked_again_until_it_answers', async () => {
    let lost = true;
    const host = new ScriptedHost({
      'events.subscribe': () => {
        if (lost) throw new HostError('offline', '');
        return snapshot();
      },
    });
    const { feed, told } = watched(host);
    feed.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(feed.link).toBe('lost');
    lost = false;
    await vi.advanceTimersByTimeAsync(PATIENCE);
    expect(feed.link).toBe('open');
    expect(told).toEqual(['snapshot 0']);
  });

  it('page_that_is_signed_out_says_only_that_until_it_is_let_in_again', async () => {
    const host = new ScriptedHost({ 'events.subscribe': () => snapshot({ seq: 7 }) });
    const { feed, told } = watched(host);
    feed.start();
    await vi.advanceTimersByTimeAsync(0);
    const [broken] = host.followers;
    host.script({
      'events.subscribe': () => {
        throw new HostError('signed_out', '');
      },
    });
    broken?.follower.lost();
    await vi.advanceTimersByTimeAsync(PATIENCE);
    expect(feed.link).toBe('signed_out');
    broken?.follower.lost();
    expect(feed.link, 'the stream is refused as well').toBe('signed_out');
    expect(host.followers).toEqual([]);
    host.script({ 'events.subscribe': () => snapshot({ seq: 9 }) });
    await vi.advanceTimersByTimeAsync(PATIENCE);
    expect(feed.link).toBe('open');
    expect(host.followers.map(({ since }) => since)).toEqual([9]);
    expect(told).toEqual(['snapshot 7', 'snapshot 9']);
  });

  it('broken_stream_that_opens_again_fetches_the_whole_picture', async () => {
    const host = new ScriptedHost();
    const { feed, told } = watched(host);
    feed.start();
    await vi.advanceTimersByTimeAsync(0);
    host.followers[0]?.follower.lost();
    expect(feed.link).toBe('lost');
    host.followers[0]?.follower.opened();
    await vi.advanceTimersByTimeAsync(0);
    expect(feed.link).toBe('open');
    expect(told).toEqual(['snapshot 0', 'snapshot 0']);
  });
});
