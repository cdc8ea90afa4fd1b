import type { Page } from '@playwright/test';
import type { Daemon, Task } from './rig/daemon';
import { expect, open, test } from './rig/test';

const CREATE = 'ripieno ask create --wait 0';
/** Asks, and writes the answer where the test can read it. */
const database = `${CREATE} --text 'Which database?' --option postgres=PostgreSQL --option sqlite=SQLite`;
const name = `${CREATE} --text 'What is its name?' --text-ok`;

async function asking(daemon: Daemon, title: string, script: string): Promise<Task> {
  const task = await daemon.script(title, `answer=$(${script}); ripieno task progress "answer: $answer"`);
  await daemon.reaches(task, 'needs_input');
  return task;
}

interface Answered {
  answered: { by: string; value: string } | null;
}

const answers = async (daemon: Daemon): Promise<(string | undefined)[]> => {
  const { asks } = await daemon.call<{ asks: Answered[] }>('ask.list', { all: true });
  return asks.map(({ answered }) => answered?.value);
};

const question = (app: Page) => app.getByRole('article').getByRole('heading', { level: 2 });

test('digit_answers_and_is_sent_when_it_can_no_longer_be_taken_back', async ({ daemon, app }) => {
  const task = await asking(daemon, 'Move the shop', database);
  await open(app, 'inbox');
  await expect(question(app)).toHaveText('Which database?');
  await app.keyboard.press('2');
  await expect(app.getByText(/^Sent: “SQLite”/)).toBeVisible();
  expect(await answers(daemon)).toEqual([undefined]);
  await daemon.reaches(task, 'done');
  expect(await answers(daemon)).toEqual(['sqlite']);
  await expect(app.getByText('Nothing needs you.')).toBeVisible();
});

test('answer_taken_back_is_never_sent', async ({ daemon, app }) => {
  await asking(daemon, 'Move the shop', database);
  await open(app, 'inbox');
  await expect(question(app)).toBeVisible();
  await app.clock.install();
  await app.keyboard.press('1');
  await expect(app.getByText(/^Sent: “PostgreSQL”/)).toBeVisible();
  await app.keyboard.press('u');
  await expect(question(app)).toHaveText('Which database?');
  // Long after the time in which it could have been taken back.
  await app.clock.runFor(20_000);
  expect(await answers(daemon)).toEqual([undefined]);
  await expect(question(app)).toBeVisible();
});

test('digit_with_shift_is_sent_at_once', async ({ daemon, app }) => {
  const task = await asking(daemon, 'Move the shop', database);
  await open(app, 'inbox');
  await expect(question(app)).toBeVisible();
  await app.clock.install();
  await app.keyboard.press('Shift+Digit1');
  await daemon.reaches(task, 'done');
  expect(await answers(daemon)).toEqual(['postgres']);
});

test('late_answer_is_said_to_be_late_and_changes_nothing', async ({ daemon, app }) => {
  const task = await asking(daemon, 'Move the shop', database);
  await open(app, 'inbox');
  await expect(question(app)).toBeVisible();
  await app.keyboard.press('1');
  await expect(app.getByText(/^Sent: “PostgreSQL”/)).toBeVisible();
  await daemon.call('ask.answer', { id: 'A-1', option: 'sqlite' });
  await daemon.reaches(task, 'done');
  await expect(app.getByText(/Already answered by .*not sent/)).toBeVisible();
  expect(await answers(daemon)).toEqual(['sqlite']);
});

test('answer_given_elsewhere_takes_the_question_away', async ({ daemon, app }) => {
  await asking(daemon, 'Move the shop', database);
  await open(app, 'inbox');
  await expect(question(app)).toBeVisible();
  await daemon.call('ask.answer', { id: 'A-1', option: 'sqlite' });
  await expect(question(app)).toHaveCount(0);
  await expect(app.getByText(/Nothing needs you/)).toBeVisible();
});

test('reply_in_words_goes_out_with_several_lines', async ({ daemon, app }) => {
  const task = await asking(daemon, 'Name it', name);
  await open(app, 'inbox');
  const field = app.getByLabel('Your answer');
  await field.fill('ripieno');
  await field.press('Enter');
  await field.pressSequentially('the full ensemble');
  await field.press('Control+Shift+Enter');
  await daemon.reaches(task, 'done');
  expect(await answers(daemon)).toEqual(['ripieno\nthe full ensemble']);
});

test('question_put_off_stands_under_later_and_comes_back', async ({ daemon, app }) => {
  await asking(daemon, 'Move the shop', database);
  await open(app, 'inbox');
  await expect(question(app)).toBeVisible();
  await app.keyboard.press('s');
  await expect(app.getByRole('group', { name: 'Later' }).getByRole('option')).toHaveCount(1);
  await app.getByRole('button', { name: 'Undo' }).click();
  await expect(app.getByRole('group', { name: 'Waiting for you' }).getByRole('option')).toHaveCount(1);
});

test.describe('with an agent', () => {
  test.use({ agent: true });

  test('question_of_an_agent_is_answered_and_the_agent_goes_on', async ({ daemon, app }) => {
    const task = await daemon.call<Task>('task.add', { prompt: 'FAKE:ask', agent: 'claude' });
    await daemon.asked(task);
    await open(app, 'inbox');
    await expect(question(app)).toContainText('Which colour?');
    await app.keyboard.press('Shift+Digit2');
    await daemon.reaches(task, 'done');
    expect(await answers(daemon)).toEqual(['2']);
  });
});
