/** What Headwater needs of this machine, what each part is for, and how to get it. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findChromium } from '../../probe/chromium.ts';
import { findProgram } from '../../probe/program-path.ts';
import { type Installed, installChromium, installPackage, type OnLine } from './install.ts';
import { run } from './run-program.ts';

export interface Check {
  readonly name: string;
  /** One line: why it is needed. */
  readonly why: string;
  /** `run`: without it no journey runs; `demo`: only the demo shop needs it; `serve`: only when serving. */
  readonly neededFor: 'run' | 'demo' | 'serve';
  /** What was found, or undefined when it is missing. */
  readonly look: () => Promise<string | undefined>;
  /** What to do when it is missing and cannot be installed from here. */
  readonly advice: string;
  readonly install?: (onLine: OnLine) => Promise<Installed>;
}

export const MINIMUM_NODE = [20, 19] as const;

export function checksFor(packageRoot: string): readonly Check[] {
  return [
    {
      name: 'Node.js',
      why: 'runs Headwater',
      neededFor: 'run',
      look: async () => (isNodeNewEnough(process.versions.node) ? process.version : undefined),
      advice: `Install Node.js ${MINIMUM_NODE.join('.')} or newer; this is ${process.version}.`,
    },
    {
      name: 'Chromium',
      why: 'the real browser that walks the journey',
      neededFor: 'run',
      look: async () => versionOf(await findChromium(), /(\d+(\.\d+)+)/),
      advice: 'Set HEADWATER_CHROMIUM to a Chromium or Chrome, or install one.',
      install: installChromium,
    },
    {
      name: 'HAProxy',
      why: 'the load balancer of the demo shop (a small stand-in takes its place without it)',
      neededFor: 'demo',
      look: async () => versionOf(findProgram('haproxy'), /version ([\d.]+)/i, '-v'),
      advice: 'Debian/Ubuntu: sudo apt-get install haproxy; macOS: brew install haproxy.',
      install: (onLine) => installPackage('haproxy', onLine),
    },
    {
      name: 'Viewer',
      why: 'draws the waterfall',
      neededFor: 'serve',
      look: async () => (existsSync(join(packageRoot, 'dist/viewer/index.html')) ? 'built' : undefined),
      advice: 'Run npm run build:viewer.',
    },
    ...[4317, 4318, 4319].map(portCheck),
  ];
}

const PORT_USE: Readonly<Record<number, string>> = {
  4317: 'OTLP/gRPC',
  4318: 'OTLP/HTTP',
  4319: 'viewer and API',
};

const portCheck = (port: number): Check => ({
  name: `Port ${port}`,
  why: `${PORT_USE[port]} of headwater serve`,
  neededFor: 'serve',
  look: async () => ((await isFree(port)) ? 'free' : undefined),
  advice: `Port ${port} is in use: by a headwater serve that runs already, or by another program. The demo takes other ports by itself.`,
});

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export function isNodeNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1]);
}

async function versionOf(
  path: string | undefined,
  pattern: RegExp,
  flag = '--version',
): Promise<string | undefined> {
  if (!path) return undefined;
  const { code, output } = await run(path, [flag]);
  const version = pattern.exec(output)?.[1];
  return code === 0 || version ? `${version ?? 'found'} (${path})` : undefined;
}
