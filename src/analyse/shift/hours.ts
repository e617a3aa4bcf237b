/**
 * Time of day, where it matters: only when earlier days show that this layer takes another time at these hours than at
 * the others. Then what is usual is what was usual at these hours.
 *
 * ```
 * // earlier days   ....::::.... ....::::.... ....::::....       : at these hours, . at the others
 * // today          ....oooo                                     no change, though it is one against the morning
 * ```
 */
import type { Nanos } from '../../model/time.ts';
import { percentile } from '../journey/percentile.ts';
import { chanceOf, pairsAgainst } from './rank-test.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far from the hours in question still counts as the same time of day. */
const REACH_MS = 1.5 * HOUR_MS;
/** Either group must have as many runs, on as many days, or nobody knows what the days have in common. */
const LEAST_RUNS = 12;
const LEAST_DAYS = 3;
/** One question a layer, asked only of what looks like a change already. */
const BY_CHANCE = 0.001;
/** Of the change in question: hours that explain less of it do not matter. */
const EXPLAINS = 0.3;

export interface Times {
  readonly unixMs: readonly number[];
  readonly evened: ReadonlyMap<number, Nanos>;
}

/**
 * @param earlier places of runs before those that were looked at
 * @returns places of the runs at this time of day; undefined when it does not matter
 */
export function atThisHour(
  earlier: readonly number[],
  { after, ns }: { readonly after: readonly number[]; readonly ns: Nanos },
  times: Times,
): number[] | undefined {
  const [fromMs, toMs] = [times.unixMs[after[0]!]! - REACH_MS, times.unixMs[after.at(-1)!]! + REACH_MS];
  if (toMs - fromMs >= DAY_MS) return undefined;
  const isThen = (at: number) => modulo(times.unixMs[at]! - fromMs, DAY_MS) <= toMs - fromMs;
  const then = earlier.filter(isThen);
  const otherwise = earlier.filter((at) => !isThen(at));
  if (![then, otherwise].every((places) => isEnough(places, times))) return undefined;
  const [a, b] = [then, otherwise].map((places) => places.map((at) => times.evened.get(at)!)) as [
    Nanos[],
    Nanos[],
  ];
  const byHourNs = percentile(a, 50) - percentile(b, 50);
  return byHourNs / ns >= EXPLAINS && chanceEither(a, b) <= BY_CHANCE ? then : undefined;
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;

const isEnough = (places: readonly number[], { unixMs }: Times): boolean =>
  places.length >= LEAST_RUNS &&
  new Set(places.map((at) => Math.floor(unixMs[at]! / DAY_MS))).size >= LEAST_DAYS;

const chanceEither = (a: readonly Nanos[], b: readonly Nanos[]): number =>
  2 *
  Math.min(
    chanceOf(a.length, b.length, pairsAgainst(a, b)),
    chanceOf(a.length, b.length, pairsAgainst(b, a)),
  );
