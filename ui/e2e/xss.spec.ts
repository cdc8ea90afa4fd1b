import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { PAYLOADS } from '../test/xss-corpus';
import type { Daemon, Task } from './rig/daemon';
import { repository } from './rig/fill';
import { settled } from './rig/screens';
import { expect, open, test } from './rig/test';
import { Watch } from './rig/watch';

/** What terminals would act on, and marks that turn or hide text. */
const DISGUISES = [
  '\u001b]8;;http://127.0.0.1:9/osc8\u0007click\u001b]8;;\u0007',
  '\u001b]52;c;aGl0\u0007',
  '\u001b]0;title\u0007\u001b[31mred\u001b[0m\u001b[2J\u001b[H',
  'safe\u202Egnp.exe \u2066hidden\u2069 a\u200Bb',
];
const TEXTS = [...PAYLOADS, ...DISGUISES].map((text) => text.replaceAll('\u0000', ''));

test('corpus_is_as_large_as_it_is_said_to_be', () => {
  expect(new Set(TEXTS).size).toBeGreaterThanOrEqual(220);
});

/** Scrolls a list that draws only what can be seen to its end, looking at each part. */
async function scroll(page: Page, watch: Watch, list: string): Promise<void> {
  for (let more = true; more; ) {
    await settled(page);
    await watch.look(page);
    more = await page.evaluate((selector) => {
      const scrolled = [...document.querySelectorAll(selector)].find((one) => one.scrollHeight > one.clientHeight + 1);
      if (!scrolled) return false;
      const before = scrolled.scrollTop;
      scrolled.scrollTop += scrolled.clientHeight;
      return scrolled.scrollTop > before;
    }, list);
  }
}

test('titles_prompts_and_labels_run_nothing', async ({ daemon, app }) => {
  test.slow();
  for (const text of TEXTS) {
    const label = text.replace(/[,\s]/g, '').slice(0, 40);
    await daemon.script(text, text, { not_before: 'tomorrow 09:00', ...(label ? { labels: [label] } : {}) });
  }
  const watch = await Watch.over(app);
  await open(app, 'tasks');
  await scroll(app, watch, 'main [role=listbox], main [role=grid], main .rows, main div');
  for (const n of [1, 40, 90, 130, 180, 220]) {
    await open(app, `tasks/T-${n}`);
    await settled(app);
    await watch.look(app);
  }
  expect(watch.wrong).toEqual([]);
});

test('output_of_a_script_runs_nothing', async ({ daemon, app }) => {
  const folder = daemon.folder('output');
  writeFileSync(join(folder, 'texts'), TEXTS.join('\n'));
  const task = await daemon.ended('Prints it all', 'cat texts; cat texts >&2; exit 3', { dir: folder, max_tries: 1 });
  const watch = await Watch.over(app);
  for (const part of ['', '/run', '/output']) {
    await open(app, `tasks/${task.short_id}${part}`);
    await scroll(app, watch, 'main article div');
  }
  expect(watch.wrong).toEqual([]);
});

test('questions_and_their_options_run_nothing', async ({ daemon, app }) => {
  const folder = daemon.folder('asks');
  const asks = chunks(TEXTS, 9);
  asks.forEach((texts, n) => texts.forEach((text, at) => writeFileSync(join(folder, `${n}-${at}`), text)));
  for (const [n, texts] of asks.entries()) {
    const from = `'${folder}/${n}-`;
    const options = texts.slice(1).map((_, at) => `--option="o${at}=$(tr '\\n' ' ' < ${from}${at + 1}')"`);
    const script = `ripieno ask create --wait 0 --text-ok --text="$(cat ${from}0')" ${options.join(' ')}`;
    await daemon.reaches(await daemon.script(`Asks ${n}`, script), 'needs_input');
  }
  expect((await daemon.call<{ asks: unknown[] }>('ask.list')).asks).toHaveLength(asks.length);
  const watch = await Watch.over(app);
  for (let n = 1; n <= asks.length; n++) {
    await open(app, `inbox/A-${n}`);
    await expect(app.getByRole('article').getByRole('heading', { level: 2 })).toHaveCount(1);
    await settled(app);
    await watch.look(app);
  }
  expect(watch.wrong).toEqual([]);
});

test('names_of_changed_files_and_what_is_in_them_run_nothing', async ({ daemon, app }) => {
  const shop = repository(daemon, 'shop');
  const source = daemon.folder('source');
  TEXTS.forEach((text, n) => {
    // A name holds no slash and at most 255 bytes.
    const name = Buffer.from(`${n} ${text.replaceAll('/', '\u2215')}`).subarray(0, 200).toString().replaceAll('\uFFFD', '');
    writeFileSync(join(source, name), `${text}\n`);
  });
  const task = await daemon.ended('Makes the files', `cp -r '${source}/.' .; cp -r '${source}/.' "$RIPIENO_OUTPUTS"`, {
    dir: shop,
    mode: 'in_place',
  });
  const watch = await Watch.over(app);
  await open(app, `tasks/${task.short_id}/changes`);
  await expect(app.getByText(`${TEXTS.length} files changed`)).toBeVisible();
  for (const part of ['changes', 'output', 'run']) {
    await open(app, `tasks/${task.short_id}/${part}`);
    await scroll(app, watch, 'main article div');
  }
  expect(watch.wrong).toEqual([]);
});

test('names_of_folders_run_nothing', async ({ daemon, app }) => {
  const folder = daemon.folder('<img src=x onerror=window.__ripieno_xss=1>');
  mkdirSync(join(folder, '"><svg onload=window.__ripieno_xss=1>'));
  execFileSync('git', ['-C', folder, 'init', '--initial-branch=<script>window.__ripieno_xss=1<∕script>'.replaceAll(' ', '')]);
  const task = await daemon.ended('Works there', 'true', { dir: folder, mode: 'in_place' });
  const watch = await Watch.over(app);
  for (const address of ['folders', `tasks/${task.short_id}`, `tasks/${task.short_id}/run`, `new?folder=${encodeURIComponent(folder)}`]) {
    await open(app, address);
    await settled(app);
    await watch.look(app);
  }
  expect(watch.wrong).toEqual([]);
});

test.describe('with an agent', () => {
  test.use({ agent: true });

  test('markdown_of_an_agent_runs_nothing', async ({ daemon, app }) => {
    await daemon.call('config.set', { key: 'lanes.claude:default.slots', value: '4' });
    const said = chunks(TEXTS, 12).map((texts) => says(daemon, texts.join('\n\n')));
    const watch = await Watch.over(app);
    for (const one of said) {
      const task = await one;
      await daemon.reaches(task, 'done');
      for (const part of ['', '/output']) {
        await open(app, `tasks/${task.short_id}${part}`);
        await scroll(app, watch, 'main article div');
      }
    }
    expect(watch.wrong).toEqual([]);
  });
});

function says(daemon: Daemon, text: string): Promise<Task> {
  return daemon.call<Task>('task.add', { title: 'Says it', prompt: `FAKE:say SAY:${text}`, agent: 'claude' });
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}
