import { t, words } from './words.svelte';

const SECOND = 1000;
const STEP = 10 * SECOND;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in words: `40 s`, `4 m`, `2 h 10 m`, `3 d`. */
export function duration(millis: number): string {
  const span = Math.max(0, millis);
  if (span < MINUTE) return t('time-seconds', { n: Math.floor(span / SECOND) });
  if (span < HOUR) return t('time-minutes', { n: Math.floor(span / MINUTE) });
  if (span < DAY) {
    const [hours, minutes] = [Math.floor(span / HOUR), Math.floor((span % HOUR) / MINUTE)];
    return minutes === 0
      ? t('time-hours', { n: hours })
      : t('time-hours-minutes', { h: hours, m: minutes });
  }
  return t('time-days', { n: Math.floor(span / DAY) });
}

/** How long from one moment to another, or to `now`. */
export function elapsed(from: string, to: string | null, now: number): string {
  return duration((to === null ? now : Date.parse(to)) - Date.parse(from));
}

/** How long ago in words: `4 m ago`, `40 s ago` in steps of ten, `just now` under ten seconds: a list at rest is not drawn each second. */
export function since(time: string, now: number): string {
  const span = now - Date.parse(time);
  if (span < STEP) return t('time-just-now');
  return t('time-ago', { span: duration(span < MINUTE ? Math.floor(span / STEP) * STEP : span) });
}

/** A local time: `14:00` today, else `2026-11-21 09:00`. */
export function clock(time: string, now: number): string {
  const at = new Date(time);
  const hour = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return day(at) === day(new Date(now)) ? hour : `${day(at)} ${hour}`;
}

/** A local day as `2026-11-21`. */
export function day(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The whole moment in the reader's language, for hovering. */
export function full(time: string): string {
  return moments(words.language).format(new Date(time));
}

/** An amount of US dollars that names its currency: `US$0.31`. */
export function money(dollars: number): string {
  const digits = dollars > 0 && dollars < 0.01 ? 4 : 2;
  return amounts(words.language, digits).format(dollars);
}

const moments = kept(
  (language: string) => new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'long' }),
);

const amounts = kept(
  (language: string, digits: number) =>
    new Intl.NumberFormat(language, {
      style: 'currency',
      currency: 'USD',
      currencyDisplay: 'symbol',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }),
);

/** Makes each form once: to make one costs a thousand times as much as to use it, and lists use it in every row. */
function kept<A extends unknown[], F>(make: (...wanted: A) => F): (...wanted: A) => F {
  const made = new Map<string, F>();
  return (...wanted) => {
    const key = wanted.join();
    const form = made.get(key) ?? make(...wanted);
    made.set(key, form);
    return form;
  };
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
