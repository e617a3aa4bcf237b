/**
 * Many clocks at once: each knows only some of the others, and every way from the probe's clock to one of them bounds it.
 *
 * ```
 * // probe ──[−1, 4]── proxy ──[−2, 3]── service        by this way the service is in [−3, 7]
 * //    └──────────[0, 9]────────────────┘               by this one in [0, 9]; both hold: [0, 7]
 * ```
 * Bounds add up along a way and intersect where ways meet: shortest paths over differences (Bellman–Ford).
 */
import type { Nanos } from '../model/time.ts';

/** θ of clock `to` − θ of clock `from` lies between the two. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly lowNs: Nanos;
  readonly highNs: Nanos;
}

/** Bounds of every clock's θ against clock 0, and the edge that gave each. */
export interface Bounds {
  readonly lowNs: Nanos[];
  readonly highNs: Nanos[];
  readonly lowEdge: (Edge | undefined)[];
  readonly highEdge: (Edge | undefined)[];
}

export type Neighbours<E extends Edge = Edge> = readonly (readonly E[])[];

export function neighboursOf<E extends Edge>(count: number, edges: readonly E[]): E[][] {
  const neighbours: E[][] = Array.from({ length: count }, () => []);
  for (const edge of edges) {
    neighbours[edge.from]!.push(edge);
    neighbours[edge.to]!.push(edge);
  }
  return neighbours;
}

export const otherEnd = (edge: Edge, clock: number): number => (edge.from === clock ? edge.to : edge.from);

/** Clocks by their number of hops from clock 0, each with the edge that first reached it. */
export function reachedFromProbe<E extends Edge>(neighbours: Neighbours<E>): Map<number, E | undefined> {
  const reached = new Map<number, E | undefined>([[0, undefined]]);
  for (const clock of reached.keys())
    for (const edge of neighbours[clock]!) {
      const other = otherEnd(edge, clock);
      if (!reached.has(other)) reached.set(other, edge);
    }
  return reached;
}

export function unbounded(count: number): Bounds {
  const bounds: Bounds = {
    lowNs: new Array<Nanos>(count).fill(Number.NEGATIVE_INFINITY),
    highNs: new Array<Nanos>(count).fill(Number.POSITIVE_INFINITY),
    lowEdge: new Array(count).fill(undefined),
    highEdge: new Array(count).fill(undefined),
  };
  bounds.lowNs[0] = bounds.highNs[0] = 0;
  return bounds;
}

/**
 * Tightens `bounds` by all edges, beginning with the clocks that have changed.
 * @returns false when the edges contradict each other: no offsets satisfy them all
 */
export function tighten(bounds: Bounds, neighbours: Neighbours, changed: readonly number[]): boolean {
  const queue = [...changed];
  const isQueued = new Set(queue);
  const times = new Map<number, number>();
  for (let i = 0; i < queue.length; i++) {
    const clock = queue[i]!;
    isQueued.delete(clock);
    // A clock that is tightened more often than there are clocks goes round a circle that never closes.
    const time = (times.get(clock) ?? 0) + 1;
    if (time > neighbours.length + 1) return false;
    times.set(clock, time);
    for (const edge of neighbours[clock]!) {
      const other = otherEnd(edge, clock);
      if (!tightenAlong(bounds, edge, clock, other)) continue;
      if (bounds.lowNs[other]! > bounds.highNs[other]!) return false;
      if (!isQueued.has(other)) queue.push(other);
      isQueued.add(other);
    }
  }
  return true;
}

function tightenAlong(bounds: Bounds, edge: Edge, clock: number, other: number): boolean {
  const isForward = edge.from === clock;
  const low = bounds.lowNs[clock]! + (isForward ? edge.lowNs : -edge.highNs);
  const high = bounds.highNs[clock]! + (isForward ? edge.highNs : -edge.lowNs);
  const isLower = high < bounds.highNs[other]!;
  const isHigher = low > bounds.lowNs[other]!;
  if (isLower) [bounds.highNs[other], bounds.highEdge[other]] = [high, edge];
  if (isHigher) [bounds.lowNs[other], bounds.lowEdge[other]] = [low, edge];
  return isLower || isHigher;
}
