/** Starts the real Alertmanager (Debian: `prometheus-alertmanager`) on a free port of loopback, by itself, with a folder of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../probe/program-path.ts';

export const ALERTMANAGER = findProgram('prometheus-alertmanager') ?? findProgram('alertmanager');

const START_MS = 30_000;

/** @param tellUrl where it sends its own notifications */
export async function startAlertmanager(program: string, tellUrl: string) {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-alertmanager-'));
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(
    file,
    `route: { receiver: test, group_by: [layer], group_wait: 1s, group_interval: 500ms, repeat_interval: 1h }
receivers: [{ name: test, webhook_configs: [{ url: '${tellUrl}', send_resolved: true }] }]
`,
  );
  const port = await freePort();
  const child = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error('Alertmanager did not start.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    async stop(): Promise<void> {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const isReady = async (url: string): Promise<boolean> =>
  (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address ? address.port : 0;
}
