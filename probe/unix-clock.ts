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

/** How many of the wall clock's ticks are looked at; each costs a millisecond, once. */
const TICKS = 4;

/**
 * The first instant of a millisecond is the only one that `Date.now()` knows exactly. Whoever is interrupted there sees
 * it late, never early, so the largest of several offsets is the truest:
 * ```
 * // tick   |                        offset = tick − hrtime
 * // seen   ^                        in time
 * // seen          ^                 interrupted: hrtime is later, the offset smaller
 * ```
 */
function offsetAtTick(): bigint {
  let best: bigint | undefined;
  for (let tick = 0; tick < TICKS; tick++) {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    const offset = BigInt(now) * 1_000_000n - process.hrtime.bigint();
    if (best === undefined || offset > best) best = offset;
  }
  return best ?? 0n;
}
