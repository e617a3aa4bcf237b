/**
 * An instant as ISO 8601 writes it, to the nanosecond: `2017-06-28T17:41:55.090123+09:00`. `Date` knows milliseconds
 * only, so the digits after the second are read apart. Without an offset it is UTC, as HAR's own tools take it.
 */
import type { Nanos, UnixNano } from '../model/time.ts';

const ISO = /^\s*(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?\s*(Z|[+-]\d\d:?\d\d)?\s*$/i;

/** In nanoseconds it is what a store can hold: the year 2255. */
const LAST_UNIX_MS = 9e12;

export interface IsoInstant {
  readonly unixNano: UnixNano;
  /** What its last digit stands for, a microsecond at best: nobody's clock is finer. */
  readonly precisionNs: Nanos;
}

/** Undefined when it is none, or lies before 1970 or after 2255. */
export function isoInstant(text: unknown): IsoInstant | undefined {
  const [, date, fraction = '', zone = 'Z'] =
    (typeof text === 'string' && text.length < 64 && ISO.exec(text)) || [];
  if (date === undefined) return undefined;
  const unixMs = Date.parse(
    `${date.replace(' ', 'T')}${zone.replace(/([+-]\d\d)(\d\d)$/, '$1:$2').toUpperCase()}`,
  );
  if (!(unixMs >= 0 && unixMs <= LAST_UNIX_MS)) return undefined;
  return {
    unixNano: BigInt(unixMs) * 1_000_000n + BigInt(fraction.padEnd(9, '0')),
    precisionNs: fraction.length > 3 ? 1_000 : fraction.length > 0 ? 1_000_000 : 1_000_000_000,
  };
}
