/**
 * Where each clock can be against the browser's, from causality alone, in steps: limits by all pairs of client and
 * server (clock-limits.ts) · a line for two clocks that no constant satisfies (clock-fit.ts) · bounds over all ways
 * between clocks (clock-relations.ts, clock-graph.ts) · the smallest move (here).
 *
 * ```
 * // θ of a clock  |-----[=====]-----|      0 inside: nothing moves. Otherwise it moves by the least that satisfies all.
 * //                     ^ ±bound           what it can be, with the speeds by which two clocks may always differ
 * ```
 * A clock that drifts gets the middle line. One that no line satisfies was set during the run: it is reported, bounded by
 * all that it can have been, and its answers are slid into the spans of those who waited for them (align.ts).
 * A source that has exchanged clocks with the probe (a host's agent) tells its bounds itself.
 */
import type { Warning } from '../model/span.ts';
import { formatDuration, type Nanos } from '../model/time.ts';
import type { ClockOffset } from '../model/trace.ts';
import type { Cast } from './cast.ts';
import { neighboursOf, reachedFromProbe, tighten } from './clock-graph.ts';
import { type Heard, heardByClock, limitsOf } from './clock-limits.ts';
import { driftSlack, openAt, type Related, related } from './clock-relations.ts';
import type { Draft } from './draft.ts';
import { ROLE } from './roles.ts';

export { LATE_END_NS, toldOffset } from './clock-limits.ts';

export interface ClockAlignment {
  readonly offsets: readonly ClockOffset[];
  /** By clock; none where nothing ties it to the probe's. */
  readonly moveByClock: ReadonlyMap<string, ClockMove>;
  readonly warnings: readonly Warning[];
}

/** θ(t) = `thetaNs` + `rate` · t, with t since the trace's origin. */
export interface ClockMove {
  readonly thetaNs: Nanos;
  readonly rate: number;
  /** The clock was set during the run: what is true of one instant is not of another. */
  readonly isBroken: boolean;
}

/** The probe's time when that clock showed `rawNs`. */
export const alignedTime = ({ thetaNs, rate }: ClockMove, rawNs: Nanos): Nanos =>
  rate === 0 ? rawNs - thetaNs : Math.round((rawNs - thetaNs) / (1 + rate));

export function alignClocks(cast: Cast, root: Draft): ClockAlignment {
  const numberOf = numberedClocks(cast, root);
  const numbers = Int32Array.from(cast.table.clockNames, (clock) => numberOf.get(clock) ?? 0);
  const names = firstNames(numberOf);
  const heard = heardByClock(cast, numbers);
  const relatedClocks = related(limitsOf(cast, root, numbers, heard), names.length);
  const moves = smallestMoves(relatedClocks);
  const offsets = [...moves].map(([number, move]) =>
    offsetOf(names[number]!, number, move, heard[number]!, relatedClocks),
  );
  const ofProbe = [...numberOf].flatMap(([clock, number]) => (number === 0 ? clock : [])).slice(1);
  offsets.splice(1, 0, ...ofProbe.map((clock) => ({ clock, offsetNs: 0, boundNs: 0 })));
  const moveByClock = new Map<string, ClockMove>();
  for (const [clock, number] of numberOf) {
    const move = moves.get(number);
    if (move) moveByClock.set(clock, move);
  }
  const warnings = [
    ...contradictions(relatedClocks, names),
    ...offsets.flatMap((offset) => drift(offset) ?? []),
  ];
  return { offsets, moveByClock, warnings };
}

/**
 * The probe and its browser run on one machine and read one clock, whatever their sources call it: number 0. The others
 * are numbered as they come.
 */
function numberedClocks({ table, order }: Cast, root: Draft): Map<string, number> {
  const { clocks, clockNames, roles } = table;
  const numberOf = new Map([[root.clock, 0]]);
  const seen = new Uint8Array(clockNames.length);
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const clock = clocks[row]!;
    if ((roles[row]! & ROLE.page) === 0 || seen[clock] === 1) continue;
    seen[clock] = 1;
    numberOf.set(clockNames[clock]!, 0);
  }
  seen.fill(0);
  let next = 1;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const clock = clocks[row]!;
    if (seen[clock] === 1) continue;
    seen[clock] = 1;
    if (!numberOf.has(clockNames[clock]!)) numberOf.set(clockNames[clock]!, next++);
  }
  return numberOf;
}

