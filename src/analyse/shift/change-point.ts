/**
 * Where a row of values changes: every place is tried, and the one is taken that chance explains worst.
 *
 * ```
 * // values   x x xx x x x x | o oo o
 * // places         3 3 3 3  1  3 3      how probable by chance, as a power of ten: least at the bar
 * ```
 */
import { chanceOf } from './rank-test.ts';

export interface ChangePoint {
  /** Place of the first value after the change. */
  readonly at: number;
  readonly isLonger: boolean;
  /** By chance, either way, at this place. */
  readonly chance: number;
}

/** Three values in a row are odd often enough, when every run is asked about. */
const LEAST_AFTER = 4;
/** With fewer before, nobody knows what they are like. */
const LEAST_BEFORE = 20;

export function changePointOf(values: readonly number[]): ChangePoint | undefined {
  let best: ChangePoint | undefined;
  let [shorter, longer] = [0, 0];
  for (let at = values.length - 1; at >= LEAST_BEFORE; at--) {
    [shorter, longer] = movedOver(values, at, shorter, longer);
    const after = values.length - at;
    if (after < LEAST_AFTER) continue;
    const [up, down] = [chanceOf(at, after, shorter), chanceOf(at, after, longer)];
    const chance = Math.min(1, 2 * Math.min(up, down));
    if (best === undefined || chance < best.chance) best = { at, isLonger: up < down, chance };
  }
  return best;
}

/** Pairs (before, after) that are not longer, and not shorter, when the value at this place comes to those after it. */
function movedOver(
  values: readonly number[],
  at: number,
  shorter: number,
  longer: number,
): [shorter: number, longer: number] {
  const value = values[at]!;
  for (let i = 0; i < at; i++) {
    if (value <= values[i]!) shorter++;
    if (value >= values[i]!) longer++;
  }
  for (let i = at + 1; i < values.length; i++) {
    if (values[i]! <= value) shorter--;
    if (values[i]! >= value) longer--;
  }
  return [shorter, longer];
}
