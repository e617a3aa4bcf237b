/** A start over what an earlier program left: what it had begun is broken off, what it owed is owed by the policy. */

import { ended, type JourneyState } from './journey-state.ts';
import { ON_TIME_MS, skipOwed } from './plan.ts';
import type { PlannedJourney } from './planned.ts';

/**
 * @param journey as it is planned now; undefined when it is planned no more
 * @returns the state to go on from; of a journey that is gone, the last one
 */
export function recovered(
  journey: PlannedJourney | undefined,
  state: JourneyState,
  now: number,
): JourneyState {
  const { askedUnixMs: _, ...rest } = ended(state, 'broken_off', undefined);
  if (!journey) return skipOwed(rest, rest.owed, 'removed');
  const late = rest.owed.filter((slot) => now - slot > journey.jitterMs + ON_TIME_MS);
  const left = skipOwed(rest, forgiven(journey, late), 'missed');
  if (left.times === journey.times) return left;
  // It got other times while nobody looked: they count from now on.
  const decidedUntilUnixMs = Math.max(now, left.decidedUntilUnixMs);
  return { ...left, times: journey.times, timesSinceUnixMs: now, decidedUntilUnixMs };
}

/** What of the slots that are late need not be walked any more. */
function forgiven({ catchUp }: PlannedJourney, late: readonly number[]): readonly number[] {
  if (catchUp === 'skip') return late;
  return catchUp === 'once' ? late.slice(0, -1) : [];
}