function firstNames(numberOf: ReadonlyMap<string, number>): string[] {
  const names: string[] = [];
  for (const [clock, number] of numberOf) names[number] ??= clock;
  return names;
}

/**
 * Clock by clock, the nearest to the probe first: each moves by the least that what was decided before it leaves open.
 * Of a clock that drifts, 0 at some instant means nothing: it takes the middle.
 */
function smallestMoves({ relations, rates, bounds }: Related): Map<number, ClockMove> {
  const neighbours = neighboursOf(rates.length, relations);
  const order = [...reachedFromProbe(neighbours).keys()];
  const isBroken = new Set(relations.flatMap((r) => (r.isBroken ? farther(r, order) : [])));
  const open = {
    lowNs: [...bounds.lowNs],
    highNs: [...bounds.highNs],
    // not shared: the ways by which `bounds` were found are asked for later, and must lead back to the probe
    lowEdge: [...bounds.lowEdge],
    highEdge: [...bounds.highEdge],
  };
  const mayStay = relations.every(({ lowNs, highNs, rate }) => lowNs <= 0 && highNs >= 0 && rate === 0);
  const moves = new Map<number, ClockMove>();
  for (const clock of order) {
    const [lowNs, highNs, rate] = [open.lowNs[clock]!, open.highNs[clock]!, rates[clock]!];
    const nearestZero = Math.max(lowNs, Math.min(highNs, 0)) + 0;
    const thetaNs = mayStay ? 0 : rate === 0 ? nearestZero : Math.round((lowNs + highNs) / 2);
    moves.set(clock, { thetaNs, rate, isBroken: isBroken.has(clock) });
    if (mayStay || lowNs === highNs) continue;
    open.lowNs[clock] = open.highNs[clock] = thetaNs;
    tighten(open, neighbours, [clock]);
  }
  return moves;
}

const farther = ({ from, to }: { from: number; to: number }, order: readonly number[]): number =>
  order.indexOf(from) > order.indexOf(to) ? from : to;

/** The bound is true for all of the time in which the clock was heard: what is linear is widest at an end. */
function offsetOf(
  clock: string,
  number: number,
  move: ClockMove,
  heard: Heard,
  relatedClocks: Related,
): ClockOffset {
  const { thetaNs, rate } = move;
  const offsetNs = thetaNs === 0 ? 0 : -thetaNs;
  const reaches = [heard.fromNs, heard.toNs].flatMap((rawNs) => {
    const atNs = alignedTime(move, rawNs);
    const { lowNs, highNs } = openAt(number, atNs, relatedClocks);
    const saidNs = thetaNs + rate * atNs;
    return [highNs - saidNs, saidNs - lowNs];
  });
  const boundNs = Math.ceil(Math.max(...reaches));
  if (rate === 0) return { clock, offsetNs, boundNs };
  const driftPpm = -rate * 1e6;
  return { clock, offsetNs, boundNs, driftPpm, driftBoundPpm: driftSlack(number, relatedClocks) * 1e6 };
}

function contradictions({ contradicting }: Related, names: readonly string[]): Warning[] {
  return contradicting.map(({ from, to, isBroken, lowNs, highNs }) => {
    const [clock, against] = [names[to]!, names[from]!];
    const how = isBroken
      ? `contradicts itself against ${against} by more than a drift explains: it was set during the run. It can be off by ${formatDuration(lowNs)} to ${formatDuration(highNs)}, and its answers are slid into the requests that waited for them.`
      : `against ${against} contradicts what other clocks say of the two: one of them drifts or was set during the run.`;
    return { code: 'clock.disjoint', where: clock, message: `The clock of ${clock} ${how}` };
  });
}

function drift({ clock, driftPpm, driftBoundPpm = 0 }: ClockOffset): Warning | undefined {
  if (driftPpm === undefined) return undefined;
  const ppm = Math.abs(driftPpm);
  const message = `The clock of ${clock} runs ${ppm.toFixed(ppm < 10 ? 1 : 0)} ppm (±${Math.ceil(driftBoundPpm)}) ${driftPpm < 0 ? 'fast' : 'slow'} against the browser's: its times are ${driftPpm < 0 ? 'drawn closer together' : 'drawn farther apart'}.`;
  return { code: 'clock.drift', where: clock, message };
}
