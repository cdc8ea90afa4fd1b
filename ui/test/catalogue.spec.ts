import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { FluentResource } from '@fluent/bundle';
import { describe, expect, it } from 'vitest';

import { LANGUAGES } from '../src/words';

const TOP = join(import.meta.dirname, '..', '..');
const LOCALES = join(TOP, 'ui', 'locales');

/** Where ids are used: the page, the application, and what makes the packages. */
const USERS: [string, RegExp][] = [
  ['ui/src', /\.(svelte|ts)$/],
  ['src-tauri/src', /\.rs$/],
];

/** Where ids stand without quotes. */
const SCRIPTS = ['scripts', 'packaging'];

/** Ids made from names of the worker, which has more of them than the page: their area counts as used. */
const OPEN_AREAS = ['settings', 'welcome'];

type Message = { id: string; values: string[] };

function files(language: string): string[] {
  return readdirSync(join(LOCALES, language)).sort();
}

/** The messages of a file with the values each of them wants. */
function messages(language: string, file: string): Message[] {
  const { body } = new FluentResource(readFileSync(join(LOCALES, language, file), 'utf8'));
  return body.map(({ id, value, attributes }) => ({
    id,
    values: [...new Set([...values(value), ...values(Object.values(attributes))])].sort(),
  }));
}

function values(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(values);
  if (typeof node !== 'object' || node === null) return [];
  const { type, name } = node as { type?: string; name?: string };
  if (type === 'var' && name) return [name];
  return Object.values(node).flatMap(values);
}

const english = files('en').flatMap((file) => messages('en', file));
const ids = english.map(({ id }) => id);
const areas = files('en').map((file) => file.replace('.ftl', ''));

function sources(): string {
  return USERS.flatMap(([place, wanted]) => below(join(TOP, place)).filter((file) => wanted.test(file)))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

/** Every file below a folder; none where there is no such folder. */
function below(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Names of elements look like ids of messages and are none. */
const NAMES = /\b(id|for|aria-[a-z]+)="[^"{]*"/g;

const code = sources().replace(NAMES, '');
const area = `(?:${areas.join('|')})`;
const literal = new RegExp(`['"\`](${area}-[\\w-]+)['"\`]`, 'g');
const template = new RegExp(`\`(${area}-[^\`]*\\$\\{[^\`]*)\``, 'g');
const bare = new RegExp(`\\b${area}-[\\w-]+`, 'g');
const scripts = SCRIPTS.flatMap((folder) => below(join(TOP, folder)))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');
const used = new Set([...code.matchAll(literal)].map(([, id = '']) => id));
const mentioned = new Set([...scripts.matchAll(bare)].map(([id]) => id));
const made = [...code.matchAll(template)].map(([, text = '']) => text);
const forms = made.map((text) => {
  const parts = text.split(/\$\{.*?\}(?=[^}]|$)/).map((part) => part.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\w-]+')}$`);
});

describe('catalogue', () => {
  it.each(LANGUAGES)('%s_has_every_file_and_nothing_that_cannot_be_read', (language) => {
    expect(files(language)).toEqual(files('en'));
    for (const file of files(language)) {
      const text = readFileSync(join(LOCALES, language, file), 'utf8');
      const written = [...text.matchAll(/^([a-z][\w-]*) *=/gm)].map(([, id]) => id);
      expect(messages(language, file).map(({ id }) => id)).toEqual(written);
    }
  });

  it.each(LANGUAGES)('%s_says_the_same_messages_with_the_same_values', (language) => {
    for (const file of files('en')) {
      const [theirs, ours] = [messages(language, file), messages('en', file)];
      const sorted = (all: Message[]): Message[] => all.sort((a, b) => a.id.localeCompare(b.id));
      expect(sorted(theirs), `${language}/${file}`).toEqual(sorted(ours));
    }
  });

  it('each_message_is_written_once_and_stands_in_the_file_of_its_area', () => {
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    for (const file of files('en')) {
      const wrong = messages('en', file).filter(({ id }) => !id.startsWith(file.replace('.ftl', '-')));
      expect(wrong, file).toEqual([]);
    }
  });

  // What a task, a piece and git call something has one word; another one is for something else.
  it.each([
    ['ja', 'キャンセル', ['task-branch-no']],
    ['ja', '手順', []],
    ['zh-Hans', '暂存', []],
  ])('in_%s_%s_is_said_by_%j_only', (language, word, by) => {
    const lines = files(language).flatMap((file) => readFileSync(join(LOCALES, language, file), 'utf8').split('\n'));
    const said = lines.filter((line) => line.includes(word)).map((line) => line.replace(/ =.*/, ''));
    expect(said).toEqual(by);
  });

  it('no_message_is_missing', () => {
    expect([...used].filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('no_message_is_left_over', () => {
    const wanted = (id: string): boolean =>
      used.has(id) ||
      mentioned.has(id) ||
      forms.some((form) => form.test(id)) ||
      OPEN_AREAS.some((open) => id.startsWith(`${open}-`));
    expect(ids.filter((id) => !wanted(id))).toEqual([]);
  });

  it('made_ids_begin_with_more_than_their_area', () => {
    const vague = made.filter((text) => /^[a-z]+-\$/.test(text) && !/\}-/.test(text));
    expect(vague.filter((text) => !OPEN_AREAS.includes(text.split('-')[0] ?? ''))).toEqual([]);
  });
});
