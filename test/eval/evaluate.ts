/** Runs the cases one after the other; a case that breaks is a result too, and does not stop the rest. */
import { messageOf } from '../../src/cli/user-error.ts';
import type { Case } from './plan.ts';
import { waitingForCpu } from './quiet-machine.ts';
import { type Result, runKey } from './results.ts';
import type { RunningCase, Stage } from './stage.ts';

export interface EvaluateOptions {
  readonly version: string;
  readonly commit: string;
  /** Keys of runs that need not be done again. */
  readonly done: ReadonlySet<string>;
  readonly signal: AbortSignal;
  readonly onResult: (result: Result) => void;
}

export async function evaluate(
  cases: readonly Case[],
  stage: Stage,
  options: EvaluateOptions,
): Promise<void> {
  for (const asked of cases) {
    const missing = missingRuns(asked, options.done);
    if (missing.length > 0 && !options.signal.aborted) await evaluateCase(asked, missing, stage, options);
  }
}

export const missingRuns = ({ key, runs }: Case, done: ReadonlySet<string>): string[] =>
  Array.from({ length: runs }, (_, run) => runKey(key, run)).filter((run) => !done.has(run));

async function evaluateCase(
  asked: Case,
  keys: readonly string[],
  stage: Stage,
  { version, commit, signal, onResult }: EvaluateOptions,
): Promise<void> {
  const left = [...keys];
  let startMs = performance.now();
  const tell = (told: Partial<Result>) => {
    const nowMs = performance.now();
    const tookMs = Math.round(nowMs - startMs);
    const measured = { atUnixMs: Date.now(), tookMs, waitingForCpu: waitingForCpu() };
    onResult({ key: left.shift()!, version, commit, ...measured, ...told });
    startMs = nowMs;
  };
  let shop: RunningCase | undefined;
  try {
    shop = await stage.startShop(asked);
    while (left.length > 0 && !signal.aborted) {
      const told = await shop.run().catch((error: unknown) => ({ broken: messageOf(error) }));
      if (!signal.aborted) tell(told); // half a run says nothing
    }
    await shop.stop();
  } catch (error) {
    await shop?.stop().catch(() => {});
    while (left.length > 0 && !signal.aborted) tell({ broken: messageOf(error) });
  }
}
