/** A shop whose starter is killed outright: nothing of it may stay. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findProgram } from '../../probe/program-path.ts';
import { eventually } from './receivers.ts';

interface Started {
  readonly folder: string;
  readonly pids: number[];
}

/** Faults with a part that stands still and hears of nothing. */
const STANDING_STILL = ['lb-dead-server', 'lb-silent-server'];

const START = `
import { dirname } from 'node:path';
import { startShop } from '${new URL('../../scenarios/shop/start.ts', import.meta.url)}';
import { parseFault } from '${new URL('../../scenarios/faults/index.ts', import.meta.url)}';
const faults = ${JSON.stringify(findProgram('haproxy') ? STANDING_STILL : [])}.map(parseFault);
const shop = await startShop({ otlpUrl: 'http://127.0.0.1:9', syslogPort: 9, faults });
process.stdout.write(JSON.stringify({ folder: dirname(shop.parts[0].log), pids: shop.parts.map((part) => part.pid) }));
setInterval(() => {}, 1000);
`;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('ends with its starter, even when that is killed', async () => {
  const cwd = dirname(fileURLToPath(new URL('../../package.json', import.meta.url)));
  const starter = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', START], { cwd });
  let said = '';
  starter.stdout.on('data', (bytes) => {
    said += bytes;
  });
  while (!said.endsWith('}')) await new Promise((resolve) => setTimeout(resolve, 50));
  const { folder, pids } = JSON.parse(said) as Started;
  expect(pids.every(isAlive)).toBe(true);
  starter.kill('SIGKILL');
  await eventually('every part to end', () => (pids.some(isAlive) ? undefined : true));
  await eventually('the folder to go', () => (existsSync(folder) ? undefined : true));
});
