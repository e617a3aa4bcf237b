#!/usr/bin/env node
// The `headwater` command. A published package holds compiled code in dist/; a checkout runs its TypeScript as it is.
import { existsSync } from 'node:fs';

const source = new URL('../src/cli/main.ts', import.meta.url);
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api').catch(() => {
    process.stderr.write('headwater: the dependencies are not installed. Run: npm ci\n');
    process.exit(3);
  });
  register();
  await import(source.href);
} else {
  await import(new URL('../dist/src/cli/main.js', import.meta.url).href);
}
