/** Runs the command as a person would, in a home of its own, and gives back what it said. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunReport } from '../../src/model/report.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(ROOT, 'bin/headwater.mjs');

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A store that no other test sees. */
export class Home {
  readonly path = mkdtempSync(join(tmpdir(), 'headwater-home-'));

  get storePath(): string {
    const file = readdirSync(this.path).find((name) => name.endsWith('.db'));
    if (!file) throw new Error(`no store in ${this.path}`);
    return join(this.path, file);
  }

  start(args: readonly string[], env: Record<string, string> = {}, cwd = ROOT) {
    return spawn(process.execPath, [COMMAND, ...args], {
      cwd,
      env: { ...process.env, HEADWATER_HOME: this.path, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  run(...args: readonly string[]): Promise<Said> {
    return ended(this.start(args));
  }

  runWith(env: Record<string, string>, ...args: readonly string[]): Promise<Said> {
    return ended(this.start(args, env));
  }

  runIn(folder: string, ...args: readonly string[]): Promise<Said> {
    return ended(this.start(args, {}, folder));
  }

  runAs(env: Record<string, string>, folder: string, ...args: readonly string[]): Promise<Said> {
    return ended(this.start(args, env, folder));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** What it said until then. */
export function ended(child: ReturnType<Home['start']>): Promise<Said> {
  return new Promise((resolve, reject) => {
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      said.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said.stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
  });
}

export function reportIn(said: Said): RunReport {
  if (said.stdout.trim() === '') throw new Error(`nothing on stdout; stderr: ${said.stderr}`);
  return JSON.parse(said.stdout) as RunReport;
}
