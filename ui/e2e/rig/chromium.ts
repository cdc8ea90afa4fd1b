import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The path of the browser this machine has; `RIPIENO_TEST_CHROMIUM` names another one. */
export function chromium(): string {
  const named = process.env['RIPIENO_TEST_CHROMIUM'];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(runs);
  if (found) return found;
  throw new Error(`No browser was found (${NAMES.join(', ')}). Run scripts/setup.sh test, or set RIPIENO_TEST_CHROMIUM.`);
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
