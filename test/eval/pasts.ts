/** Pasts for a kept run to be judged beside: quiet runs of other moments, never the run itself. Pure. */
import { shuffled } from './random.ts';

/** What somebody could have seen before a run. */
export type Past = 'in a row' | 'scattered';

/**
 * ```
 * // quiet runs by time   q q q q q q q q q q q q q q q q
 * // in a row                 |-----------|                as even as a past gets: one state of the machine
 * // scattered            *   * *     *     *   * *    *   as uneven as it gets
 * ```
 * @param quiet by time
 */
export function drawPast<T>(
  past: Past,
  quiet: readonly T[],
  itself: T,
  size: number,
  random: () => number,
): T[] {
  const others = quiet.filter((run) => run !== itself);
  if (past === 'scattered') return shuffled(others, random).slice(0, size);
  const first = Math.floor(random() * Math.max(1, others.length - size + 1));
  return others.slice(first, first + size);
}
