import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import Ripieno from '../src/App.svelte';
import { App } from '../src/state/app';
import { PATIENT, ScriptedHost, task } from './fixtures';

vi.setConfig({ testTimeout: 90_000 });

const prompt = (): Promise<HTMLTextAreaElement> => screen.findByRole('textbox', { name: 'What is to be done' }, PATIENT);

/** The page at a new task with a prompt and a file. */
async function written(): Promise<{ app: App; host: ScriptedHost }> {
  const host = new ScriptedHost({
    'input.stage': ({ name }) => ({ path: `/staged/${name}` }),
    'task.add': () => ({ ...task(1), existing: false }),
  });
  const app = new App(host);
  window.location.hash = '#/new';
  render(Ripieno, { app });
  await userEvent.type(await prompt(), 'Read this');
  const picker = document.querySelector<HTMLInputElement>('input[type=file]');
  await userEvent.upload(picker as HTMLInputElement, new File(['x'], 'notes.txt'));
  await screen.findByRole('button', { name: 'Remove notes.txt' }, PATIENT);
  await expect.poll(() => localStorage.getItem('ripieno.draft.new-task.files'), PATIENT).not.toBeNull();
  return { app, host };
}

describe('a new task', () => {
  beforeEach(() => localStorage.clear());

  it('in_a_folder_takes_the_folder_and_leaves_what_was_written_and_attached', async () => {
    const { app } = await written();
    const field = await prompt();
    app.router.go('new', null, null, { folder: '/home/me/site' });
    await tick();
    expect(screen.getByLabelText<HTMLInputElement>('Folder').value).toBe('/home/me/site');
    expect(field.isConnected).toBe(true);
    expect(field.value).toBe('Read this');
    expect(screen.getByRole('button', { name: 'Remove notes.txt' })).toBeTruthy();
    expect(screen.queryByText(/^A link filled this in/)).toBeNull();
  });

  it('says_in_its_own_words_why_no_task_may_work_in_a_folder', async () => {
    const facts = { exists: true, repository: false, branch: null, dirty: null, holder: null, holder_text: null };
    const refused = '/tmp cannot be worked in: it is shared by all programs; make a folder inside it';
    const host = new ScriptedHost({
      'folder.check': ({ path }) => ({ ...facts, path, refused, refused_because: path === '/tmp' ? 'temp' : 'of_a_newer_worker' }),
    });
    const app = new App(host);
    window.location.hash = '#/new';
    render(Ripieno, { app });
    await prompt();
    app.router.go('new', null, null, { folder: '/tmp' });
    await screen.findByText('/tmp is shared by all programs. Make a folder inside it.', undefined, PATIENT);
    app.router.go('new', null, null, { folder: '/new' });
    await screen.findByText('No task may work in /new.', undefined, PATIENT);
  });

  it('has_its_files_still_when_the_view_is_opened_again', async () => {
    const { app, host } = await written();
    app.router.go('agents');
    await expect.poll(() => screen.queryByRole('textbox', { name: 'What is to be done' }), PATIENT).toBeNull();
    app.router.go('new');
    await prompt();
    expect(screen.getByRole('button', { name: 'Remove notes.txt' })).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: /^Add task/ }));
    await expect.poll(() => host.sent('task.add'), PATIENT).toMatchObject([{ inputs: ['/staged/notes.txt'] }]);
    await expect.poll(() => localStorage.getItem('ripieno.draft.new-task.files'), PATIENT).toBeNull();
  });

  it('has_no_file_that_the_worker_no_longer_keeps', async () => {
    const old = { name: 'old.txt', size: 1, path: '/staged/old.txt', at: Date.now() - 24 * 3_600_000 };
    localStorage.setItem('ripieno.draft.new-task.files', JSON.stringify({ files: [old] }));
    await written();
    expect(screen.queryByRole('button', { name: 'Remove old.txt' })).toBeNull();
  });
});
