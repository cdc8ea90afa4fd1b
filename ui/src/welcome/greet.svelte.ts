import type { App } from '../state/app';

/** The setting that opens the welcome while there is no task; finishing or skipping switches it off. */
export const OPENS = 'desktop.welcome';

/**
 * Opens the welcome once when the page was opened without an address, nobody has finished it, and there was never a
 * task. To be called where effects live.
 */
export function greet({ feed, router, settings, worker }: App): void {
  let decided = false;
  $effect(() => {
    const { status } = worker;
    const known = feed.link === 'open' && status !== null && settings.all.length > 0;
    if (decided || !known) return;
    decided = true;
    // Whoever came by an address, or has gone somewhere meanwhile, is not led away.
    if (window.location.hash !== '') return;
    const tasks = Object.values(status.counts).reduce((sum, n) => sum + n, 0);
    if (tasks === 0 && settings.value(OPENS) === 'true') router.go('welcome');
  });
}
