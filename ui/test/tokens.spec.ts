import { describe, expect, it } from 'vitest';

import css from '../src/tokens.css?raw';

type Tokens = Record<string, string>;
type Side = 'light' | 'dark';

/** The colours of one side of every pair `--name: light-dark(light, dark)`. */
function tokens(block: string, side: Side): Tokens {
  const pairs = block.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g);
  return Object.fromEntries([...pairs].map((m) => [m[1], side === 'light' ? m[2] : m[3]]));
}

const [plain = '', contrast = ''] = css.split("[data-theme='contrast'] {");
const sides: Side[] = ['light', 'dark'];
const themes: [string, Tokens][] = sides.flatMap((side) => [
  [side, tokens(plain, side)],
  [`high contrast ${side}`, tokens(contrast, side)],
]);

/** Relative luminance of WCAG 2.2. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** `share` of `front` over `back`, as `color-mix(in srgb)` mixes. */
function mix(front: string, back: string, share: number): string {
  const channel = (at: number): string => {
    const [a, b] = [front, back].map((color) => parseInt(color.slice(at, at + 2), 16));
    const mixed = Math.round((a ?? 0) * share + (b ?? 0) * (1 - share));
    return mixed.toString(16).padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

function colour(theme: Tokens, name: string): string {
  const found = theme[name];
  if (!found) throw new Error(`--${name} is missing`);
  return found;
}

const TEXT = ['ink', 'ink-2', 'ink-3', 'accent', 'run', 'need', 'fail', 'done', 'hold'];
const GROUNDS = ['bg', 'panel', 'raised'];
const STATES = ['run', 'need', 'fail', 'done', 'hold'];

describe.each(themes)('%s tokens', (name, theme) => {
  const enough = name.startsWith('high') ? 7 : 4.5;

  it.each(TEXT.flatMap((ink) => GROUNDS.map((ground) => [ink, ground] as const)))(
    '%s on %s can be read',
    (ink, ground) => {
      expect(ratio(colour(theme, ink), colour(theme, ground))).toBeGreaterThanOrEqual(enough);
    },
  );

  it.each(STATES)('%s on its own tint can be read', (state) => {
    const ground = mix(colour(theme, state), colour(theme, 'raised'), 0.1);
    expect(ratio(colour(theme, state), ground)).toBeGreaterThanOrEqual(4.5);
    expect(ratio(colour(theme, 'ink'), ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['ink', 'ink-2', 'ink-3'])('%s on the chosen row can be read', (ink) => {
    const ground = mix(colour(theme, 'accent'), colour(theme, 'bg'), 0.12);
    expect(ratio(colour(theme, ink), ground)).toBeGreaterThanOrEqual(4.5);
  });

  it('words on the accent can be read', () => {
    expect(ratio(colour(theme, 'on-accent'), colour(theme, 'accent'))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(GROUNDS)('edges, marks and the focus ring stand out from %s', (ground) => {
    expect(ratio(colour(theme, 'need-mark'), colour(theme, ground))).toBeGreaterThanOrEqual(3);
    expect(ratio(colour(theme, 'edge'), colour(theme, ground))).toBeGreaterThanOrEqual(3);
    expect(ratio(colour(theme, 'accent'), colour(theme, ground))).toBeGreaterThanOrEqual(3);
  });
});
