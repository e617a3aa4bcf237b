/**
 * Made-up runs whose clocks are known exactly, to count how often the bound that Headwater gives is true.
 *
 * ```
 * // probe  ──requests──►  a  ──calls──►  b         each server reads a clock of its own: true time + offset + drift · t
 * // client   |--------------------|
 * // server        |------|·····late              out and back take unequal times; some ends are noted late
 * ```
 * By seed, always the same. Everything that a real source does to time is done here: whole milliseconds or microseconds
 * (floored, as logs do), ends noted late, ways that are slow in one direction only.
 */
import { HEADWATER } from '../../src/model/attributes.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import type { Trace } from '../../src/model/trace.ts';
import { stitch } from '../../src/stitch/stitch.ts';

const ORIGIN = 1_795_333_153_000_000_000n;
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const MS = 1e6;
const S = 1e9;

export interface ClockCase {
  readonly reports: readonly ReportedSpan[];
  readonly wallNs: number;
  /** θ(t) = offset + drift · t of each server's clock, t since the run's start. */
  readonly truth: readonly { readonly clock: string; readonly offsetNs: number; readonly ppm: number }[];
  /** By clock: the least that a pair leaves open: client's length − server's length, as it truly was. */
  readonly bestResidualNs: readonly number[];
}

export interface ClockAccuracy {
  readonly cases: number;
  readonly seed: number;
  /** Clocks of these cases whose true offset lay inside the bound at the run's start, middle and end. */
  readonly inside: number;
  readonly clocks: number;
  readonly insideShare: number;
  /** Half the width that is told, in the middle of all cases. */
  readonly medianBoundNs: number;
  /** By what the least that any pair leaves open (client's length − server's) is exceeded, in the middle of all cases. */
  readonly medianBoundToResidual: number;
  /** How far the drawn offset truly was off at the run's middle, in the middle of all cases. */
  readonly medianErrorNs: number;
  /** Clocks that were drawn with a drift, and how many of those bounds of the drift were true. */
  readonly drifting: number;
  readonly driftInside: number;
  readonly disjoint: number;
  /** Seeds of the cases that failed, to look at. */
  readonly outside: readonly number[];
}

type Random = () => number;

/** mulberry32: small, seeded, good enough to spread cases. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const between = (random: Random, low: number, high: number): number => low + (high - low) * random();
/** As likely between 2 and 20 as between 20 and 200. */
const magnitude = (random: Random, low: number, high: number): number => low * (high / low) ** random();
const chance = (random: Random, share: number): boolean => random() < share;
const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random());

/** How one server and the way to it behave. */
interface Habit {
  readonly clock: string;
  readonly offsetNs: number;
  readonly ppm: number;
  readonly outNs: number;
  readonly backNs: number;
  readonly precisionNs: number;
  readonly isLogged: boolean;
  /** Share of the ends that are noted late, and by how much on average. */
  readonly lateShare: number;
  readonly lateNs: number;
}

function habitOf(random: Random, clock: string): Habit {
  const isAsymmetric = chance(random, 0.4);
  const out = magnitude(random, 0.1 * MS, 20 * MS);
  const isLogged = chance(random, 0.4);
  return {
    clock,
    offsetNs: Math.round(chance(random, 0.2) ? 0 : between(random, -5 * S, 5 * S)),
    ppm: chance(random, 0.5) ? 0 : between(random, -200, 200),
    outNs: isAsymmetric ? 40 * out : out,
    backNs: isAsymmetric && chance(random, 0.3) ? 40 * out : out,
    precisionNs: isLogged && chance(random, 0.5) ? MS : 1_000,
    isLogged,
    lateShare: isLogged ? 0 : between(random, 0, 0.4),
    lateNs: magnitude(random, 1 * MS, 50 * MS),
  };
}

const thetaAt = ({ offsetNs, ppm }: { offsetNs: number; ppm: number }, ns: number): number =>
  offsetNs + (ppm * ns) / 1e6;

/** As that clock and that source tell an instant. */
const told = (habit: Habit | undefined, trueNs: number): number => {
  const precisionNs = habit?.precisionNs ?? 1_000;
  const shown = trueNs + (habit ? thetaAt(habit, trueNs) : 0);
  return Math.floor(shown / precisionNs) * precisionNs;
};

export function clockCase(seed: number): ClockCase {
  const random = randomOf(seed);
  const wallNs = Math.round(magnitude(random, 2 * S, 600 * S));
  const pairs = Math.round(magnitude(random, 3, 300));
  const habits = ['a', 'b'].slice(0, chance(random, 0.5) ? 2 : 1).map((clock) => habitOf(random, clock));
  const bestResidualNs = habits.map(() => Number.POSITIVE_INFINITY);
  const reports: ReportedSpan[] = [
    spanOf('run', undefined, [0, wallNs], undefined, { [HEADWATER.type]: 'run' }),
  ];
  for (let pair = 0; pair < pairs; pair++) {
    // The first call comes at the start and the last one at the end: the bound is asked for there.
    const at = pair === 0 ? 0 : pair === pairs - 1 ? 1 : random();
    let caller: Habit | undefined;
    let parent = 'run';
    let lengthNs = Math.min(magnitude(random, 2 * MS, 500 * MS), wallNs / 4);
    let startNs = at * (wallNs - lengthNs - 1);
    habits.forEach((habit, i) => {
      const hop = hopOf(random, habit, startNs, lengthNs);
      const [client, server] = [`c${i}-${pair}`, `s${i}-${pair}`];
      reports.push(spanOf(client, parent, [startNs, hop.clientEndNs], caller, {}, 'client'));
      reports.push(spanOf(server, client, [hop.startNs, hop.notedEndNs], habit, {}, 'server'));
      bestResidualNs[i] = Math.min(bestResidualNs[i]!, hop.clientEndNs - startNs - (hop.endNs - hop.startNs));
      [caller, parent, startNs] = [habit, server, hop.startNs + 1_000];
      lengthNs = Math.max(100_000, (hop.endNs - hop.startNs) * 0.8);
    });
  }
  const truth = habits.map(({ clock, offsetNs, ppm }) => ({ clock, offsetNs, ppm }));
  return { reports, wallNs, truth, bestResidualNs };
}

