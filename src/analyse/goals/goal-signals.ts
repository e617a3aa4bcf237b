/** What a journey's last runs say of its goals that somebody should know: it fails, it is over budget, it burns. */
import type { JourneyGoals } from '../../model/goals.ts';
import type { RunOutcome } from '../../model/journey.ts';
import type { Signal } from '../../model/signal.ts';
import { budgetSignals } from './budget-signals.ts';
import { burnSignals } from './burn-signals.ts';
import { failingSignals } from './failing-signals.ts';
import { startMsOf } from './run-tally.ts';

/**
 * @param goals undefined for a journey of which nothing was agreed on: it may fail all the same
 * @param outcomes of that journey at that site, in any order, of the objective's days; older ones do no harm
 */
export function goalSignals(
  journey: string,
  site: string,
  goals: JourneyGoals | undefined,
  outcomes: readonly RunOutcome[],
  nowUnixMs: number,
): Signal[] {
  const runs = outcomes
    .filter((run) => run.status !== 'running' && startMsOf(run) <= nowUnixMs)
    .sort((a, b) => startMsOf(a) - startMsOf(b));
  const past = { journey, site, runs, nowMs: nowUnixMs };
  return [
    ...failingSignals(past),
    ...budgetSignals(past, goals?.budgets ?? []),
    ...(goals?.objective ? burnSignals(past, goals.objective) : []),
  ];
}
