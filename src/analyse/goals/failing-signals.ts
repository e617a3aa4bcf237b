/** A journey that fails, and not by a hiccup. */
import type { Signal } from '../../model/signal.ts';
import { becauseOf, factsOf, type GoalPast, signalKey } from './signal-facts.ts';

/** One run fails of many causes that are gone with the next; a failed run and its failed retry are two. */
export const FAILED_IN_A_ROW = 2;
/** Of so many last runs it is told how many failed. */
const RUNS_TOLD = 5;

export function failingSignals(past: GoalPast): Signal[] {
  const { journey, site, runs } = past;
  const row = runs.slice(runs.findLastIndex(({ status }) => status === 'ok') + 1);
  if (row.length < FAILED_IN_A_ROW) return [];
  const last = runs.slice(-RUNS_TOLD);
  const failed = last.filter(({ status }) => status === 'failed').length;
  return [
    {
      kind: 'failing',
      key: signalKey('failing', past, null),
      severity: 'page',
      journey,
      site,
      step: failedStep(row.at(-1)!.steps),
      ...factsOf(row, runs),
      sentence: `${journey} fails: ${row.length} runs in a row${becauseOf(row)}.`,
      evidence: row.at(-1)!.sentence,
      change: `${failed} of the last ${last.length} runs failed`,
    },
  ];
}

const failedStep = (steps: GoalPast['runs'][number]['steps']): string | null =>
  steps.find(({ status }) => status === 'failed')?.name ?? null;
