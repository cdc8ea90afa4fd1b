import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { LANGUAGES } from '../src/words';

/** What all scripts together may weigh when they are sent, in bytes. */
const BUDGET = 120 * 1024;
/** What is read before anything is seen. */
const FIRST = 60 * 1024;

const TOP = join(import.meta.dirname, '..');
const out = mkdtempSync(join(tmpdir(), 'ripieno-page-'));

function built(wanted: RegExp): string[] {
  const names = readdirSync(join(out, 'assets')).filter((name) => wanted.test(name));
  return names.map((name) => join(out, 'assets', name));
}

function weight(files: string[]): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
}

describe('the built page', () => {
  // In a process of its own: this one is set up for tests, where checks of the libraries are built in.
  beforeAll(async () => {
    const vite = join(TOP, 'node_modules/vite/bin/vite.js');
    const env = { ...process.env, NODE_ENV: 'production' };
    const arguments_ = [vite, 'build', '--logLevel', 'error', '--outDir', out, '--emptyOutDir'];
    await promisify(execFile)(process.execPath, arguments_, { cwd: TOP, env });
  }, 120_000);
  afterAll(() => rmSync(out, { recursive: true }));

  it('scripts_weigh_no_more_than_their_budget', () => {
    expect(weight(built(/\.js$/))).toBeLessThanOrEqual(BUDGET);
  });

  it('what_is_needed_first_is_a_part_of_it', () => {
    expect(weight(built(/^(core|index)-.*\.js$/))).toBeLessThanOrEqual(FIRST);
  });

  it('words_are_no_scripts_and_each_language_is_a_file_of_its_own', () => {
    const languages = built(/\.ftl$/).map((file) => file.replace(/^.*\/|-.{8}\.ftl$/g, ''));
    expect(languages.sort()).toEqual([...LANGUAGES].sort());
  });

  it('page_has_no_inline_script_or_style', () => {
    const page = readFileSync(join(out, 'index.html'), 'utf8');
    expect(page.match(/<script(?![^>]*\ssrc=)[^>]*>/g)).toBeNull();
    expect(page.match(/<style|\sstyle=|\son\w+=/g)).toBeNull();
  });

  it('scripts_need_no_eval', () => {
    const code = built(/\.js$/).map((file) => readFileSync(file, 'utf8'));
    expect(code.filter((text) => /\beval\(|new Function\(/.test(text))).toEqual([]);
  });

  it('nothing_is_loaded_from_elsewhere', () => {
    const page = readFileSync(join(out, 'index.html'), 'utf8');
    const css = built(/\.css$/).map((file) => readFileSync(file, 'utf8'));
    expect([page, ...css].filter((text) => /(?:src|href)="https?:|url\(["']?(?:https?:)?\/\//.test(text))).toEqual([]);
  });
});
