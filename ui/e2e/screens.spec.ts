import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { findings } from './rig/axe';
import { fill, type Filled } from './rig/fill';
import { EMPTY, FULL, settled, type Screen } from './rig/screens';
import { expect, test } from './rig/test';

const PICTURES = resolve(import.meta.dirname, '../../target/screenshots');
const LANGUAGES = { en: 'en-GB', ja: 'ja-JP', 'zh-Hans': 'zh-CN' };
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 380, height: 700 } };

/** Looks at every screen in both sizes: a picture of each, and what axe says of it. */
async function look(page: Page, screens: Screen[], filled: Filled, folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const found: string[] = [];
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const screen of screens) {
      await screen.go(page, filled);
      await settled(page);
      await page.screenshot({ path: join(folder, `${screen.name}-${size}.png`) });
      // The narrow form has the same words in other places: it is judged in one language.
      if (size === 'narrow' && !folder.includes('/en-')) continue;
      found.push(...(await findings(page)).map((finding) => `${screen.name} ${size}: ${finding}`));
    }
  }
  return found;
}

for (const [language, locale] of Object.entries(LANGUAGES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${language} ${colorScheme}`, () => {
      test.use({ locale, colorScheme });

      test('empty_screens_have_no_finding_of_axe', async ({ app }) => {
        test.slow();
        const folder = join(PICTURES, `${language}-${colorScheme}`, 'empty');
        expect(await look(app, EMPTY, {} as Filled, folder)).toEqual([]);
      });

      test.describe('with an agent', () => {
        test.use({ agent: true });

        test('full_screens_have_no_finding_of_axe', async ({ daemon, app }) => {
          test.slow();
          const folder = join(PICTURES, `${language}-${colorScheme}`, 'full');
          expect(await look(app, FULL, await fill(daemon), folder)).toEqual([]);
        });
      });
    });
  }
}
