/** Gets what is missing: Playwright's browser, or a package of the system where that can be had without a password. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findProgram } from '../../probe/program-path.ts';
import { run } from './run-program.ts';

export type OnLine = (line: string) => void;

/** Undefined when it worked, otherwise a sentence that says what to do by hand. */
export type Installed = string | undefined;

export async function installChromium(onLine: OnLine): Promise<Installed> {
  onLine('playwright install chromium');
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright/package.json')), 'cli.js');
  const { code } = await run(process.execPath, [cli, 'install', 'chromium'], {
    onLine: (line) => {
      if (/^Downloading|\d+%/.test(line)) onLine(line);
    },
  });
  if (code === 0) return undefined;
  onLine('it could not be downloaded; trying the packages of the system');
  return installPackage('chromium', onLine);
}

export async function installPackage(name: string, onLine: OnLine): Promise<Installed> {
  const byHand = `Install the package "${name}" by hand (Debian/Ubuntu: sudo apt-get install ${name}; macOS: brew install ${name}).`;
  const brew = findProgram('brew');
  if (process.platform === 'darwin' && brew) return installWith([brew, 'install', name], onLine, byHand);
  const apt = findProgram('apt-get');
  const prefix = await rootPrefix();
  if (!apt || !prefix) return byHand;
  await runAs([...prefix, apt, 'update', '-qq'], onLine);
  return installWith([...prefix, apt, 'install', '-y', '--no-install-recommends', name], onLine, byHand);
}

async function installWith(command: readonly string[], onLine: OnLine, byHand: string): Promise<Installed> {
  const code = await runAs(command, onLine);
  return code === 0 ? undefined : byHand;
}

async function runAs([program, ...args]: readonly string[], onLine: OnLine): Promise<number> {
  onLine([program, ...args].join(' '));
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  return (await run(program ?? '', args, { env })).code;
}

/** Nothing in front for root, `sudo -n` where it asks for no password, undefined where we must not try. */
async function rootPrefix(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  if (!sudo) return undefined;
  return (await run(sudo, ['-n', 'true'])).code === 0 ? [sudo, '-n'] : undefined;
}
