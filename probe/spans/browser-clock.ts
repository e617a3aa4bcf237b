/**
 * The browser's two clocks on Unix time.
 *
 * CDP stamps monotonic seconds; each request's `wallTime − timestamp` is the distance to Unix time. One offset for the
 * whole run (the median) keeps requests, tasks and paints in the order in which they happened.
 * NetLog's stamps are about 1.3 ms early (milliseconds, floored twice), so each request that both have seen is
 * re-anchored: the distance between CDP's send and NetLog's is that request's shift.
 */
import type { Exchange } from '../../src/import/netlog.ts';
import type { CdpRequest } from '../cdp/network-recorder.ts';

export interface BrowserClock {
  /** Monotonic seconds to Unix milliseconds, fractions kept. */
  unixMs(monotonicS: number): number;
}

/** Used when no request was seen by both: the middle of what was measured. */
const USUAL_SHIFT_MS = 1.3;
/** A larger distance means that the two are not the same request, or that it was sent twice. */
const MAX_SHIFT_MS = 4;

export function browserClock(requests: readonly CdpRequest[]): BrowserClock | undefined {
  const offsetsMs = requests.map((request) => (request.issuedUnixS - request.issuedS) * 1_000);
  const offsetMs = median(offsetsMs);
  return offsetMs === undefined ? undefined : { unixMs: (monotonicS) => monotonicS * 1_000 + offsetMs };
}

/** What to add to NetLog's stamps of this request; undefined when CDP has no send to compare with. */
export function shiftOf(
  request: CdpRequest,
  exchange: Exchange | undefined,
  clock: BrowserClock,
): number | undefined {
  const { timing } = request;
  if (!timing || timing.sendStart < 0 || exchange?.sendStartUnixMs === undefined) return undefined;
  const shiftMs = clock.unixMs(timing.requestTime) + timing.sendStart - exchange.sendStartUnixMs;
  return Math.abs(shiftMs) <= MAX_SHIFT_MS ? shiftMs : undefined;
}

export const usualShift = (shiftsMs: readonly number[]): number => median(shiftsMs) ?? USUAL_SHIFT_MS;

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
