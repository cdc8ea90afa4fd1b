import type { Page } from '@playwright/test';
import { fill } from './rig/fill';
import { FULL, settled } from './rig/screens';
import { expect, open, test } from './rig/test';

test.use({ agent: true });

/** Puts the focus before everything, so that Tab begins at the first thing. */
async function begin(page: Page): Promise<void> {
  await page.evaluate(() => {
    const focused = document.activeElement;
    if (focused instanceof HTMLElement) focused.blur();
    window.getSelection()?.removeAllRanges();
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
}

interface Stop {
  what: string;
  problem: string | null;
}

/** What the focus is on: whether it has a name, can be seen, and shows that it is focused. */
function stop(): Stop | null {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) return null;
  focused.setAttribute('data-reached', '');
  const what = focused.outerHTML.slice(0, 140);
  const box = focused.getBoundingClientRect();
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  if (!seen) return { what, problem: 'the focus is out of sight' };
  // A field inside a frame of its own shows the ring around the frame.
  const ring = [focused, focused.parentElement ?? focused].some((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  });
  if (!ring) return { what, problem: 'the focus cannot be seen' };
  const [x, y] = [
    Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
    Math.min(Math.max(box.top + Math.min(box.height / 2, 12), 0), innerHeight - 1),
  ];
  const top = document.elementFromPoint(x, y);
  const covered = top !== null && !focused.contains(top) && !top.contains(focused);
  return { what, problem: covered ? `something covers it: ${top.outerHTML.slice(0, 80)}` : null };
}

/** What can be used by mouse and was not come to by Tab; what arrow keys reach is in a group that was. */
function missed(): string[] {
  const usable = 'a[href], button, input, select, textarea, summary, [role=option], [role=row], [role=tab]';
  const group = '[role=tablist], [role=listbox], [role=grid], [role=tree], [role=radiogroup], [role=menu], [role=toolbar]';
  return [...document.querySelectorAll<HTMLElement>(usable)]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(':disabled, [aria-hidden=true], [aria-hidden=true] *'))
    .filter((one) => !one.hasAttribute('data-reached') && !one.querySelector('[data-reached]') && !one.closest('[data-reached]'))
    // The rows of a diff are one stop of Tab, and arrow keys go from row to row.
    .filter((one) => !(one.closest('[role=region]')?.querySelector('[data-row][data-reached]') && one.closest('.line, .pair, .file')))
    .filter((one) => !(one.closest(group)?.querySelector('[data-reached]') || (one.matches('[type=radio]'))))
    .map((one) => one.outerHTML.slice(0, 140));
}

test('every_screen_is_walked_by_keyboard_alone', async ({ daemon, app }) => {
  test.slow();
  const filled = await fill(daemon);
  const wrong: string[] = [];
  for (const screen of FULL) {
    await screen.go(app, filled);
    await settled(app);
    await begin(app);
    for (let n = 0; n < 150; n++) {
      await app.keyboard.press('Tab');
      const at = await app.evaluate(stop);
      if (at === null) break;
      if (at.problem) wrong.push(`${screen.name}: ${at.problem}: ${at.what}`);
    }
    wrong.push(...(await app.evaluate(missed)).map((what) => `${screen.name}: not reached: ${what}`));
    await app.evaluate(() => document.querySelectorAll('[data-reached]').forEach((one) => one.removeAttribute('data-reached')));
  }
  expect([...new Set(wrong)]).toEqual([]);
});

/** What stands out of the window to the side, but for what scrolls by itself in its own frame. */
function overflowing(): string[] {
  const wide = document.documentElement.scrollWidth > innerWidth + 1;
  const scrolls = (one: Element): boolean => {
    for (let up = one.parentElement; up; up = up.parentElement) {
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(up).overflowX) && up !== document.body) return true;
    }
    return false;
  };
  const out = [...document.querySelectorAll<HTMLElement>('main *, nav *, header *')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }))
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !scrolls(one));
  // A screen must not scroll sideways as a whole either; lines of code and rows of tabs may.
  const sideways = [...document.querySelectorAll<HTMLElement>('main *')].filter(
    (one) =>
      /auto|scroll/.test(getComputedStyle(one).overflowX) &&
      one.scrollWidth > one.clientWidth + 1 &&
      !one.matches('pre, code, textarea, [role=tablist], [role=grid], .code, .diff, .diff *, table, table *'),
  );
  return [...(wide ? ['the page'] : []), ...[...out, ...sideways].map((one) => one.outerHTML.slice(0, 140))];
}

