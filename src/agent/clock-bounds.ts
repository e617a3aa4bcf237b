/**
 * What one exchange with a host says of its clock, θ = host − probe:
 * ```
 * // probe   asked |----------------------------| got       θ ≤ received − asked
 * // host          received |--------| answered             θ ≥ answered − got
 * ```
 * As NTP does it (RFC 5905 §8), but as bounds instead of a midpoint. Several exchanges are intersected.
 */
import type { Nanos } from '../model/time.ts';
import type { ClockReading } from './answer.ts';

export interface ClockBounds {
  readonly lowNs: Nanos;
  readonly highNs: Nanos;
}

export const boundsOf = (
  askedUnixNano: bigint,
  { receivedUnixNano, answeredUnixNano }: ClockReading,
  gotUnixNano: bigint,
): ClockBounds => ({
  lowNs: Number(BigInt(answeredUnixNano) - gotUnixNano),
  highNs: Number(BigInt(receivedUnixNano) - askedUnixNano),
});

/** Disjoint bounds mean that a clock was set in between: then only the later exchange counts. */
export function intersect(earlier: ClockBounds | undefined, later: ClockBounds): ClockBounds {
  if (!earlier) return later;
  const lowNs = Math.max(earlier.lowNs, later.lowNs);
  const highNs = Math.min(earlier.highNs, later.highNs);
  return lowNs <= highNs ? { lowNs, highNs } : later;
}

/** The least that must be added to the host's times so that no bound is broken; 0 where the clocks may be equal. */
export const offsetFor = ({ lowNs, highNs }: ClockBounds): Nanos => 0 - Math.max(lowNs, Math.min(highNs, 0));
