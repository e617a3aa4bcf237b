/** Sums and differences of stretches of time. */
import type { Nanos } from '../../src/model/time.ts';

export type Interval = readonly [startNs: Nanos, endNs: Nanos];

/**
 * ```
 * // in    |-----|  |--|      given in any order, touching ones joined
 * //          |-----|   |--|
 * // out   |--------------|--|  → |-----------------|
 * ```
 */
export function unionIntervals(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.filter(([start, end]) => end > start).sort((a, b) => a[0] - b[0]);
  const joined: [Nanos, Nanos][] = [];
  for (const [start, end] of sorted) {
    const last = joined.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

/**
 * What of the whole is left; `taken` must be a union.
 *
 * ```
 * // whole    |------------------|
 * // taken  |---|    |--|     |-----|
 * // left       |---|    |---|
 * ```
 */
export function subtractIntervals(whole: Interval, taken: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let cursor = whole[0];
  for (const [start, end] of taken) {
    if (start >= whole[1]) break;
    if (start > cursor) left.push([cursor, start]);
    cursor = Math.max(cursor, end);
  }
  if (cursor < whole[1]) left.push([cursor, whole[1]]);
  return left;
}
