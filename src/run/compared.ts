/** What a run is compared with: another one, what is usual for its journey, or, when nobody says, the better of both. */
import { compare } from '../analyse/compare/compare.ts';
import { compareWithUsual } from '../analyse/compare/usual.ts';
import type { CompareChoice, CompareChoices, Comparison } from '../model/comparison.ts';
import type { RunSummary, RunView } from '../model/report.ts';
import type { Usual } from './usual.ts';

/** The word that stands for what is usual, where a trace ID could stand. */
export const USUAL = 'normal';
/** Nobody looks for a run further down a list than this. */
const RUNS_OFFERED = 100;
const RUNS_LOOKED_AT = 500;

export interface Comparables {
  runs(limit?: number): readonly RunSummary[];
  run(traceId: string): RunView | undefined;
  readonly usual?: Usual;
}

/** @throws Error whose message is a sentence for the person, when too few runs are known to tell what is usual */
export function comparedWithUsual(view: RunView, store: Comparables): Comparison {
  const normal = store.usual?.(view);
  if (!normal)
    throw new Error(
      'Nobody knows yet what is usual for this journey: it takes five earlier runs that ended well and without a problem. Compare with another run.',
    );
  return compareWithUsual(view, normal);
}

export const comparedWithRun = (view: RunView, other: RunView): Comparison => compare(view, other);

export function compareChoices(view: RunView, store: Comparables): CompareChoices {
  const { journey, traceId, startUnixNano } = view.report;
  const others = store
    .runs(RUNS_LOOKED_AT)
    .filter((run) => run.status !== 'running' && run.traceId !== traceId)
    .map(choiceOf);
  const ofJourney = others.filter((run) => run.journey === journey);
  const before = ofJourney.find((run) => BigInt(run.startUnixNano) <= BigInt(startUnixNano));
  const usualRuns = store.usual?.(view)?.runs ?? null;
  return {
    a: choiceOf({ ...view.report }),
    usualRuns,
    runs: [...ofJourney, ...others.filter((run) => run.journey !== journey)].slice(0, RUNS_OFFERED),
    first: usualRuns !== null ? USUAL : (before?.traceId ?? ofJourney.at(-1)?.traceId ?? null),
  };
}

const choiceOf = (
  run: Omit<CompareChoice, 'status'> & { readonly status: RunSummary['status'] },
): CompareChoice => ({
  traceId: run.traceId,
  startUnixNano: run.startUnixNano,
  wallNs: run.wallNs,
  status: run.status === 'failed' ? 'failed' : 'ok',
  journey: run.journey,
});
