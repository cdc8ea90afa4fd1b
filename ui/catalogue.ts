import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const LOCALES = new URL('./locales/', import.meta.url).pathname;
const PREFIX = 'catalogue:';

/** Every file of a language, as one text. */
function text(language: string): string {
  const folder = join(LOCALES, language);
  const files = readdirSync(folder).filter((name) => name.endsWith('.ftl'));
  return files
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

/**
 * Makes `catalogue:en` a module whose default export reads the words of a language. Built, they are a file of their own
 * beside the scripts, read only by those who speak it; while developing and testing they are part of the module.
 */
export function catalogue(): Plugin {
  let building = false;
  return {
    name: 'catalogue',
    configResolved(config) {
      building = config.command === 'build';
    },
    resolveId(id) {
      return id.startsWith(PREFIX) ? `\0${id}` : null;
    },
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null;
      const language = id.slice(PREFIX.length + 1);
      if (!building) {
        for (const name of readdirSync(join(LOCALES, language))) {
          this.addWatchFile(join(LOCALES, language, name));
        }
        return `export default async () => ${JSON.stringify(text(language))};`;
      }
      const file = this.emitFile({ type: 'asset', name: `${language}.ftl`, source: text(language) });
      return `export default async () => (await fetch(import.meta.ROLLUP_FILE_URL_${file})).text();`;
    },
  };
}
