import { defineConfig } from '@playwright/test';
import { chromium } from './rig/chromium';

/** Where pictures and what remains of a failure go; git ignores it. */
const TARGET = '../../target';

export default defineConfig({
  testDir: '.',
  outputDir: `${TARGET}/e2e`,
  fullyParallel: true,
  workers: 2,
  // A test that passes at the second try only is a test that fails.
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    // The system's own browser: nothing is downloaded.
    launchOptions: { executablePath: chromium() },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    trace: 'off',
  },
});
