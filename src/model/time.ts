/**
 * The one file that converts time.
 *
 * A trace has an origin (`UnixNano`, bigint). Inside it, instants and durations are `Nanos`: integer nanoseconds
 * as plain numbers relative to that origin, exact for 104 days. Every other unit is a suffix on a name
 * (`delayMs`, `startUs`). The types are flavoured: a bare number is accepted, another unit is not.
 */
export type Nanos = number & { readonly __unit?: 'ns' };
export type UnixNano = bigint & { readonly __unit?: 'unix-ns' };

export const NANOS_PER_MS = 1_000_000;
export const NANOS_PER_US = 1_000;

export const nanosFromMs = (ms: number): Nanos => Math.round(ms * NANOS_PER_MS);
export const nanosFromUs = (us: number): Nanos => Math.round(us * NANOS_PER_US);
export const msFromNanos = (ns: Nanos): number => ns / NANOS_PER_MS;

/** Unix milliseconds, fractions allowed, to Unix nanoseconds. A double holds today's Unix ms to about 0.25 µs. */
export function unixNanoFromMs(unixMs: number): UnixNano {
  const whole = Math.floor(unixMs);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((unixMs - whole) * NANOS_PER_MS));
}

/** Unix seconds with a fraction (CDP's `wallTime`), to Unix nanoseconds. */
export function unixNanoFromSeconds(unixSeconds: number): UnixNano {
  const whole = Math.floor(unixSeconds);
  return BigInt(whole) * 1_000_000_000n + BigInt(Math.round((unixSeconds - whole) * 1e9));
}

export const unixNanoFromUs = (unixUs: bigint): UnixNano => unixUs * 1_000n;

/** Unix milliseconds as a number, for `Date` and for screens. */
export const unixMsFromNano = (t: UnixNano): number => Number(t / 1_000n) / 1_000;

/** An absolute instant relative to a trace's origin. */
export const sinceOrigin = (t: UnixNano, origin: UnixNano): Nanos => Number(t - origin);

/** OpenTelemetry's `HrTime`: [seconds, nanoseconds]. */
export const hrTimeFromUnixNano = (t: UnixNano): [number, number] => [
  Number(t / 1_000_000_000n),
  Number(t % 1_000_000_000n),
];
export const unixNanoFromHrTime = ([s, ns]: readonly [number, number]): UnixNano =>
  BigInt(s) * 1_000_000_000n + BigInt(ns);

/** A duration for people: `431 ms`, `2.61 s`, `0.82 ms`, `17 µs`. */
export function formatDuration(ns: Nanos): string {
  const abs = Math.abs(ns);
  if (abs >= 1e9) return `${(ns / 1e9).toFixed(2)} s`;
  if (abs >= 10e6) return `${Math.round(ns / 1e6)} ms`;
  if (abs >= 1e6) return `${(ns / 1e6).toFixed(1)} ms`;
  if (abs >= 100e3) return `${(ns / 1e6).toFixed(2)} ms`;
  if (abs === 0) return '0 ms';
  return `${Math.round(ns / 1e3)} µs`;
}
