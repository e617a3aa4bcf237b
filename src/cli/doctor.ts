/** `headwater doctor`: what is missing on this machine, why it matters, and how to get it. */
import { type Command, Option } from 'commander';
import { type Check, checksFor } from '../doctor/checks.ts';
import { CONFIG_LINES } from '../doctor/config-lines.ts';
import { DEFAULT_VIEWER_PORT } from '../serve/viewer-port.ts';
import { print, say, sayDone, sayFailed, sayStarting } from './console.ts';
import { type DnsMode, dnsMode } from './dns-option.ts';
import type { TargetOptions } from './doctor-target.ts';
import { collect, httpAddress, milliseconds, port } from './options.ts';
import { PACKAGE_ROOT } from './package-root.ts';
import { EXIT, UserError } from './user-error.ts';

interface DoctorOptions {
  readonly install?: boolean;
  readonly for?: string;
  readonly quiet?: boolean;
  readonly config?: string;
}

/** What only `--target` reads. */
type TargetFlags = Omit<TargetOptions, 'target'> & { readonly target?: string };

export function addDoctor(command: Command): void {
  command
    .option('--install', "install what is missing: Playwright's browser, else the system's packages")
    .option('--for <use>', 'only what this needs: run, demo or serve')
    .option('--quiet', 'speak only of what is missing')
    .option(
      '--config <server>',
      `print the lines that make it speak: ${Object.keys(CONFIG_LINES).join(', ')}`,
    )
    .option(
      '--target <address>',
      'visit a site: which layers can be seen, and the lines that reveal the next',
      httpAddress,
    )
    .addOption(
      new Option('--dns <mode>', 'with --target, as for run').argParser(dnsMode).default(FORWARD, 'forward'),
    )
    .option('--pin <sha256>', 'with --target: trust the certificate with this SPKI pin (repeatable)', collect)
    .option('--timeout <ms>', 'with --target: give up the visit after', milliseconds, 60_000)
    .option('--settle <ms>', "with --target: wait this long for the servers' reports", milliseconds, 6_000)
    .option(
      '-p, --port <port>',
      'with --target: where a headwater serve may be up',
      port,
      DEFAULT_VIEWER_PORT,
    )
    .option(
      '--dns-root <server>',
      'with --target: begin cold look-ups here instead of at the public roots (repeatable)',
      collect,
    )
    .option('--json', 'with --target: one JSON object on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  headwater doctor\n  headwater doctor --install\n  headwater doctor --config haproxy\n  headwater doctor --target https://your.site/',
    )
    .action(async (options: DoctorOptions & TargetFlags) => {
      if (options.target !== undefined) await examineSite({ ...options, target: options.target });
      else if (options.config !== undefined) printConfig(options.config);
      else if (!(await examine(options))) process.exitCode = EXIT.environment;
    });
}

const FORWARD: DnsMode = { mode: 'forward' };

/** Loaded only when it is asked for: a browser is needed for it. */
async function examineSite(options: TargetOptions): Promise<void> {
  const { examineTarget } = await import('./doctor-target.ts');
  await examineTarget(options);
}

function printConfig(server: string): void {
  const lines = Object.hasOwn(CONFIG_LINES, server) ? CONFIG_LINES[server] : undefined;
  if (lines) print(lines);
  else throw new UserError(`No lines are known for "${server}": ${Object.keys(CONFIG_LINES).join(', ')}.`);
}

/** `run` needs the least, `demo` that and more. */
const NEEDS: Readonly<Record<string, readonly Check['neededFor'][]>> = {
  run: ['run'],
  demo: ['run', 'demo'],
  serve: ['serve'],
};

/** True when everything that is needed is there (a busy port is told, but is no lack). */
export async function examine(options: DoctorOptions): Promise<boolean> {
  const needs = NEEDS[options.for ?? ''] ?? ['run', 'demo', 'serve'];
  let complete = true;
  for (const check of checksFor(PACKAGE_ROOT).filter((c) => needs.includes(c.neededFor))) {
    const found = await check.look();
    if (found === undefined) complete = (await mend(check, options)) && complete;
    else if (!options.quiet) sayDone(check.name, found);
  }
  if (complete && !options.quiet) say('Everything needed is here.');
  return complete;
}

async function mend(check: Check, { install }: DoctorOptions): Promise<boolean> {
  sayFailed(`${check.name} is missing: ${check.why}.`);
  if (!install || !check.install) {
    say(`  ${check.advice}${check.install ? ' Or: headwater doctor --install' : ''}`);
    return check.neededFor === 'serve';
  }
  sayStarting(check.name, 'installing');
  const startMs = performance.now();
  const advice = await check.install((line) => sayStarting(check.name, line.slice(0, 100)));
  const found = await check.look();
  if (found === undefined) {
    say(`  It could not be installed from here. ${advice ?? check.advice}`);
    return false;
  }
  sayDone(check.name, `${found}, installed in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  return true;
}
