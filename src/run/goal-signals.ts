/** What the stored runs of a journey say of its goals: what is asked after each scheduled run. */
import { RUNS_JUDGED } from '../analyse/goals/budget-signals.ts';
import { DAY_MS } from '../analyse/goals/burn-rate.ts';
import { goalSignals } from '../analyse/goals/goal-signals.ts';
import type { JourneyGoals } from '../model/goals.ts';
import type { RunOutcome } from '../model/journey.ts';
import type { Signal } from '../model/signal.ts';
import { unixNanoFromMs } from '../model/time.ts';
import type { Store } from '../store/store.ts';

/** A run a minute for ten weeks: more than anybody schedules in the period of an objective. */
const RUNS_OF_PERIOD = 100_000;
/** Without an objective only the last runs matter: enough to find since when, and one from before. */
const RECENT_RUNS = 50 * RUNS_JUDGED;

export function goalSignalsFrom(
  store: Pick<Store, 'outcomes'>,
  journey: string,
  site: string,
  goals: JourneyGoals | undefined,
  nowUnixMs: number,
): Signal[] {
  return goalSignals(journey, site, goals, pastRuns(store, journey, site, goals, nowUnixMs), nowUnixMs);
}

function pastRuns(
  store: Pick<Store, 'outcomes'>,
  journey: string,
  site: string,
  goals: JourneyGoals | undefined,
  nowUnixMs: number,
): RunOutcome[] {
  const recent = store.outcomes(RECENT_RUNS, { journey, site });
  if (!goals?.objective) return recent;
  const sinceUnixNano = unixNanoFromMs(nowUnixMs - goals.objective.days * DAY_MS);
  const ofPeriod = store.outcomes(RUNS_OF_PERIOD, { journey, site, sinceUnixNano });
  return ofPeriod.length > recent.length ? ofPeriod : recent;
}
