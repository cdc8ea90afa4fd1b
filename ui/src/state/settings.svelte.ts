import type { Host } from '../host';
import type { Setting } from '../host/types';
import { LANGUAGES, nearest, words, type Language } from '../words';
import { after } from './debounce';
import type { Feed } from './feed.svelte';

const GATHER = 100;

/** The settings as the worker has them, and what of them this page follows itself. */
export class Settings {
  all = $state.raw<Setting[]>([]);
  readonly #soon = after(GATHER, () => void this.refresh());

  constructor(
    private readonly host: Host,
    feed: Feed,
  ) {
    feed.watch({
      snapshot: () => void this.refresh(),
      event: ({ kind }) => {
        if (kind === 'settings_changed') this.#soon();
      },
    });
  }

  /** The value of a setting without its quotes; `other` where the worker does not know it. */
  value(key: string, other = ''): string {
    const written = this.all.find((setting) => setting.key === key)?.value;
    return written === undefined ? other : bare(written);
  }

  get language(): Language {
    const wanted = this.value('desktop.language', 'system');
    const chosen = LANGUAGES.find((language) => language === wanted);
    return chosen ?? nearest(navigator.languages);
  }

  get theme(): string {
    return this.value('desktop.theme', 'system');
  }

  get compact(): boolean {
    return this.value('desktop.density') === 'compact';
  }

  /** Whether single letters are shortcuts (WCAG 2.1.4). */
  get singleKeys(): boolean {
    return this.value('desktop.single_keys', 'true') === 'true';
  }

  async refresh(): Promise<void> {
    const read = await this.host.call('config.show', {}).catch(() => null);
    if (read) this.all = read.settings;
  }

  /** Writes one; rejects with the worker's refusal. */
  async set(key: string, value: string): Promise<void> {
    await this.host.call('config.set', { key, value });
    await this.refresh();
  }

  /** Back to the default; rejects with the worker's refusal. */
  async reset(key: string): Promise<void> {
    await this.host.call('config.reset', { key });
    await this.refresh();
  }

  /** Keeps language, theme and density of the page as they are set. To be called where effects live. */
  follow(page: HTMLElement = document.documentElement): void {
    $effect(() => {
      if (this.language !== words.language) void words.speak(this.language);
    });
    $effect(() => {
      page.dataset['theme'] = this.theme;
      page.dataset['density'] = this.compact ? 'compact' : 'comfortable';
    });
  }
}

function bare(written: string): string {
  return /^".*"$/s.test(written) ? (JSON.parse(written) as string) : written;
}
