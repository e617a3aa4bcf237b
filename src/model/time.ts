/**
 * The one file that converts time.
 *
 * A trace has an origin (`UnixNano`, bigint). Inside it, instants and durations are `Nanos`: integer nanoseconds
 * as plain numbers relative to that origin, exact for 104 days. Every other unit is a suffix on a name
 * (`delayMs`, `startUs`). The types are flavoured: a bare number is accepted, another unit is not.
 */
import { bigUint64s, float64s } from './column-memory.ts';
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

/**
 * Many instants, to be told relative to an origin that is known later. A difference of bigints is an object each time, so
 * 64 bits are taken apart instead and subtracted half by half, which rounds once, as the difference itself would.
 */
export class Instants {
  readonly #words: BigUint64Array;
  /** What does not fit into 64 bits, by its place. */
  readonly #others = new Map<number, UnixNano>();

  constructor(length: number) {
    this.#words = bigUint64s(length);
  }

  set(place: number, t: UnixNano): void {
    if (isIn64Bits(t)) this.#words[place] = t;
    else this.#others.set(place, t);
  }

  /**
   * All of them in their order; exact within 104 days of the origin.
   * @param sinceNs where to put them; may be longer
   */
  since(origin: UnixNano, sinceNs = float64s(this.#words.length)): Float64Array {
    const length = this.#words.length;
    if (!isIn64Bits(origin)) {
      for (let i = 0; i < length; i++) sinceNs[i] = sinceOrigin(this.#at(i), origin);
      return sinceNs;
    }
    const halves = new Uint32Array(this.#words.buffer);
    const [originHigh, originLow] = [Number(origin >> 32n), Number(origin & 0xffff_ffffn)];
    for (let i = 0; i < length; i++) {
      const high = halves[2 * i + HIGH_AT]!;
      const low = halves[2 * i + 1 - HIGH_AT]!;
      sinceNs[i] = (high - originHigh) * 2 ** 32 + (low - originLow);
    }
    for (const [place, t] of this.#others) sinceNs[place] = sinceOrigin(t, origin);
    return sinceNs;
  }

  #at(place: number): UnixNano {
    return this.#others.get(place) ?? this.#words[place]!;
  }
}

/** Which half of a 64-bit word comes second depends on the machine. */
const HIGH_AT = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 1 : 0;
const isIn64Bits = (t: bigint): boolean => BigInt.asUintN(64, t) === t;

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
