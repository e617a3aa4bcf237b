/** A wait that ends at a round number of seconds was ended by a clock, not by an answer. */
import type { Nanos } from '../model/time.ts';

/** Seconds that people write into configurations. */
const USUAL_SECONDS = [
  0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 45, 50, 60, 75, 90, 100, 120, 180, 300,
  600,
];
/** Timers fire late, hardly ever early: a Node.js timer up to 1 ms, clocks in whole milliseconds another one. */
const EARLY_NS = 2e6;
/** Until a busy process notices that its timer has fired, and has told so. */
const LATE_NS = 30e6;
const LATE_SHARE = 0.01;

/** The limit that a wait of this length seems to have run into, as `5 s`. */
export function timeoutLike(ns: Nanos): string | undefined {
  for (const seconds of USUAL_SECONDS) {
    const limitNs = seconds * 1e9;
    const overNs = ns - limitNs;
    if (overNs >= -EARLY_NS && overNs <= Math.max(LATE_NS, limitNs * LATE_SHARE)) return `${seconds} s`;
  }
  return undefined;
}
