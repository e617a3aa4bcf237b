/** What every signal about a journey's goals has. */
import type { RunOutcome } from '../../model/journey.ts';
import type { Signal, SignalKind } from '../../model/signal.ts';
import { guiltyInWords } from './goal-words.ts';
import { guiltyOf } from './guilty-of-runs.ts';
import { startMsOf } from './run-tally.ts';

/** What signals are made from: one journey at one site. */
export interface GoalPast {
  readonly journey: string;
  readonly site: string;
  /** Finished, oldest first. */
  readonly runs: readonly RunOutcome[];
  readonly nowMs: number;
}

/** Whatever the names hold, a store can keep it and no two are alike. */
export const signalKey = (
  kind: SignalKind,
  { journey, site }: Pick<GoalPast, 'journey' | 'site'>,
  step: string | null,
  of = '',
): string => JSON.stringify([kind, journey, site, step, of]);

/** @param shown the runs that show it, oldest first, at least one; @param runs all of them, oldest first */
export function factsOf(
  shown: readonly RunOutcome[],
  runs: readonly RunOutcome[],
): Pick<Signal, 'sinceUnixMs' | 'guilty' | 'traceId' | 'usualTraceId' | 'next'> {
  const [first, newest] = [shown[0]!, shown.at(-1)!];
  const sinceUnixMs = Math.floor(startMsOf(first));
  const usual = runs.findLast((run) => run.healthy && startMsOf(run) < sinceUnixMs);
  const guilty = guiltyOf(shown);
  return {
    sinceUnixMs,
    ...(guilty && { guilty }),
    traceId: newest.traceId,
    ...(usual && { usualTraceId: usual.traceId }),
    next: usual
      ? `Compare run ${newest.traceId.slice(0, 8)} with ${usual.traceId.slice(0, 8)}, the last one before that had no problem.`
      : `Open run ${newest.traceId.slice(0, 8)}: its verdict names the part, and what to look at.`,
  };
}

/** `: lock wait in postgresql`, or nothing. */
export const becauseOf = (runs: readonly RunOutcome[]): string => {
  const guilty = guiltyOf(runs);
  return guilty ? `: ${guiltyInWords(guilty)}` : '';
};
