/**
 * When a time is longer than chance makes it. One run is one sample, it is compared in many parts at once, and what is
 * usual is known from a few runs: a bound that holds for the next run must be wider than the runs seen so far.
 */
import type { Nanos } from '../model/time.ts';
import { percentile } from './journey/percentile.ts';
import { WORTH_A_VERDICT_NS } from './problems.ts';

export interface Typical {
  readonly medianNs: Nanos;
  /** Median absolute deviation. */
  readonly madNs: Nanos;
  /** How far above the median the next one may be by chance. */
  readonly reachNs: Nanos;
  /** The few largest: seen, but not what the others are like. Largest first. */
  readonly oddNs: readonly Nanos[];
}

export const NEVER: Typical = { medianNs: 0, madNs: 0, reachNs: 0, oddNs: [] };

/** A problem has a reason of its own: what is further from the median than this is no chance (2.7 σ of a normal distribution). */
const UNUSUAL_MADS = 4;
/** Of a normal distribution: a median absolute deviation is 0.67 σ. */
const SIGMA_IN_MADS = 1.4826;
/** In σ: 1 in 3 000. Some thirty parts of a run are compared at once, and no more than 1 in 100 runs may be told by chance. */
const CHANCE_SIGMAS = 3.4;
/** A shared or throttled processor makes all work longer by as much; that is not the work's doing. */
const ROOM = 0.2;
/** One run in so many may have been odd without making others like it usual. */
const RUNS_FOR_AN_ODD_ONE = 10;

export function typicalOf(values: readonly Nanos[]): Typical {
  const medianNs = percentile(values, 50);
  const madNs = percentile(
    values.map((value) => Math.abs(value - medianNs)),
    50,
  );
  const down = [...values].sort((a, b) => b - a);
  const odd = Math.ceil(values.length / RUNS_FOR_AN_ODD_ONE);
  const highNs = down[odd] ?? medianNs;
  // Few values say little of their own spread: the largest seen are asked as well as the middle ones.
  const sigmaNs = Math.max(SIGMA_IN_MADS * madNs, highNs - medianNs);
  return {
    medianNs,
    madNs,
    reachNs: Math.max(ROOM * medianNs, sigmasForNext(values.length) * sigmaNs),
    oddNs: down.slice(0, odd),
  };
}

/**
 * How many σ (estimated from so many values) the next value may be off: Student's t, from the normal quantile by the
 * Cornish–Fisher expansion (Abramowitz & Stegun 26.7.5), widened by the doubt about the middle itself.
 */
function sigmasForNext(count: number): number {
  const [z, freedom] = [CHANCE_SIGMAS, Math.max(1, count - 1)];
  const t =
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3);
  return t * Math.sqrt(1 + 1 / count);
}

/** By how much a time with a reason of its own must be longer than its median. */
export const limitOf = ({ madNs }: Typical): Nanos => Math.max(WORTH_A_VERDICT_NS, UNUSUAL_MADS * madNs);

/** How much longer than usual something with a reason of its own was; 0 when that may be chance. */
export const excessOf = (ns: Nanos, typical: Typical): Nanos =>
  ns - typical.medianNs >= limitOf(typical) ? ns - typical.medianNs : 0;

/**
 * How much longer than usual something without a known reason was; 0 when that may be chance, or was so before.
 *
 * ```
 * // earlier   x xx|xx  x              x      the last one is odd
 * // reach         |----------|
 * // surprise                  ******** ****  but not where one was
 * ```
 */
export function surpriseOf(ns: Nanos, { medianNs, reachNs, oddNs }: Typical): Nanos {
  const moreNs = ns - medianNs;
  const isLong = moreNs >= Math.max(WORTH_A_VERDICT_NS, reachNs);
  const isAsBefore = oddNs.some((seen) => Math.abs(seen - ns) < WORTH_A_VERDICT_NS);
  return isLong && !isAsBefore ? moreNs : 0;
}
