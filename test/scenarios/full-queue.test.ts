/** A front that turns first packets away: what a client sees, and that it counts what it cost. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { INJECTED_VARIABLE, readInjected } from '../../scenarios/shop/injected.ts';
import { eventually } from './receivers.ts';

const dir = mkdtempSync(join(tmpdir(), 'headwater-full-queue-'));
const injected = join(dir, 'injected.jsonl');
const started: ChildProcess[] = [];
let target: Server | undefined;

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  target?.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function start(module: string, options: object): Promise<{ child: ChildProcess; port: number }> {
  const file = new URL(`../../scenarios/shop/${module}.ts`, import.meta.url);
  const child = fork(file, [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, [INJECTED_VARIABLE]: injected },
  });
  started.push(child);
  const port = await new Promise<number>((resolve) =>
    child.once('message', (message) => resolve((message as { ready: { port: number } }).ready.port)),
  );
  return { child, port };
}

/** The kernel's word for a connection whose first packet has no answer yet. */
const SYN_SENT = '02';
const waitsFor = (port: number): boolean =>
  readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, , remote, state]) => state === SYN_SENT && remote?.endsWith(port.toString(16).toUpperCase()));

const isLinux = process.platform === 'linux';

it.skipIf(!isLinux)(
  'a dead address takes no connection, refuses none, and ends when it is told to',
  async () => {
    const { child, port } = await start('dead-address', { address: '127.0.0.1', port: 0 });
    const seen: string[] = [];
    const client = connect(port, '127.0.0.1');
    client.once('connect', () => seen.push('connected')).once('error', ({ message }) => seen.push(message));
    await eventually('a first packet without an answer', () => waitsFor(port) || undefined);
    expect(seen).toEqual([]);
    client.destroy();
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    child.kill('SIGTERM');
    expect(await ended).toBe('SIGTERM');
  },
);

it.skipIf(!isLinux)(
  'a relay with a full queue takes the connection at the second try, and says what it cost',
  async () => {
    target = createServer((socket) => socket.end('there'));
    await new Promise<void>((resolve) => target?.listen(0, '127.0.0.1', resolve));
    const address = target.address();
    const rules = [{ fault: 'tcp-accept-blip', fullQueueMs: 0 }];
    const options = { port: typeof address === 'object' ? address?.port : 0, tellsClient: false, rules };
    const { port } = await start('relay', options);
    const client = connect(port, '127.0.0.1');
    const said = await new Promise((resolve) => client.once('data', (bytes) => resolve(String(bytes))));
    expect(said).toBe('there');
    expect(readInjected(injected)).toMatchObject([{ fault: 'tcp-accept-blip' }]);
    expect(readInjected(injected)[0]?.ms).toBeGreaterThan(0);
    client.destroy();
  },
);
