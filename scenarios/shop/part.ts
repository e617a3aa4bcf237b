/** A process of the shop, as the starter sees it: started, ready, ended; its output kept in a log file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { INJECTED_VARIABLE, injectedFile } from './injected.ts';

export interface Part {
  readonly name: string;
  readonly pid: number;
  /** Path of the file that takes the process's stdout and stderr. */
  readonly log: string;
  /** Settles when the process is gone: its exit code or the signal that ended it. */
  readonly ended: Promise<string>;
  /** Asks it to end, and ends it after a grace time. Idempotent. */
  stop(): Promise<void>;
}

export interface PartCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly stopSignal?: NodeJS.Signals;
  readonly ipc?: boolean;
}

const STOP_GRACE_MS = 4_000;
/** Starting is CPU-bound; a loaded machine may need many times the usual second. */
const READY_LIMIT_MS = 60_000;

/** Where parts run: the folder that takes their logs, and who must know of every process. */
export interface PartSite {
  readonly dir: string;
  readonly watch: (pid: number) => void;
}

/** Starts a process whose output goes to `<name>.log`. Throws when the command cannot be run at all. */
export async function startPart(
  command: PartCommand,
  site: PartSite,
): Promise<Part & { child: ChildProcess }> {
  const log = join(site.dir, `${command.name}.log`);
  const child = spawnInto(log, command);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  if (child.pid === undefined) throw new Error(`${command.name} could not be started: ${await ended}.`);
  site.watch(child.pid);
  const stop = once(() => stopProcess(child, ended, command.stopSignal ?? 'SIGTERM'));
  return { name: command.name, pid: child.pid, log, ended, stop, child };
}

function spawnInto(log: string, { command, args, env, cwd, user, ipc }: PartCommand): ChildProcess {
  const output = openSync(log, 'a');
  try {
    return spawn(command, args, {
      stdio: ['ignore', output, output, ...(ipc ? (['ipc'] as const) : [])],
      detached: true, // Ctrl-C is for the starter, which ends the parts in order
      env: { ...process.env, ...env },
      ...(cwd ? { cwd } : {}),
      ...user,
    });
  } finally {
    closeSync(output);
  }
}

async function stopProcess(
  child: ChildProcess,
  ended: Promise<string>,
  signal: NodeJS.Signals,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await ended;
  clearTimeout(overdue);
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}

export interface NodePartCommand {
  readonly name: string;
  /** The module to run: its path beside this file, without the ending. */
  readonly module: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A Node process that is loading, and may be waiting for what it can only be told when other parts run. */
export interface LoadingPart<Ready> {
  /** Sends it the addresses that it waits for, if any, and waits for what it announces. */
  begin(addresses?: Readonly<Record<string, string>>): Promise<{ part: Part; ready: Ready }>;
  stop(): Promise<void>;
}

/** Starts a Node process that calls `announceReady`. */
export async function loadNodePart<Ready>(
  { name, module, args = [], env }: NodePartCommand,
  site: PartSite,
): Promise<LoadingPart<Ready>> {
  const noting = { [INJECTED_VARIABLE]: injectedFile(site.dir), ...env };
  const part = await startPart({ name, ...nodeCommand(module, args), env: noting, ipc: true }, site);
  const ready = readinessOf<Ready>(part);
  ready.catch(() => part.stop()); // may fail before anybody waits for it
  const begin = async (addresses?: Readonly<Record<string, string>>) => {
    if (addresses && part.child.connected) part.child.send({ addresses });
    return { part, ready: await ready };
  };
  return { begin, stop: part.stop };
}

/** The same for a part that waits for nothing. */
export async function startNodePart<Ready>(command: NodePartCommand, site: PartSite) {
  const loading = await loadNodePart<Ready>(command, site);
  return loading.begin();
}

/** Parts run as this file does: from TypeScript sources through a loader, or compiled without one. */
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const LOADER = FROM_SOURCE
  ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
  : [];

/** How to run a module, named by its path beside this file, without the ending. */
export function nodeCommand(module: string, args: readonly string[]): { command: string; args: string[] } {
  const file = fileURLToPath(new URL(`./${module}.${FROM_SOURCE ? 'ts' : 'js'}`, import.meta.url));
  return { command: process.execPath, args: [...LOADER, file, ...args] };
}

function readinessOf<Ready>(part: Part & { child: ChildProcess }): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(notReady(part, `silent for ${READY_LIMIT_MS / 1000} s`)),
      READY_LIMIT_MS,
    );
    const settle = (act: () => void) => {
      clearTimeout(limit);
      act();
    };
    part.child.once('message', (message) => settle(() => resolve((message as { ready: Ready }).ready)));
    part.ended.then((how) => settle(() => reject(notReady(part, how))));
  });
}

/** The error for a part that did not come up, with the last it said. */
export function notReady(part: Pick<Part, 'name' | 'log'>, how: string): Error {
  const said = lastLines(part.log);
  return new Error(`${part.name} did not start (${how}).${said ? ` It said: ${said}` : ''}`);
}

const LAST_LINES = 8;

function lastLines(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').slice(-LAST_LINES).join('\n');
  } catch {
    return '';
  }
}
