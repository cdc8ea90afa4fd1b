import { FluentBundle, FluentResource } from '@fluent/bundle';
import english from 'catalogue:en';
import japanese from 'catalogue:ja';
import chinese from 'catalogue:zh-Hans';

/** The languages the page speaks. */
export const LANGUAGES = ['en', 'ja', 'zh-Hans'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Arguments = Record<string, string | number>;

/** One language at a time is shipped to the page: whoever reads Japanese never loads the Chinese. */
const CATALOGUES: Record<Language, () => Promise<string>> = {
  en: english,
  ja: japanese,
  'zh-Hans': chinese,
};

/** The language that fits best what a system or a browser asks for. */
export function nearest(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const [language] = tag.toLowerCase().split('-');
    if (language === 'ja') return 'ja';
    if (language === 'zh') return 'zh-Hans';
    if (language === 'en') return 'en';
  }
  return 'en';
}

/** A catalogue ready to be asked. */
export function bundleOf(language: Language, text: string): FluentBundle {
  const bundle = new FluentBundle(language, { useIsolating: false });
  bundle.addResource(new FluentResource(text));
  return bundle;
}

class Words {
  language = $state<Language>('en');
  #bundle = $state.raw<FluentBundle | null>(null);
  #wanted: Language = 'en';

  /** Loads a language and speaks it from then on, without a reload. */
  async speak(language: Language): Promise<void> {
    this.#wanted = language;
    const text = await CATALOGUES[language]();
    // Two quick changes: the later wish counts, whichever catalogue came first.
    if (this.#wanted !== language) return;
    this.#bundle = bundleOf(language, text);
    this.language = language;
    document.documentElement.lang = language;
  }

  has(id: string): boolean {
    return this.#bundle?.hasMessage(id) ?? false;
  }

  /** Other ways to type what a message names: romaji, pinyin, English. */
  alias(id: string): string {
    const pattern = this.#bundle?.getMessage(id)?.attributes['alias'];
    return this.#bundle && pattern ? this.#bundle.formatPattern(pattern) : '';
  }

  say(id: string, values?: Arguments): string {
    const pattern = this.#bundle?.getMessage(id)?.value;
    if (!this.#bundle || !pattern) return missing(id);
    const errors: Error[] = [];
    const text = this.#bundle.formatPattern(pattern, values, errors);
    if (import.meta.env.DEV && errors[0]) throw new Error(`${id}: ${errors[0].message}`);
    return text;
  }
}

function missing(id: string): string {
  if (import.meta.env.DEV) throw new Error(`the catalogue has no words for ${id}`);
  return id;
}

/** What the page says; shared by every component, since there is one reader. */
export const words = new Words();

/** Says `id` in the language of the page. */
export function t(id: string, values?: Arguments): string {
  return words.say(id, values);
}

/** Says `id`, or `other` where the catalogue does not know it: for words of a newer worker. */
export function known(id: string, other: string, values?: Arguments): string {
  return words.has(id) ? words.say(id, values) : other;
}
