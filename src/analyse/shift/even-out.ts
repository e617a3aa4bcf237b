/**
 * What a layer took beyond what the machine's pace explains. How much it follows the pace is learnt from its own runs: a
 * lookup that four processes handle waits twice as long on a busy machine, a server's timer not at all.
 *
 * ```
 * // ns     |        x        slope: the middle one of all lines through two runs that are half of all runs apart
 * //        |     x           (Theil 1950, the incomplete method), so that neither odd runs nor a change bends it
 * //        |  x
 * //         ---------- pace
 * ```
 */
import type { Nanos } from '../../model/time.ts';
import { percentile } from '../journey/percentile.ts';
import { weightedMedian } from './weighted-median.ts';

/** Times as long when everything else takes twice as long: not shorter, and what is steeper than this is no following. */
const FOLLOWS = { least: 0, most: 2 } as const;

/**
 * @param ns run by run; undefined for one without the step
 * @returns by place of the run
 */
export function evenedOut(ns: readonly (Nanos | undefined)[], paces: readonly number[]): Map<number, Nanos> {
  const present = ns.flatMap((value, at) =>
    value === undefined ? [] : [{ at, ns: value, pace: paces[at]! }],
  );
  const usualNs = percentile(
    present.map((run) => run.ns),
    50,
  );
  const slopeNs = slopeOf(present, usualNs);
  return new Map(present.map((run) => [run.at, run.ns - slopeNs * (run.pace - 1)]));
}

interface Paced {
  readonly ns: Nanos;
  readonly pace: number;
}

function slopeOf(runs: readonly Paced[], usualNs: Nanos): number {
  const half = Math.floor(runs.length / 2);
  const lines = runs.slice(half).map((later, i) => {
    const pace = later.pace - runs[i]!.pace;
    return { value: pace === 0 ? 0 : (later.ns - runs[i]!.ns) / pace, weight: Math.abs(pace) };
  });
  const slope = weightedMedian(lines) ?? usualNs;
  return Math.min(Math.max(slope, FOLLOWS.least * usualNs), FOLLOWS.most * usualNs);
}
