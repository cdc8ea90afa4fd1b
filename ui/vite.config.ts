import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { ProxyOptions } from 'vite';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

import { catalogue } from './catalogue.ts';

/**
 * Lets `npm run dev` speak to a real worker: RIPIENO_WEB is the address that `ripieno daemon run --web 127.0.0.1:0`
 * printed. Its token works once, so it is exchanged for the cookie here, and every request goes out as from its own page.
 */
async function worker(printed: string | undefined): Promise<Record<string, ProxyOptions>> {
  if (!printed) return {};
  const { origin } = new URL(printed);
  const answer = await fetch(printed, { redirect: 'manual' });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  if (!cookie) throw new Error('RIPIENO_WEB: its token was used before; start the worker anew');
  const proxy: ProxyOptions = {
    target: origin,
    changeOrigin: true,
    headers: { cookie, origin },
  };
  return { '/rpc': proxy, '/events': proxy };
}

/**
 * Three scripts: what is needed at once, the task with its texts, and the rest. Fewer and larger ones pack better. Each
 * takes what it needs with it, unless one with a higher priority has it: so none needs a lower one.
 */
const CHUNKS = [
  { name: 'core', test: /src\/(main\.ts|asks\/|tasks\/)/, priority: 3 },
  { name: 'task', test: /src\/task\//, priority: 2 },
  { name: 'more', test: /src\/(agents|composer|folders|settings|welcome)\//, priority: 1 },
];

export default defineConfig(async ({ command }): Promise<ViteUserConfig> => ({
  plugins: [catalogue(), svelte(), svelteTesting()],
  publicDir: false,
  base: './',
  server: {
    host: '127.0.0.1',
    port: Number(process.env['RIPIENO_UI_PORT'] ?? 5173),
    strictPort: true,
    fs: { allow: ['..'] },
    proxy: command === 'serve' ? await worker(process.env['RIPIENO_WEB']) : {},
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: { groups: CHUNKS },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    css: true,
    include: ['test/**/*.spec.ts'],
    setupFiles: ['test/setup.ts'],
    env: { TZ: 'UTC' },
  },
}));
