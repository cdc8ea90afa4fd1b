import type { CDPSession, Locator, Page } from '@playwright/test';
import { expect, open, test } from './rig/test';

/** An input method at work in the focused field, as the browser's own protocol drives one. */
class InputMethod {
  private constructor(private readonly session: CDPSession) {}

  static async of(page: Page): Promise<InputMethod> {
    return new InputMethod(await page.context().newCDPSession(page));
  }

  /** Shows a reading that is not confirmed yet. */
  async compose(text: string): Promise<void> {
    await this.session.send('Input.imeSetComposition', {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    });
  }

  /** The Enter that confirms the reading: a key of the input method first, the text after it. */
  async confirm(text: string, modifiers = 0): Promise<void> {
    const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229, modifiers };
    await this.session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
    await this.session.send('Input.insertText', { text });
    await this.session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
  }
}

/** Writes by input method; the confirming Enter, with and without Control, must do nothing but confirm. */
async function write(page: Page, field: Locator): Promise<void> {
  await field.focus();
  const method = await InputMethod.of(page);
  await method.compose('にほんご');
  await method.confirm('日本語');
  await expect(field).toHaveValue('日本語');
  await method.compose('のてすと');
  await method.confirm('のテスト', 2);
  await expect(field).toHaveValue('日本語のテスト');
}

test('confirming_enter_does_not_submit_the_task_that_is_composed', async ({ daemon, app }) => {
  await open(app, 'new');
  const prompt = app.getByRole('textbox', { name: 'What is to be done' });
  await write(app, prompt);
  await expect(app).toHaveURL(/#\/new/);
  expect(await daemon.call('task.list')).toMatchObject({ tasks: [] });

  await app.getByLabel('Piece').selectOption('script');
  await prompt.fill('echo 日本語');
  await prompt.press('Control+Enter');
  await expect(app).toHaveURL(/#\/tasks\/T-1$/);
});

test('confirming_enter_does_not_send_the_answer_to_a_question', async ({ daemon, app }) => {
  const task = await daemon.script('Asks', "ripieno ask create --wait 0 --text 'Which name?' --text-ok");
  await daemon.reaches(task, 'needs_input');
  await open(app, 'inbox');
  const reply = app.getByLabel('Your answer');
  await write(app, reply);
  await expect(app.getByText(/^Sent:/)).toHaveCount(0);
  expect(await daemon.call('ask.list')).toMatchObject({ asks: [{ answered: null }] });

  await reply.press('Control+Shift+Enter');
  await daemon.reaches(task, 'done');
});

test('confirming_enter_does_not_save_a_setting_nor_leave_a_search', async ({ daemon, app }) => {
  await open(app, 'settings');
  const field = app.getByLabel('Log detail');
  await field.fill('');
  await write(app, field);
  await expect(field).not.toHaveAttribute('aria-invalid');
  expect(await daemon.call('config.get', { key: 'log.filter' })).toMatchObject({ value: 'info' });
  await field.press('Escape');

  await daemon.ended('日本語のテスト', 'true');
  await open(app, 'tasks');
  const search = app.getByRole('textbox', { name: /^Search, or/ });
  await write(app, search);
  await expect(search).toBeFocused();
});

test('confirming_enter_does_not_send_a_comment', async ({ daemon, app }) => {
  const task = await daemon.ended('Builds', 'true');
  await open(app, `tasks/${task.short_id}`);
  const comment = app.getByLabel('Follow-up');
  await write(app, comment);
  const { tasks } = await daemon.call<{ tasks: unknown[] }>('task.list');
  expect(tasks).toHaveLength(1);
});
