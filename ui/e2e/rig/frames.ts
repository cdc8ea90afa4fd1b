import type { Page } from '@playwright/test';

/** How long frames took and how old what was said was when it was drawn, in milliseconds. */
export interface Figures {
  frames: number;
  longest: number;
  /** How many frames took over 50 ms. */
  slow: number;
  p99: number;
  /** From the moment a line was said to the frame in which it is on screen: none, where nothing was drawn. */
  pixel: { lines: number; p50: number; p99: number; longest: number } | null;
}

interface Meter {
  frames: number[];
  ages: Map<string, number>;
  stop: () => void;
}

type Metered = typeof globalThis & { meter?: Meter };

/** Begins to measure every frame of the page, and every line `entry N @TIME` in its transcript. */
export function measure(page: Page): Promise<void> {
  return page.evaluate(() => {
    const frames: number[] = [];
    const ages = new Map<string, number>();
    let last = performance.now();
    let on = true;
    const frame = (now: number): void => {
      frames.push(now - last);
      last = now;
      if (on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const seen = new MutationObserver((changes) => {
      const found = changes.flatMap(({ addedNodes, target }) =>
        [...addedNodes, target].flatMap((node) => [...(node.textContent ?? '').matchAll(/entry (\d+) @(\d+)/g)]),
      );
      const fresh = found.filter(([, n = '']) => !ages.has(n));
      for (const [, n = ''] of fresh) ages.set(n, -1);
      // After the next frame it is on screen.
      requestAnimationFrame(() =>
        setTimeout(() => {
          for (const [, n = '', said] of fresh) ages.set(n, Date.now() - Number(said));
        }),
      );
    });
    // Around the log: that is another one once something was said where nothing had been.
    const around = document.querySelector('[role=tabpanel]') ?? document.body;
    seen.observe(around, { childList: true, subtree: true, characterData: true });
    (globalThis as Metered).meter = {
      frames,
      ages,
      stop: () => {
        on = false;
        seen.disconnect();
      },
    };
  });
}

/** Ends the measurement. */
export function figures(page: Page): Promise<Figures> {
  return page.evaluate(() => {
    const { meter } = globalThis as Metered;
    if (!meter) throw new Error('nothing is measured');
    meter.stop();
    const at = (sorted: number[], part: number): number =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
    const frames = meter.frames.slice(1).sort((a, b) => a - b);
    const ages = [...meter.ages.values()].filter((age) => age >= 0).sort((a, b) => a - b);
    const pixel =
      ages.length > 0
        ? { lines: ages.length, p50: at(ages, 0.5), p99: at(ages, 0.99), longest: at(ages, 1) }
        : null;
    return {
      frames: frames.length,
      longest: at(frames, 1),
      slow: frames.filter((frame) => frame > 50).length,
      p99: at(frames, 0.99),
      pixel,
    };
  });
}