/** A call of about this length, as it truly was. The way takes at least what it always takes, and now and then more. */
function hopOf(random: Random, habit: Habit, startNs: number, lengthNs: number) {
  const outNs = habit.outNs + exponential(random, habit.outNs);
  const backNs = habit.backNs + exponential(random, habit.backNs);
  const serverStartNs = startNs + outNs;
  const endNs = serverStartNs + lengthNs;
  const lateNs = chance(random, habit.lateShare)
    ? exponential(random, habit.lateNs)
    : exponential(random, 50_000);
  return {
    startNs: serverStartNs,
    endNs,
    notedEndNs: habit.isLogged ? endNs : endNs + lateNs,
    clientEndNs: endNs + backNs,
  };
}

function spanOf(
  id: string,
  parent: string | undefined,
  [startNs, endNs]: readonly [number, number],
  habit: Habit | undefined,
  attributes: Record<string, string>,
  kind: ReportedSpan['kind'] = 'internal',
): ReportedSpan {
  const isLogged = habit?.isLogged === true && kind === 'server';
  return {
    traceId: TRACE_ID,
    spanId: idOf(id),
    ...(parent && { parentSpanId: idOf(parent) }),
    name: id,
    kind,
    startUnixNano: ORIGIN + BigInt(told(habit, startNs)),
    endUnixNano: ORIGIN + BigInt(told(habit, endNs)),
    status: { code: 'unset' },
    attributes,
    events: [],
    links: [],
    resource: {},
    source: habit ? 'otlp' : 'cdp',
    clock: habit?.clock ?? 'probe',
    evidence: isLogged ? 'logged' : 'measured',
    precisionNs: habit?.precisionNs ?? 1_000,
  };
}

const idOf = (word: string): string => Buffer.from(word).toString('hex').slice(0, 16).padStart(16, '0');

/** What was found of one clock, beside what is true. */
interface Judged {
  readonly isInside: boolean;
  readonly boundNs: number;
  readonly boundToResidual: number;
  readonly errorNs: number;
  readonly drift: 'none' | 'inside' | 'outside';
}

export function judge({ wallNs, truth, bestResidualNs }: ClockCase, trace: Trace): Judged[] {
  return truth.map((clock, i) => {
    const found = trace.clocks.find((known) => known.clock === clock.clock);
    const { offsetNs = 0, boundNs = 0, driftPpm = 0, driftBoundPpm = 0 } = found ?? {};
    const off = (ns: number) => Math.abs(offsetNs + (driftPpm * ns) / 1e6 + thetaAt(clock, ns));
    const isInside = found !== undefined && [0, wallNs / 2, wallNs].every((ns) => off(ns) <= boundNs);
    const isDriftInside = Math.abs(driftPpm + clock.ppm) <= driftBoundPpm;
    return {
      isInside,
      boundNs,
      boundToResidual: boundNs / bestResidualNs[i]!,
      errorNs: off(wallNs / 2),
      drift: driftPpm === 0 ? 'none' : isDriftInside ? 'inside' : 'outside',
    };
  });
}

/** @param cases how many runs to make up; the seeds are `seed`, `seed + 1`, … */
export function clockAccuracy(cases: number, seed: number): ClockAccuracy {
  const judged: Judged[] = [];
  const outside: number[] = [];
  let disjoint = 0;
  for (let i = 0; i < cases; i++) {
    const made = clockCase(seed + i);
    const trace = stitch(made.reports)!;
    const results = judge(made, trace);
    judged.push(...results);
    if (results.some(({ isInside }) => !isInside)) outside.push(seed + i);
    if (trace.warnings.some(({ code }) => code === 'clock.disjoint')) disjoint++;
  }
  const inside = judged.filter(({ isInside }) => isInside).length;
  const drifting = judged.filter(({ drift }) => drift !== 'none');
  return {
    cases,
    seed,
    inside,
    clocks: judged.length,
    insideShare: inside / judged.length,
    medianBoundNs: Math.round(medianOf(judged.map(({ boundNs }) => boundNs))),
    medianBoundToResidual: medianOf(judged.map(({ boundToResidual }) => boundToResidual)),
    medianErrorNs: Math.round(medianOf(judged.map(({ errorNs }) => errorNs))),
    drifting: drifting.length,
    driftInside: drifting.filter(({ drift }) => drift === 'inside').length,
    disjoint,
    outside,
  };
}

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
