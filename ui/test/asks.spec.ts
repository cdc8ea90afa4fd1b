import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { spoken } from '../src/asks/own';
import type { Ask } from '../src/host/types';
import { words } from '../src/words';
import { ask } from './fixtures';

const CRATES = join(import.meta.dirname, '../../src-tauri/crates');
const option = (id: string, label: string, detail: string | null = null) => ({ id, label, detail });

const ALLOW = option(
  'allow',
  'Allow',
  'with scope task or project: also every further time it wants exactly this',
);
const DENY = option('deny', 'Deny', 'a text in place of an option is told to the agent as the reason');
const STOP = option('stop', 'Stop the task');

const TASK = { subject: 'task' } as const;
const LANE = { subject: 'lane', task: null, lane: 'claude:default' } as const;
const WORKER = { subject: 'worker', task: null } as const;

/** What the worker asks, each as its sources write it, and a value that stays in it. */
const OWN: [name: string, ask: Partial<Ask>, kept: string][] = [
  [
    'trust',
    {
      ...WORKER,
      kind: 'approval',
      text: 'May agents work in /home/me? They read what it configures for them: pieces, skills, hooks, tool servers.',
      options: [option('trust', 'Trust this folder'), option('refuse', 'Keep out')],
    },
    '/home/me',
  ],
  [
    'tokens spent',
    {
      ...TASK,
      kind: 'budget',
      text: 'The budget of this task is spent: 1,200 tokens of 1,000 tokens. Go on, or stop?',
      options: [option('more', 'Go on, up to 2,200 tokens'), STOP],
    },
    '1,200',
  ],
  [
    'money spent',
    {
      ...TASK,
      kind: 'budget',
      text: 'The budget of this task is spent: $1.25 of $1.00. Go on, or stop?',
      options: [option('more', 'Go on, up to $2.25'), STOP],
    },
    '$1.25',
  ],
  [
    'tokens untold',
    {
      ...TASK,
      kind: 'budget',
      text: 'This agent does not tell how many tokens it uses, so the budget of 1,000 tokens cannot be watched. Go on without it, or stop?',
      options: [option('more', 'Go on without it'), STOP],
    },
    '1,000',
  ],
  [
    'money untold',
    {
      ...TASK,
      kind: 'budget',
      text: 'This agent does not tell what its calls cost, so the budget of $1.00 cannot be watched. Go on without it, or stop?',
      options: [option('more', 'Go on without it'), STOP],
    },
    '$1.00',
  ],
  [
    'limit',
    {
      ...TASK,
      kind: 'budget',
      text: 'A limit of this task is reached. Go on with more, or stop?\n\nmax_turns',
      options: [option('more', 'Go on with more'), STOP],
    },
    '\n\nmax_turns',
  ],
  [
    'run that was cut off',
    {
      ...TASK,
      purpose: 'run_again',
      text: 'The run was cut off. Run it again, or stop?\n\nkilled',
      options: [option('again', 'Run again'), STOP],
    },
    '\n\nkilled',
  ],
  [
    'login of a task',
    {
      ...TASK,
      kind: 'sign_in',
      text: 'A login is needed before the task can go on.\n\ntoken expired',
      options: [option('done', 'I have signed in')],
    },
    '\n\ntoken expired',
  ],
  [
    'login of a lane',
    {
      ...LANE,
      kind: 'sign_in',
      text: 'claude rejected its login. Sign in again (in a terminal, with the agent\'s own command), then choose "I have signed in": every task that waits for it goes on in its session.',
      options: [option('reopen', 'I have signed in')],
    },
    'claude',
  ],
  [
    'drained lane',
    {
      ...LANE,
      kind: 'drain',
      text: 'claude failed 2 times in a row before it did anything. The last word was: no such file',
      options: [option('reopen', 'Try it again')],
    },
    'no such file',
  ],
  [
    'storage',
    {
      ...WORKER,
      purpose: 'storage',
      text: 'The data folder uses 90 MiB of the 80 MiB allowed, and nothing more may be removed: it is what tasks delivered, their workspaces, and what is in use. Remove some of it, or raise storage.limit; nothing new is started before.',
      options: [option('again', 'Look again')],
    },
    '90 MiB',
  ],
];

/** All sources of the worker in one line each, as their strings read. */
function sources(): string {
  return readdirSync(CRATES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rs'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .replaceAll('\\"', '"');
}

describe('what the worker itself asks', () => {
  afterEach(() => words.speak('en'));

  it.each(OWN)('%s_stands_in_its_sources_as_the_page_knows_it', (_, part) => {
    const rust = sources();
    const said = [part.text ?? '', ...(part.options ?? []).map(({ label }) => label)];
    for (const text of said) {
      // Words between values, which the sources write as `{…}`.
      const [first = ''] = text.split('\n\n');
      const pieces = first.split(/\/home\/me|claude|\$?[\d,.]+\d(?: tokens)?|\d+|how many tokens it uses|what its calls cost|no such file/);
      for (const piece of pieces) expect(rust).toContain(piece);
    }
  });

  it.each(OWN)('%s_is_said_in_the_language_of_the_page', async (_, part, kept) => {
    const asked = ask(1, part);
    expect(spoken(asked), 'in English').toEqual(asked);
    for (const language of ['ja', 'zh-Hans'] as const) {
      await words.speak(language);
      const { text, options } = spoken(asked);
      expect(text).toContain(kept);
      for (const shown of [text, ...options.map(({ label }) => label)]) expect(shown).toMatch(/[\p{Script=Han}\p{Script=Katakana}]/u);
      expect(options.map(({ id }) => id)).toEqual(asked.options.map(({ id }) => id));
    }
  });

  it('leave_and_its_refusal_are_translated_and_what_the_agent_offers_between_is_not', async () => {
    const own = option('allow_always', 'Allow');
    await words.speak('ja');
    const text = 'Gemini wants to run `make`';
    const said = spoken(ask(1, { kind: 'approval', text, options: [ALLOW, own, DENY] }));
    expect(said.text).toBe(text);
    expect(said.options.map(({ label }) => label)).toEqual(['許可', 'Allow', '拒否']);
    for (const { detail } of [said.options[0], said.options[2]].filter((each) => each !== undefined)) {
      expect(detail).toMatch(/エージェント|要求/);
    }
  });

  it('question_of_an_agent_keeps_its_words_also_where_the_worker_has_the_same', async () => {
    const asked = ask(1, { text: 'Trust this folder', options: [option('allow', 'Allow'), STOP] });
    await words.speak('ja');
    expect(spoken(asked)).toEqual(asked);
  });
});
