/**
 * What limits between two clocks leave open: an interval when their offset stands still, a line when it drifts.
 *
 * ```
 * // θ  high ▔▔\  ▔\▔▔\▔           constant: the highest low is below the lowest high
 * //              \    \           drift:    no constant fits between, but a line a + b·t does
 * //    low  ▁▁▁▁/▁▁\▁▁/▁▁\▁        step:     not even a line does
 * //                         t
 * ```
 * A limit holds at some instant of a stretch of time; against a slope it is taken where it says least.
 */
import type { Nanos } from '../model/time.ts';
import type { ClockLimits, Limit } from './clock-limits.ts';

/** Nanoseconds a nanosecond: 1e-6 is 1 ppm. */
export type Rate = number;

/** Two clocks may always be this far apart in speed: quartz is within 100 ppm, and there are two of them. */
export const USUAL_DRIFT: Rate = 200e-6;
/** Time services slew a clock by 500 ppm at most (adjtime, ntpd), and two clocks may be slewed against each other. */
const STEEPEST: Rate = 1_000e-6;
/** Halvings and thirds after which a slope is known to 0.0001 ppm, which is 0.4 µs in an hour. */
const NARROWINGS = 60;
const RATE_STEP: Rate = 1e-10;

export interface Interval {
  readonly lowNs: Nanos;
  readonly highNs: Nanos;
}

/**
 * What is open for θ at one instant, when it changes by `rate`, give or take `slack`. Empty (low above high) when the
 * limits contradict each other.
 */
export function intervalAt({ highs, lows }: ClockLimits, atNs: Nanos, rate: Rate, slack: Rate): Interval {
  let lowNs = Number.NEGATIVE_INFINITY;
  let highNs = Number.POSITIVE_INFINITY;
  for (const limit of highs) highNs = Math.min(highNs, limit.ns + farthest(limit, atNs, rate, slack));
  for (const limit of lows) lowNs = Math.max(lowNs, limit.ns - farthest(limit, atNs, -rate, slack));
  return { lowNs, highNs };
}

/** How much θ may have risen (with −rate: fallen) between the limit's instant, which is not exactly known, and this one. */
function farthest({ fromNs, toNs, isLasting }: Limit, atNs: Nanos, rate: Rate, drift: Rate): Nanos {
  const [a, b] = [atNs - fromNs, atNs - toNs];
  const slack = isLasting ? 0 : drift;
  return Math.max(rate * a + slack * Math.abs(a), rate * b + slack * Math.abs(b));
}

export interface Fit {
  readonly rate: Rate;
  /** The true rate lies within `rate` ± this. */
  readonly slack: Rate;
}

/** The steadiest line: none when a constant fits, the middle of all that fit otherwise; undefined when no line does. */
export function fitRate(limits: ClockLimits): Fit | undefined {
  if (gap(limits, 0) >= 0) return { rate: 0, slack: USUAL_DRIFT };
  const sides = [1, -1].flatMap((sign) => slopesThatFit(limits, sign) ?? []);
  const [side] = sides.sort((a, b) => b.room - a.room);
  if (!side) return undefined;
  const rate = Math.round(side.best / RATE_STEP) * RATE_STEP;
  const reach = sides.flatMap(({ from, to }) => [from, to]).map((edge) => Math.abs(edge - rate));
  return { rate, slack: Math.max(...reach) + RATE_STEP };
}

/** Room between the limits under a slope; negative: no line of this slope fits. Concave on each side of 0. */
function gap(limits: ClockLimits, rate: Rate): Nanos {
  const { lowNs, highNs } = intervalAt(limits, 0, rate, 0);
  return highNs - lowNs;
}

interface Slopes {
  readonly from: Rate;
  readonly to: Rate;
  readonly best: Rate;
  readonly room: Nanos;
}

