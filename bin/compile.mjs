#!/usr/bin/env node
// Compiles what the published package runs: TypeScript to dist/ (or the folder that is given), and beside it the files
// that are not code.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = resolve(process.argv[2] ?? join(ROOT, 'dist'));
const COMPILED = ['src', 'probe', 'scenarios'];

for (const folder of COMPILED) rmSync(join(OUT, folder), { recursive: true, force: true });
const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', OUT], {
  cwd: ROOT,
  // npm pack's own stdout is for the tarball's name.
  stdio: ['ignore', 2, 2],
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
for (const folder of COMPILED)
  cpSync(join(ROOT, folder), join(OUT, folder), {
    recursive: true,
    filter: (path) => extname(path) !== '.ts',
  });

// What loads within somebody's suite, in its command, each of its workers and beside them, is a few files: their five
// hundred parts take half a second of a processor, and some of it before the first test.
await build({
  configFile: false,
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: true,
    target: 'node20',
    outDir: join(OUT, 'suite'),
    emptyOutDir: true,
    // Those of the libraries that are in them.
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      input: [
        'probe/suite/playwright.ts',
        'probe/suite/preload.ts',
        'src/cli/playwright-reporter.ts',
        'src/run/finish-suite.ts',
      ].map((file) => join(ROOT, file)),
      // The suite's own, and one whose binary stands beside it.
      external: [/^@playwright\/test/, 'libsql'],
      // In one folder, in which they find each other.
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
});
