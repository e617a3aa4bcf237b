/** The results so far: one JSON line a run, appended at once, so that nothing that was run is ever lost. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/cli/package-root.ts';
import type { Judged } from './judge.ts';

export interface Result {
  /** The case, and which of its runs: `dns-slow=150 seed 1 #2`. */
  readonly key: string;
  /** Of the code that was judged, and of the parts it was judged with. */
  readonly version: string;
  readonly commit: string;
  readonly atUnixMs: number;
  /** What the whole run took, browser and waiting included. */
  readonly tookMs: number;
  /** Percent of the 10 s before its end in which some task waited for a CPU. */
  readonly waitingForCpu?: number;
  readonly traceId?: string;
  readonly judged?: Judged;
  /** The same run beside earlier ones; missing when there were too few. */
  readonly compared?: Judged;
  /** The case could not be run; it says why. */
  readonly broken?: string;
}

export const runKey = (caseKey: string, run: number): string => `${caseKey} #${run + 1}`;

export function appendResult(file: string, result: Result): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}

/** A line that a kill cut off is left out: its run is done again. */
export function readResults(file: string): Result[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line ? [JSON.parse(line) as Result] : [];
      } catch {
        return [];
      }
    });
}

const JUDGED_CODE = ['src', 'probe', 'scenarios'];

/** Twelve hex digits over all that can change a result: the code, not its tests or documents. */
export function codeVersion(root: string = PACKAGE_ROOT): string {
  const hash = createHash('sha256');
  for (const folder of JUDGED_CODE)
    for (const file of filesBelow(join(root, folder)))
      hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

function* filesBelow(path: string): Generator<string> {
  for (const name of readdirSync(path).sort()) {
    const inside = join(path, name);
    if (statSync(inside).isDirectory()) yield* filesBelow(inside);
    else yield inside;
  }
}

/** `7689526`, with a `+` when the code differs from it; empty outside of a checkout. */
export function commitName(root: string = PACKAGE_ROOT): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    const isChanged = git('status', '--porcelain', '--', ...JUDGED_CODE) !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return '';
  }
}
