/** What has become slower in a journey, as signals for the alerts. */
import { signalOf } from '../analyse/shift/signal-of.ts';
import type { Shift } from '../model/shift.ts';
import type { Signal } from '../model/signal.ts';
import { shiftsOf } from './shifts.ts';

/** Of the largest that began with it: what is less comes along with that one, and nobody is called for it. */
const WORTH_A_CALL = 0.2;
/** The place of a change is known to so many runs. */
const RUNS_UNSURE = 2;

export function shiftSignals(
  journey: string,
  site: string,
  store: Parameters<typeof shiftsOf>[2],
  nowUnixMs: number,
): Signal[] {
  const shifts = shiftsOf(journey, site, store, nowUnixMs);
  return shifts.filter((shift) => !comesAlong(shift, shifts)).flatMap((shift) => signalOf(shift) ?? []);
}

/**
 * ```
 * // database   . . . . . ######### 700 ms
 * // service    . . . . . . #######  40 ms      the same change, on a machine that the database keeps busy
 * ```
 */
export const comesAlong = (shift: Shift, all: readonly Shift[]): boolean =>
  all.some(
    (other) =>
      other.conditions === shift.conditions &&
      other.direction === shift.direction &&
      Math.abs(other.after.runs - shift.after.runs) <= RUNS_UNSURE &&
      Math.abs(shift.partNs) < WORTH_A_CALL * Math.abs(other.partNs),
  );
