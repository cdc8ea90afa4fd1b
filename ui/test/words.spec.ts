import { afterEach, describe, expect, it } from 'vitest';

import { glance } from '../src/state/glance';
import { HostError } from '../src/host';
import { LANGUAGES, nearest, refusal, since, t, words, type Language } from '../src/words';
import { status } from './fixtures';
import shared from './words.json';

interface Case {
  name: string;
  status: Parameters<typeof status>[0] | null;
  mark: string;
  text: string;
  ja: string;
  'zh-Hans': string;
}

const cases = shared.cases as unknown as Case[];
const expected = (example: Case, language: Language): string =>
  language === 'en' ? example.text : example[language];

describe.each(LANGUAGES)('the worker at a glance in %s', (language) => {
  afterEach(() => words.speak('en'));

  it.each(cases)('$name', async (example) => {
    await words.speak(language);
    const view = example.status ? status(example.status) : null;
    const { mark, id, values } = glance(view, Date.parse(shared.now));
    expect({ mark, text: t(id, values) }).toEqual({
      mark: example.mark,
      text: expected(example, language),
    });
  });
});

describe('language', () => {
  afterEach(() => words.speak('en'));

  it.each([
    [['ja-JP', 'en'], 'ja'],
    [['zh-CN'], 'zh-Hans'],
    [['zh'], 'zh-Hans'],
    [['fr', 'zh-Hans-SG'], 'zh-Hans'],
    [['fr', 'de'], 'en'],
    [[], 'en'],
  ])('of_%j_is_%s', (wanted, language) => {
    expect(nearest(wanted)).toBe(language);
  });

  it('switch_needs_no_reload_and_names_the_page_s_language', async () => {
    expect(t('app-inbox')).toBe('Inbox');
    await words.speak('ja');
    expect(t('app-inbox')).toBe('受信箱');
    expect(document.documentElement.lang).toBe('ja');
  });

  it('later_wish_counts_when_two_catalogues_load_at_once', async () => {
    await Promise.all([words.speak('ja'), words.speak('zh-Hans')]);
    expect(words.language).toBe('zh-Hans');
    expect(t('app-inbox')).toBe('收件箱');
  });

  it('plural_follows_the_number', () => {
    expect(t('app-inbox-count', { n: 1 })).toBe('1 question open');
    expect(t('app-inbox-count', { n: 2 })).toBe('2 questions open');
  });

  it('unknown_message_and_missing_value_are_defects', () => {
    expect(() => t('app-no-such-thing')).toThrow('app-no-such-thing');
    expect(() => t('app-inbox-count')).toThrow('app-inbox-count');
  });
});

describe('age', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');

  it.each([
    [9, 'just now'],
    [10, '10 s ago'],
    [59, '50 s ago'],
    [60, '1 m ago'],
    [3600, '1 h ago'],
  ])('of_%i_seconds_is_%s', (seconds, text) => {
    expect(since(new Date(now - seconds * 1000).toISOString(), now)).toBe(text);
  });
});

describe('refusal', () => {
  afterEach(() => words.speak('en'));

  it('with_a_reason_speaks_the_reader_s_language', async () => {
    const detail = { reason: 'conflict', task: 'T-5', branch: 'main', files: ['a.py', 'b.py'] };
    await words.speak('ja');
    expect(refusal(new HostError('conflict', 'in English', detail))).toBe(
      'T-5 と main の両方が a.py, b.py を変更しました。何もマージしていません。',
    );
  });

  it.each([{ reason: 'of_a_newer_worker' }, {}, null])('with_%j_is_told_as_the_worker_said_it', (detail) => {
    expect(refusal(new HostError('conflict', 'as it said', detail))).toBe('as it said');
  });
});
