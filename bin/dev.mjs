#!/usr/bin/env node
// `npm run dev`: the collector and API, and the viewer with hot reload in front of them. Ctrl-C ends both.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const serve = spawn(process.execPath, [join(ROOT, 'bin/headwater.mjs'), 'serve'], { stdio: 'inherit' });
const vite = await createServer({ configFile: join(ROOT, 'vite.config.ts') });

let isEnding = false;
async function end(code) {
  if (isEnding) return;
  isEnding = true;
  serve.kill('SIGTERM');
  await vite.close();
  process.exitCode = code;
}
serve.on('exit', (code) => end(code ?? 0));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(0));

await vite.listen();
vite.printUrls();
