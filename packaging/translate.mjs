// Fills a template of this folder with the words of the catalogue (ui/locales), one line for each language.
//
//   node packaging/translate.mjs TEMPLATE OUTPUT
//
// A line with @some-id@ appears once in English and once per other language, marked as its format wants:
// `Name[ja]=` in a desktop entry, `<name xml:lang="ja">` in XML. `@version@` is that of the workspace.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
// The catalogue names languages as BCP 47 does, desktop files as locales of the C library.
const LANGUAGES = { ja: 'ja', 'zh-Hans': 'zh_CN' };
const PLACE = /@([a-z][a-z-]*)@/;

function words(language) {
    const text = readFileSync(join(ROOT, 'ui/locales', language, 'desktop-entry.ftl'), 'utf8');
    return new Map(Array.from(text.matchAll(/^([a-z][a-z-]*) = (.+)$/gm), ([, id, value]) => [id, value]));
}

function version() {
    return readFileSync(join(ROOT, 'Cargo.toml'), 'utf8').match(/^version = "(.+)"$/m)[1];
}

const escaped = {
    xml: (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    desktop: (text) => text.replaceAll('\\', '\\\\'),
};
const marked = {
    xml: (line, locale) => line.replace(/<([a-z]+)>/, `<$1 xml:lang="${locale}">`),
    desktop: (line, locale) => line.replace('=', `[${locale}]=`),
};

function fill(template, format) {
    const english = words('en');
    const others = Object.entries(LANGUAGES).map(([language, locale]) => [locale, words(language)]);
    const said = (from, id, language) => {
        const value = from.get(id);
        if (value === undefined) throw new Error(`${id} is missing in ui/locales/${language}/desktop-entry.ftl`);
        return escaped[format](value);
    };
    return template.replaceAll('@version@', version()).split('\n').flatMap((line) => {
        const [place, id] = line.match(PLACE) ?? [];
        if (id === undefined) return [line];
        const put = (text) => line.replace(place, () => text);
        return [
            put(said(english, id, 'en')),
            ...others.map(([locale, from]) => marked[format](put(said(from, id, locale)), locale)),
        ];
    }).join('\n');
}

const [template, output] = process.argv.slice(2);
const text = fill(readFileSync(template, 'utf8'), template.endsWith('.xml.in') ? 'xml' : 'desktop');
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, text);
