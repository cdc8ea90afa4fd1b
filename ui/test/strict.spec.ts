import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '..', 'src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(svelte|ts)$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(SRC, name), 'utf8') }));

/** The markup of a component without its script, its styles and its comments. */
function markup(text: string): string {
  return text.replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, '');
}

function those(rule: (file: { name: string; text: string }) => boolean): string[] {
  return files.filter(rule).map(({ name }) => name);
}

/** What the page's policy (`style-src 'self'`, no eval) and the one door ask of the sources. */
describe('sources', () => {
  it('no_element_has_a_style_attribute', () => {
    const found = those(({ name, text }) => name.endsWith('.svelte') && /\sstyle=/.test(markup(text)));
    expect(found).toEqual([]);
  });

  it('no_markup_is_made_from_text', () => {
    const unsafe = /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write/;
    expect(those(({ text }) => unsafe.test(text))).toEqual([]);
  });

  it('only_the_host_reaches_out', () => {
    const reach = /\bfetch\(|new EventSource|new WebSocket|XMLHttpRequest|@tauri-apps/;
    expect(those(({ name, text }) => !name.startsWith('host') && reach.test(text))).toEqual([]);
  });

  it('no_component_says_words_of_its_own', () => {
    const letters = />\s*[A-Za-z]{2,}[^<>{}]*</;
    const found = those(({ name, text }) => name.endsWith('.svelte') && letters.test(spoken(text)));
    expect(found).toEqual([]);
  });
});

/** The markup without expressions and tags' attributes: what would be shown as it is written. */
function spoken(text: string): string {
  let [plain, depth] = ['', 0];
  for (const letter of markup(text)) {
    if (letter === '{') depth += 1;
    if (depth === 0) plain += letter;
    if (letter === '}') depth -= 1;
  }
  return plain.replace(/=>/g, '');
}
