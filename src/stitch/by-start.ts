/**
 * Reports in the order in which they began; of those that began together, by id and source. A total order, so that
 * nothing depends on the order of arrival.
 *
 * The starts of a million spans are hardly compared: each goes into one of as many
 * buckets as there are spans, and those few that share one are put in order among themselves.
 */
import { inScratch, int32s, type Scratch } from '../model/column-memory.ts';
import type { ReportedSpan } from '../model/span.ts';

/** Up to this many are put in order by moving each to its place; more of them by a sort. */
const FEW = 32;
/** Far beyond every clock. Where one start lies so far out, the others share a bucket, and are sorted. */
const FARTHEST_NS = 2 ** 64;

/**
 * @param startsNs of the spans, relative to anything near most of them
 * @returns indexes into `spans`
 */
export function orderByStart(spans: readonly ReportedSpan[], startsNs: Float64Array): Int32Array {
  return inScratch((scratch) => {
    const keys = keysOf(startsNs, scratch);
    const order = orderOf(keys, scratch);
    sortTies(order, keys, (i, j) => compare(spans[i]!, spans[j]!));
    return order;
  });
}

/** Distance from the earliest start. Beyond 104 days it is rounded, which keeps the order but for new ties. */
function keysOf(startsNs: Float64Array, scratch: Scratch): Float64Array {
  const keys = scratch.float64s(startsNs.length);
  let earliest = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = Math.max(-FARTHEST_NS, Math.min(startsNs[i]!, FARTHEST_NS));
    keys[i] = key;
    if (key < earliest) earliest = key;
  }
  for (let i = 0; i < keys.length; i++) keys[i]! -= earliest;
  return keys;
}

/** Indexes by key; those of one key stay in their order. */
function orderOf(keys: Float64Array, scratch: Scratch): Int32Array {
  const order = int32s(keys.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  if (isSorted(keys)) return order;
  let largest = 0;
  for (let i = 0; i < keys.length; i++) if (keys[i]! > largest) largest = keys[i]!;
  const bucketsPerNs = (keys.length - 1) / largest;
  const ends = endsOf(keys, bucketsPerNs, scratch);
  for (let i = keys.length - 1; i >= 0; i--) order[--ends[Math.floor(keys[i]! * bucketsPerNs)]!] = i;
  const byKey = (i: number, j: number) => keys[i]! - keys[j]! || i - j;
  // what were the ends are the beginnings now
  for (let bucket = 0; bucket < ends.length; bucket++)
    putInOrder(order, ends[bucket]!, ends[bucket + 1] ?? keys.length, byKey);
  return order;
}

/** Where each bucket ends when they lie side by side. */
function endsOf(keys: Float64Array, bucketsPerNs: number, scratch: Scratch): Int32Array {
  const ends = scratch.int32s(keys.length);
  for (let i = 0; i < keys.length; i++) ends[Math.floor(keys[i]! * bucketsPerNs)]!++;
  for (let bucket = 1; bucket < ends.length; bucket++) ends[bucket]! += ends[bucket - 1]!;
  return ends;
}

function putInOrder(
  order: Int32Array,
  from: number,
  to: number,
  compareAt: (i: number, j: number) => number,
): void {
  if (to - from > FEW) {
    order.subarray(from, to).sort(compareAt);
    return;
  }
  for (let at = from + 1; at < to; at++) {
    const moved = order[at]!;
    let gap = at;
    for (; gap > from && compareAt(order[gap - 1]!, moved) > 0; gap--) order[gap] = order[gap - 1]!;
    order[gap] = moved;
  }
}

function isSorted(keys: Float64Array): boolean {
  for (let i = 1; i < keys.length; i++) if (keys[i]! < keys[i - 1]!) return false;
  return true;
}

function sortTies(order: Int32Array, keys: Float64Array, compareAt: (i: number, j: number) => number): void {
  for (let from = 0, to = 1; to <= order.length; to++) {
    if (to < order.length && keys[order[to]!] === keys[order[from]!]) continue;
    if (to - from > 1) putInOrder(order, from, to, compareAt);
    from = to;
  }
}

function compare(a: ReportedSpan, b: ReportedSpan): number {
  if (a.startUnixNano !== b.startUnixNano) return a.startUnixNano < b.startUnixNano ? -1 : 1;
  if (a.spanId !== b.spanId) return a.spanId < b.spanId ? -1 : 1;
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  return a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0;
}
