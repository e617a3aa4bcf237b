/**
 * The spans of a comparison that changed enough to be told, and what they hang under. Of two runs of a hundred thousand
 * spans nearly all are as they were: nobody reads those, and they need not travel.
 */
import type { Comparison, SpanChange } from '../../model/comparison.ts';
import type { Nanos } from '../../model/time.ts';

/** Less than this share of the longer run is chance, and left out at first. */
const MIN_SHARE = 0.01;
const MS = 1e6;

/** What is left out when nobody says: in whole milliseconds. */
export function usualLeastChange({ a, b }: Pick<Comparison, 'a' | 'b'>): Nanos {
  return Math.max(MS, Math.round((Math.max(a.wallNs, b.wallNs) * MIN_SHARE) / MS) * MS);
}

/** How much a span changed: as a whole, or in what the run waited for in it. */
export const sizeOf = ({ deltaNs, ownDeltaNs }: Pick<SpanChange, 'deltaNs' | 'ownDeltaNs'>): Nanos =>
  Math.max(Math.abs(deltaNs), Math.abs(ownDeltaNs));

/**
 * ```
 * // all    run ─ step ─┬ request ─ query (+1.2 s)        kept: run, step, request, query
 * //                    └ request ─ query (+0.1 ms)       left out, and counted
 * ```
 */
export function withChangesFrom(comparison: Comparison, leastNs: Nanos): Comparison {
  const { spans } = comparison;
  if (!spans) return comparison;
  const isKept = spans.map((span) => sizeOf(span) >= leastNs);
  for (let place = spans.length - 1; place >= 0; place--) {
    const parent = spans[place]?.parent ?? -1;
    if (isKept[place] && parent >= 0) isKept[parent] = true;
  }
  const placeOf = new Int32Array(spans.length).fill(-1);
  const kept: SpanChange[] = [];
  spans.forEach((span, place) => {
    if (!isKept[place]) return;
    placeOf[place] = kept.length;
    kept.push({ ...span, parent: span.parent < 0 ? -1 : (placeOf[span.parent] ?? -1) });
  });
  return { ...comparison, spans: kept, leftOut: { leastNs, spans: spans.length - kept.length } };
}
