import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Daemon, Task } from './daemon';

/** The tasks of a filled worker by what they show. */
export interface Filled {
  done: Task;
  failed: Task;
  asking: Task;
  running: Task;
  held: Task;
}

/** A repository with one commit. */
export function repository(daemon: Daemon, name: string): string {
  const folder = daemon.folder(name);
  const git = (...args: string[]): void => {
    const identity = ['-c', 'user.name=Person', '-c', 'user.email=person@example.invalid'];
    execFileSync('git', ['-C', folder, ...identity, ...args], { stdio: 'ignore' });
  };
  git('init', '--initial-branch=main');
  writeFileSync(join(folder, 'login.ts'), 'export function login(name: string) {\n  return name;\n}\n');
  writeFileSync(join(folder, 'README.md'), '# Shop\n\nAn example.\n');
  git('add', '--all');
  git('commit', '--message=begin');
  return folder;
}

const RECEIPT = {
  status: 'completed',
  summary: [
    'The login waits for the session before it redirects.',
    '',
    '- `login.ts`: **awaits** the session',
    '- one test more, see [the docs](https://example.invalid/login)',
    '',
    '```ts',
    'await session.ready();',
    '```',
  ].join('\n'),
  artifacts: [{ kind: 'file', ref: 'report.md', text: 'What was changed and why' }],
  verification: [{ kind: 'command', value: 'true', expected: 'exit 0' }],
};

/** A script that changes a repository, talks, delivers a file and reports. */
const WORK = `
echo 'Looking at login.ts'
printf 'export async function login(name: string) {\\n  await session.ready();\\n  return name;\\n}\\n' > login.ts
echo 'test("login waits", () => {});' > login.test.ts
for n in $(seq 1 60); do echo "ok $n - login case $n"; done
printf '\\033[32mall 60 passed\\033[0m\\n'
echo '# Report' > "$RIPIENO_OUTPUTS/report.md"
cat > "$RIPIENO_OUTPUTS/receipt.json" <<'RECEIPT'
${JSON.stringify(RECEIPT)}
RECEIPT
ripieno task result --file "$RIPIENO_OUTPUTS/receipt.json"
`;

const DATABASE =
  "ripieno ask create --wait 0 --text 'Which database should the shop use?' --option postgres='PostgreSQL' --option sqlite='SQLite' --option keep='Keep what is there'";
const NAME = "ripieno ask create --wait 0 --text 'What should the new command be called?' --text-ok";

/** Brings a worker into every state a screen can show. Needs an agent. */
export async function fill(daemon: Daemon): Promise<Filled> {
  const shop = repository(daemon, 'shop');
  const app = daemon.folder('app');

  const done = await daemon.ended('Fix the flaky login test', WORK, { dir: shop, labels: ['login', 'tests'] });
  await daemon.ended('ドキュメントの誤字を直す', 'echo 直しました', { dir: daemon.folder('ドキュメント') });
  await daemon.ended('更新依赖并运行测试', 'echo 完成', { priority: 'low' });
  const failed = await daemon.ended('Release the nightly build', 'echo "error: no signing key"; exit 3', { max_tries: 1 });
  await daemon.call('task.cancel', { ids: [(await daemon.script('Try another bundler', 'sleep 300')).id] });

  const asking = await daemon.script('Move the shop to a real database', DATABASE, { dir: daemon.folder('api') });
  const naming = await daemon.script('Name the new command', NAME);
  const colour = await daemon.call<Task>('task.add', { title: 'Pick the colours', prompt: 'FAKE:ask', agent: 'claude' });
  await daemon.reaches(asking, 'needs_input');
  await daemon.reaches(naming, 'needs_input');
  await daemon.asked(colour);

  const running = await daemon.script('Build the whole application', `${PROGRESS}\n${UNTIL_ENDED}`, { dir: app, priority: 'high' });
  await daemon.reaches(running, 'running');
  const held = await daemon.script(
    'Translate every page of the handbook, check each translation twice, and write down what was hard to translate and why',
    'true',
    { dir: app },
  );
  await daemon.script('Publish the handbook', 'true', { depends_on: [held.id] });
  await daemon.script('Clean up old branches', 'true', { not_before: 'tomorrow 09:00' });
  const paused = await daemon.script('Measure the start', 'true', { dir: app });
  await daemon.call('task.pause', { ids: [paused.id] });

  await daemon.call('task.add', { title: 'Summarise the issues', prompt: 'FAKE:limit', agent: 'claude' });
  await daemon.laneHeld('claude:default');
  return { done, failed, asking, running, held };
}

const PROGRESS = "ripieno task progress 'compiling 41 of 120'";
/** A script that goes on until it is stopped. */
export const UNTIL_ENDED = 'while :; do sleep 1; done';
