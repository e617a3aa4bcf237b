/**
 * Makes the runs of a suite in another process while its tests are on: what is left to wait for at the end is what
 * could not be made before.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { LOWEST_PRIORITY, prioritise, USUAL_PRIORITY } from './priority.ts';
import type { TestRun } from './suite.ts';

export interface SuiteBegun {
  readonly folder: string;
  /** Where a `headwater serve` may be up. */
  readonly port?: number;
}
export interface SuiteOver {
  /** How long to wait for the servers' reports; 0 unless given. */
  readonly settleMs?: number;
}
export type FinishTold = { readonly tests: readonly TestRun[] } | { readonly failure: string };

const SCRIPT = new URL(
  new URL(import.meta.url).pathname.endsWith('.ts')
    ? '../../probe/suite/finish-from-source.mjs'
    : './finish-suite.js',
  import.meta.url,
);

export class SuiteFinisher {
  private readonly child: ChildProcess;
  private readonly told: Promise<FinishTold>;

  constructor(begun: SuiteBegun) {
    // Its loaders are not the suite's.
    const child = fork(SCRIPT, { execArgv: [], stdio: 'ignore' });
    this.child = child;
    this.told = new Promise((resolve) => {
      child.once('message', resolve);
      child.once('error', ({ message }) => resolve({ failure: message }));
      child.once('exit', () => resolve({ failure: 'the process that makes them has ended.' }));
    });
    prioritise(child.pid, LOWEST_PRIORITY);
    child.send(begun, () => undefined);
    child.unref();
    child.channel?.unref();
  }

  /** @throws Error with the reason, in a sentence */
  async finish(over: SuiteOver): Promise<readonly TestRun[]> {
    const { child } = this;
    prioritise(child.pid, USUAL_PRIORITY);
    child.ref();
    child.channel?.ref();
    child.send(over, () => undefined);
    const told = await this.told;
    child.unref();
    if ('tests' in told) return told.tests;
    throw new Error(told.failure);
  }
}