for (const [name, viewport] of Object.entries({
  'a_width_of_320': { width: 320, height: 640 },
  'a_zoom_of_200_percent': { width: 640, height: 400 },
})) {
  test(`no_screen_needs_scrolling_sideways_at_${name}`, async ({ daemon, app }) => {
    const filled = await fill(daemon);
    await app.setViewportSize(viewport);
    const wrong: string[] = [];
    for (const screen of FULL) {
      await screen.go(app, filled);
      await settled(app);
      wrong.push(...(await app.evaluate(overflowing)).map((what) => `${screen.name}: ${what}`));
    }
    expect([...new Set(wrong)]).toEqual([]);
  });
}

/** A script that keeps a checklist by the tool agents have for it, talks and asks. */
const CHECKLIST = Array.from({ length: 10 }, (_, n) => ({ text: `Step ${n + 1} of the move`, state: 'open' }));
const TOOL = [
  { id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'e2e', version: '1' } } },
  { method: 'notifications/initialized' },
  { id: 2, method: 'tools/call', params: { name: 'update_checklist', arguments: { steps: CHECKLIST } } },
].map((message) => `'${JSON.stringify({ jsonrpc: '2.0', ...message })}'`);
const OPTIONS = Array.from({ length: 6 }, (_, n) => `--option o${n}='Way ${n + 1}'`);
const MUCH = `
{ printf '%s\\n' ${TOOL.join(' ')}; sleep 1; } | ripieno mcp task >/dev/null
for n in $(seq 1 60); do echo "line $n"; done
ripieno ask create --wait 0 --text 'Which way?' ${OPTIONS.join(' ')}
`;

/** What is cut off below where nobody can scroll to it. */
function cutOff(): string[] {
  return [...document.querySelectorAll<HTMLElement>('main, main *')]
    .filter((one) => /hidden|clip/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight + 1)
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches('.cut, .unseen, textarea'))
    .map((one) => `${one.scrollHeight} of ${one.clientHeight}: ${one.outerHTML.slice(0, 140)}`);
}

for (const viewport of [{ width: 380, height: 700 }, { width: 1280, height: 480 }]) {
  test(`task_with_notes_and_a_question_shows_all_of_itself_at_${viewport.width}_by_${viewport.height}`, async ({ daemon, app }) => {
    const task = await daemon.script('Move the shop', MUCH);
    await daemon.reaches(task, 'needs_input');
    await app.setViewportSize(viewport);
    await open(app, `tasks/${task.short_id}`);
    await settled(app);
    await expect(app.getByRole('region', { name: 'Brief and checklist' })).toContainText('Step 10 of the move');
    await expect(app.getByRole('button', { name: 'Way 6' })).toBeAttached();
    expect(await app.evaluate(cutOff)).toEqual([]);
    const transcript = await app.getByRole('log').boundingBox();
    expect(transcript?.height).toBeGreaterThan(120);
    for (const name of ['Way 6', 'Send']) {
      const button = app.getByRole('button', { name });
      await button.scrollIntoViewIfNeeded();
      await expect(button).toBeInViewport({ ratio: 1 });
    }
  });
}

test('nothing_moves_where_less_motion_is_asked_for', async ({ daemon, app }) => {
  const filled = await fill(daemon);
  await app.emulateMedia({ reducedMotion: 'reduce' });
  const wrong: string[] = [];
  for (const screen of FULL) {
    await screen.go(app, filled);
    await settled(app);
    const moving = await app.evaluate(() =>
      [...document.querySelectorAll('*')]
        .filter((one) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one);
          const slow = transitionDuration.split(',').some((time) => parseFloat(time) > 0.001);
          return slow || animationName !== 'none' || scrollBehavior === 'smooth';
        })
        .map((one) => one.outerHTML.slice(0, 140)),
    );
    wrong.push(...moving.map((what) => `${screen.name}: ${what}`));
  }
  expect([...new Set(wrong)]).toEqual([]);
});
