/**
 * Unix time in microseconds or better, on the probe's own clock.
 *
 * `Date.now()` has whole milliseconds and `process.hrtime` has no date, so the two are tied together once, at the edge
 * of a millisecond, and again whenever the wall clock has been stepped.
 */
import type { UnixNano } from '../src/model/time.ts';

export interface UnixClock {
  now(): UnixNano;
}

/** Reading `Date.now()` late costs at most one of its ticks; more than two means that somebody set the clock. */
const STEP_NS = 3_000_000n;

export function startUnixClock(): UnixClock {
  let offset = offsetAtTick();
  return {
    now() {
      const unixNano = process.hrtime.bigint() + offset;
      const behind = BigInt(Date.now()) * 1_000_000n - unixNano;
      if (behind < STEP_NS && behind > -STEP_NS) return unixNano;
      offset = offsetAtTick();
      return process.hrtime.bigint() + offset;
    },
  };
}

/** Waits for the next millisecond: its first instant is the only one that `Date.now()` knows exactly. */
function offsetAtTick(): bigint {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return BigInt(now) * 1_000_000n - process.hrtime.bigint();
}