function slopesThatFit(limits: ClockLimits, sign: number): Slopes | undefined {
  const roomAt = (steepness: number) => gap(limits, sign * steepness);
  const best = steepnessWithMostRoom(roomAt);
  const room = roomAt(best);
  if (room < 0) return undefined;
  const flattest = edgeBetween(0, best, roomAt);
  const steepest = roomAt(STEEPEST) >= 0 ? STEEPEST : edgeBetween(STEEPEST, best, roomAt);
  return { from: sign * flattest, to: sign * steepest, best: (sign * (flattest + steepest)) / 2, room };
}

function steepnessWithMostRoom(roomAt: (steepness: number) => Nanos): number {
  let [from, to] = [0, STEEPEST];
  for (let i = 0; i < NARROWINGS; i++) {
    const [a, b] = [from + (to - from) / 3, to - (to - from) / 3];
    if (roomAt(a) < roomAt(b)) from = a;
    else to = b;
  }
  return (from + to) / 2;
}

/** Where the room begins between a slope that does not fit and one that does. */
function edgeBetween(outside: number, inside: number, roomAt: (steepness: number) => Nanos): number {
  for (let i = 0; i < NARROWINGS; i++) {
    const middle = (outside + inside) / 2;
    if (roomAt(middle) >= 0) inside = middle;
    else outside = middle;
  }
  return inside;
}

/** Of the lows at most this share may be of work that nobody waited for, or the clock itself is to blame. */
const UNWAITED_SHARE = 0.25;

/**
 * Without what nobody can have waited for, among calls that were: its server began long after its client had gone on.
 * ```
 * // θ  high ▔▔▔  ▔▔  ▔▔▔
 * //    low  ▁▁▁  ▁▁  ▁▁▁        the same before and after: one alone is no step of the clock
 * //                ▁            (above all highs)
 * ```
 * @returns undefined when that does not explain the contradiction
 */
export function withoutUnwaited(limits: ClockLimits): ClockLimits | undefined {
  const lowestHigh = limits.highs.reduce((lowest, { ns }) => Math.min(lowest, ns), Number.POSITIVE_INFINITY);
  const byTime = [...limits.lows].sort((a, b) => a.fromNs - b.fromNs);
  const lows = byTime.filter(({ ns }) => ns <= lowestHigh);
  const away = byTime.length - lows.length;
  const isEndCalm = lows.at(-1) === byTime.at(-1);
  return away > 0 && away <= byTime.length * UNWAITED_SHARE && isEndCalm ? { ...limits, lows } : undefined;
}

/** Of a clock that was set: everything that it can have been at one time or another. */
export function widest({ highs, lows }: ClockLimits): Interval {
  const steady: { lowNs: Nanos; highNs: Nanos }[] = [];
  const byTime = [
    ...highs.map(({ fromNs, ns }) => ({ fromNs, lowNs: Number.NEGATIVE_INFINITY, highNs: ns })),
    ...lows.map(({ fromNs, ns }) => ({ fromNs, lowNs: ns, highNs: Number.POSITIVE_INFINITY })),
  ].sort((a, b) => a.fromNs - b.fromNs);
  for (const { lowNs, highNs } of byTime) {
    const open = steady.at(-1);
    if (!open || lowNs > open.highNs || highNs < open.lowNs) steady.push({ lowNs, highNs });
    else {
      open.lowNs = Math.max(open.lowNs, lowNs);
      open.highNs = Math.min(open.highNs, highNs);
    }
  }
  const finite = steady.flatMap(({ lowNs, highNs }) => [lowNs, highNs]).filter(Number.isFinite);
  return { lowNs: Math.min(...finite), highNs: Math.max(...finite) };
}

/** Limits by another clock's instants: those of the clock that is ahead by `aheadNs`. */
export function shifted(limits: ClockLimits, aheadNs: Nanos): ClockLimits {
  if (aheadNs === 0) return limits;
  const shift = ({ fromNs, toNs, ns }: Limit): Limit => ({
    fromNs: fromNs - aheadNs,
    toNs: toNs - aheadNs,
    ns,
  });
  return { ...limits, highs: limits.highs.map(shift), lows: limits.lows.map(shift) };
}
