import { words } from './words.svelte';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** A size in the reader's language: `640 byte`, `1.2 MB`. */
export function bytes(size: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  const unit = UNITS[step] ?? 'byte';
  const form = new Intl.NumberFormat(words.language, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  });
  return form.format(size / 1000 ** step);
}
