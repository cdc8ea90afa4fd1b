import { describe, expect, it } from 'vitest';

import { href, parse, Router } from '../src/router.svelte';

describe('address', () => {
  it.each([
    ['#/inbox', 'inbox', null, null],
    ['#/inbox/A-3', 'inbox', 'A-3', null],
    ['#/tasks/T-41/changes', 'tasks', 'T-41', 'changes'],
    ['#/settings/notify', 'settings', 'notify', null],
    ['', 'inbox', null, null],
    ['#/no-such-place/x', 'inbox', 'x', null],
    ['#/tasks/%', 'tasks', '%', null],
  ])('%s_is_read', (hash, view, id, part) => {
    expect(parse(hash)).toMatchObject({ view, id, part });
  });

  it('query_survives_the_round', () => {
    const query = { title: 'a & b?', folder: '/x y' };
    expect(parse(href('new', null, null, query))).toMatchObject({ view: 'new', query });
  });

  it('router_follows_the_address_and_sets_it', () => {
    const router = new Router();
    const stop = router.watch();
    router.go('tasks', 'T-1');
    expect(window.location.hash).toBe('#/tasks/T-1');
    window.location.hash = '#/agents';
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    expect(router.route.view).toBe('agents');
    const { route } = router;
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    expect(router.route, 'heard of its own step').toBe(route);
    stop();
  });
});
