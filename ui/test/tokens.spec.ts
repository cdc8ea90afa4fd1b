import { describe, expect, it } from 'vitest';

import css from '../src/tokens.css?raw';

type Tokens = Record<string, string>;

function tokens(block: string): Tokens {
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]),
  );
}

const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');
const themes: [string, Tokens][] = [
  ['light', tokens(light)],
  ['dark', tokens(dark)],
];

/** Relative luminance of WCAG 2.2. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const TEXT = ['ink', 'ink-2', 'ink-3', 'accent', 'run', 'need', 'fail', 'done', 'hold'];
const GROUNDS = ['bg', 'panel', 'raised'];

describe.each(themes)('%s tokens', (_, theme) => {
  it.each(TEXT.flatMap((ink) => GROUNDS.map((ground) => [ink, ground] as const)))(
    '%s on %s can be read (4.5:1)',
    (ink, ground) => {
      const [front, back] = [theme[ink], theme[ground]];
      if (!front || !back) throw new Error(`--${ink} or --${ground} is missing`);
      expect(contrast(front, back)).toBeGreaterThanOrEqual(4.5);
    },
  );
});
