/** A change that is there because of a much larger one: it is told with that, and nobody is called for it. */
import type { Shift } from '../../model/shift.ts';
import { RUNS_UNSURE } from './shift-of.ts';

/** Of the other's: what is less has no call of its own. */
const WORTH_A_CALL = 0.2;

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
