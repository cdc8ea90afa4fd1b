import { t, words } from './words.svelte';

const UNITS = ['KiB', 'MiB', 'GiB'] as const;
const STEP = 1024;

/** A size in the reader's language, in the units the settings have: `640 bytes`, `1.2 MiB`. */
export function bytes(size: number): string {
  const step = Math.min(UNITS.length, Math.floor(Math.log2(Math.max(1, size)) / 10));
  const unit = UNITS[step - 1];
  if (!unit) return t('app-bytes', { n: size });
  const form = new Intl.NumberFormat(words.language, { maximumFractionDigits: 1 });
  return `${form.format(size / STEP ** step)} ${unit}`;
}
