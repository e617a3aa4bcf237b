/**
 * What a lane says of a stretch of time. A value holds since the instant before its own:
 * ```
 * // instants   *       *       *       *
 * // values        v1      v2      v3
 * // stretch          |--------|              v1 and v2 and v3 touch it
 * ```
 * The stretch before the first instant is not known, so the first value is not used.
 */
import type { HostLaneName } from '../model/host-lanes.ts';
import type { Lane } from '../model/report.ts';
import type { Nanos } from '../model/time.ts';
import type { Tree } from './tree.ts';

export interface Stretch {
  readonly startNs: Nanos;
  readonly endNs: Nanos;
}

export const lanesNamed = (tree: Pick<Tree, 'lanes'>, name: HostLaneName): Lane[] =>
  tree.lanes.filter((lane) => lane.name === name);

/** What a counter rose by in the samples that touch any of the stretches. */
export function riseOf(lane: Lane, stretches: readonly Stretch[]): number {
  let sum = 0;
  eachSample(lane, (fromNs, toNs, value) => {
    if (stretches.some(({ startNs, endNs }) => fromNs < endNs && toNs > startNs)) sum += value;
  });
  return sum;
}

/** Mean of a level over the stretches, weighted by time; undefined where no sample touches them. */
export function meanOf(lane: Lane, stretches: readonly Stretch[]): number | undefined {
  let [weighted, ns] = [0, 0];
  eachSample(lane, (fromNs, toNs, value) => {
    for (const { startNs, endNs } of stretches) {
      const shared = Math.min(toNs, endNs) - Math.max(fromNs, startNs);
      if (shared <= 0) continue;
      weighted += value * shared;
      ns += shared;
    }
  });
  return ns > 0 ? weighted / ns : undefined;
}

export function eachSample(lane: Lane, use: (fromNs: Nanos, toNs: Nanos, value: number) => void): void {
  for (let i = 1; i < lane.values.length; i++) use(lane.timesNs[i - 1]!, lane.timesNs[i]!, lane.values[i]!);
}
