/**
 * Makes the runs of a suite in another process, which loads its code while the tests are still on: what is left to wait
 * for at the end is the making alone.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import type { TestRun } from './suite.ts';

export interface FinishOrder {
  readonly folder: string;
  /** How long to wait for the servers' reports; 0 unless given. */
  readonly settleMs?: number;
  /** Where a `headwater serve` may be up. */
  readonly port?: number;
}
export type FinishTold = { readonly tests: readonly TestRun[] } | { readonly failure: string };

const SCRIPT = new URL(
  new URL(import.meta.url).pathname.endsWith('.ts')
    ? '../../probe/suite/finish-from-source.mjs'
    : './finish-suite.js',
  import.meta.url,
);

/** The tests come first, as long as there are any: also before its code. */
const LOWEST_PRIORITY = 19;
/** When they are over, whoever waits for the verdicts comes first. */
const USUAL_PRIORITY = 0;

function prioritise(pid: number | undefined, priority: number): void {
  try {
    if (pid) setPriority(pid, priority);
  } catch {
    // Some systems do not let one choose, or only downwards.
  }
}

export class SuiteFinisher {
  private readonly child: ChildProcess;

  constructor() {
    // Its loaders are not the suite's.
    this.child = fork(SCRIPT, { execArgv: [], stdio: 'ignore' });
    this.child.on('error', () => undefined);
    prioritise(this.child.pid, LOWEST_PRIORITY);
    this.child.unref();
    this.child.channel?.unref();
  }

  /** @throws Error with the reason, in a sentence */
  finish(order: FinishOrder): Promise<readonly TestRun[]> {
    const { child } = this;
    prioritise(child.pid, USUAL_PRIORITY);
    return new Promise((resolve, reject) => {
      child.once('message', (told: FinishTold) =>
        'tests' in told ? resolve(told.tests) : reject(new Error(told.failure)),
      );
      child.once('exit', () => reject(new Error('the process that makes them has ended.')));
      child.ref();
      child.channel?.ref();
      child.send(order, (error) => error && reject(error));
    });
  }
}
