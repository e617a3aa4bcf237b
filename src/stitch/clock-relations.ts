/**
 * From what pairs of clocks say of each other to bounds of each against the probe's.
 *
 * ```
 * // limits ─► rough offsets ─► all limits by the probe's time ─► how fast two clocks part ─► speed of each clock
 * //                                                             └► intervals ─► bounds over all ways
 * ```
 * Times on a clock that is 16 h off are 16 h off too, and a drift of 100 ppm makes 6 s of that; hence the rough offsets.
 */
import type { Nanos } from '../model/time.ts';
import {
  fitRate,
  type Interval,
  intervalAt,
  type Rate,
  shifted,
  widest,
  withoutUnwaited,
} from './clock-fit.ts';
import {
  type Bounds,
  type Edge,
  neighboursOf,
  otherEnd,
  reachedFromProbe,
  tighten,
  unbounded,
} from './clock-graph.ts';
import type { ClockLimits } from './clock-limits.ts';

/** More ways round than this are not tried one by one where they contradict each other. */
const MAX_TRIED = 200;

/** What two clocks say of each other, once it is known how fast they part. Instants are the probe's. */
export interface Relation extends Edge {
  readonly limits: ClockLimits;
  /** How θ of `to` − θ of `from` changes, give or take `slack`. */
  readonly rate: Rate;
  readonly slack: Rate;
  /** No line satisfies what was said: one of them was set. */
  readonly isBroken: boolean;
}

export interface Related {
  /** Relations that hold together, and lead from the probe to every clock that can be reached. */
  readonly relations: readonly Relation[];
  /** Those that contradict themselves or the others. */
  readonly contradicting: readonly Relation[];
  /** By clock: how it drifts against the probe's. */
  readonly rates: readonly Rate[];
  /** At the trace's origin. */
  readonly bounds: Bounds;
}

export function related(said: readonly ClockLimits[], count: number): Related {
  const parting = said.length > 0 ? inProbeTime(said, count).map(relationOf) : [];
  const connected = withBrokenWhereNeeded(parting, count);
  const rates = ratesOf(connected, count);
  const steady = connected.flatMap((relation) => atRate(relation, rates) ?? []);
  const { bounds, relations, left } = boundsOver(steady, count);
  const contradicting = [...parting.filter(({ isBroken }) => isBroken), ...left];
  return { relations, contradicting, rates, bounds };
}

const middle = ({ lowNs, highNs }: Interval): Nanos => Math.round((lowNs + highNs) / 2);

function inProbeTime(said: readonly ClockLimits[], count: number): ClockLimits[] {
  const edges = said.map((limits) => ({ ...limits, ...intervalAt(limits, 0, 0, 0) }));
  const rough: Nanos[] = [0];
  for (const [clock, edge] of reachedFromProbe(neighboursOf(count, edges))) {
    if (!edge) continue;
    const sign = edge.to === clock ? 1 : -1;
    rough[clock] = (rough[otherEnd(edge, clock)] ?? 0) + sign * middle(edge);
  }
  return said.map((limits) => shifted(limits, rough[limits.from] ?? 0));
}

function relationOf(all: ClockLimits): Relation {
  const calm = fitRate(all) ? undefined : withoutUnwaited(all);
  const limits = calm ?? all;
  const fit = fitRate(limits);
  const [from, to] = [limits.from, limits.to];
  if (!fit) return { from, to, limits, rate: 0, slack: 0, isBroken: true, ...widest(limits) };
  return { from, to, limits, ...fit, isBroken: false, ...intervalAt(limits, 0, fit.rate, 0) };
}

/** Two clocks that contradict each other are tied only where nothing else ties them. */
function withBrokenWhereNeeded(relations: readonly Relation[], count: number): Relation[] {
  const kept = relations.filter(({ isBroken }) => !isBroken);
  for (const relation of relations) {
    if (!relation.isBroken) continue;
    const reached = reachedFromProbe(neighboursOf(count, kept));
    if (!reached.has(relation.from) || !reached.has(relation.to)) kept.push(relation);
  }
  return kept;
}

/** Of two clocks that part, the one farther from the probe is said to drift. */
function ratesOf(relations: readonly Relation[], count: number): Rate[] {
  const rates = new Array<Rate>(count).fill(0);
  if (relations.every(({ rate }) => rate === 0)) return rates;
  for (const [clock, relation] of reachedFromProbe(neighboursOf(count, relations))) {
    if (!relation) continue;
    const sign = relation.to === clock ? 1 : -1;
    rates[clock] = rates[otherEnd(relation, clock)]! + sign * relation.rate;
  }
  return rates;
}

/** The relation when both clocks drift as they were found to; undefined when that does not fit what it says. */
function atRate(relation: Relation, rates: readonly Rate[]): Relation | undefined {
  if (relation.isBroken) return relation;
  const rate = rates[relation.to]! - rates[relation.from]!;
  const { lowNs, highNs } = intervalAt(relation.limits, 0, rate, 0);
  const bounds = { lowNs: Math.floor(lowNs), highNs: Math.ceil(highNs) };
  if (bounds.lowNs > bounds.highNs) return undefined;
  return { ...relation, ...bounds, rate, slack: relation.slack + Math.abs(rate - relation.rate) };
}

function boundsOver(
  relations: readonly Relation[],
  count: number,
): { bounds: Bounds; relations: readonly Relation[]; left: Relation[] } {
  const all = unbounded(count);
  if (tighten(all, neighboursOf(count, relations), [0])) return { bounds: all, relations, left: [] };
  const tree = new Set(reachedFromProbe(neighboursOf(count, relations)).values());
  const [kept, others] = [relations.filter((r) => tree.has(r)), relations.filter((r) => !tree.has(r))];
  const left: Relation[] = others.splice(MAX_TRIED);
  for (const relation of others) {
    kept.push(relation);
    if (!tighten(unbounded(count), neighboursOf(count, kept), [0])) left.push(kept.pop()!);
  }
  const bounds = unbounded(count);
  tighten(bounds, neighboursOf(count, kept), [0]);
  return { bounds, relations: kept, left };
}

/** What is open for the clock's θ at an instant, along the ways that bound it best. */
export function openAt(clock: number, atNs: Nanos, { bounds }: Related): Interval {
  return {
    lowNs: alongWay(clock, atNs, bounds.lowEdge, 'lowNs'),
    highNs: alongWay(clock, atNs, bounds.highEdge, 'highNs'),
  };
}

function alongWay(
  clock: number,
  atNs: Nanos,
  edges: readonly (Edge | undefined)[],
  side: 'lowNs' | 'highNs',
): Nanos {
  const opposite = side === 'lowNs' ? 'highNs' : 'lowNs';
  let sumNs = 0;
  for (let at = clock; at !== 0; ) {
    const relation = edges[at] as Relation;
    const interval = relation.isBroken
      ? relation
      : intervalAt(relation.limits, atNs, relation.rate, relation.slack);
    sumNs += relation.to === at ? interval[side] : -interval[opposite];
    at = otherEnd(relation, at);
  }
  return sumNs;
}

/** How far a clock's drift can be from what was found. */
export function driftSlack(clock: number, { relations, rates }: Related): Rate {
  const wayTo = reachedFromProbe(neighboursOf(rates.length, relations));
  let slack = 0;
  for (let at = clock; at !== 0; ) {
    const relation = wayTo.get(at)!;
    slack += relation.slack;
    at = otherEnd(relation, at);
  }
  return slack;
}
