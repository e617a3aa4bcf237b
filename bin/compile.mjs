#!/usr/bin/env node
// Compiles what the published package runs: TypeScript to dist/, and beside it the files that are not code.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMPILED = ['src', 'probe', 'scenarios'];

for (const folder of COMPILED) rmSync(join(ROOT, 'dist', folder), { recursive: true, force: true });
const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: ROOT,
  // npm pack's own stdout is for the tarball's name.
  stdio: ['ignore', 2, 2],
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
for (const folder of COMPILED)
  cpSync(join(ROOT, folder), join(ROOT, 'dist', folder), {
    recursive: true,
    filter: (path) => extname(path) !== '.ts',
  });
