/** Percentiles of few values. */
import type { Nanos } from '../../model/time.ts';

/**
 * The value that p % of the values reach or stay below, between two of them when it falls there (linear, as
 * spreadsheets do it: Hyndman & Fan's definition 7). NaN when there are none.
 */
export function percentile(values: readonly Nanos[], p: number): Nanos {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * (p / 100);
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  if (low === undefined || high === undefined) return Number.NaN;
  return Math.round(low + (high - low) * (at - Math.floor(at)));
}

export const PERCENTILES = [50, 75, 95] as const;

export interface Percentiles {
  readonly p50: Nanos;
  readonly p75: Nanos;
  readonly p95: Nanos;
}

export const percentilesOf = (values: readonly Nanos[]): Percentiles | undefined =>
  values.length === 0
    ? undefined
    : { p50: percentile(values, 50), p75: percentile(values, 75), p95: percentile(values, 95) };
