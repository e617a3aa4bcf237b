/**
 * Where each clock can be against the browser's, from causality alone.
 *
 * A server answers inside the time its client waited, so with θ = server clock − client clock:
 * ```
 * // client  |----------------------|
 * // server      |----------|            θ ∈ [server_end − client_end, server_start − client_start]
 * ```
 * The lower bound is the softer one: a service notes that its answer has ended when its event loop gets to it, which
 * may be long after the client has read it. So of the lower bounds that services' ends give, the middle one counts, with
 * some room: half of the ends may be noted as late as they like. Each bound is widened by the precision of both sources.
 * All pairs between two clocks are intersected. If 0 is inside, nothing moves; otherwise the clock moves by the least
 * that satisfies all. Disjoint bounds are reported.
 * A source that has exchanged clocks with the probe (a host's agent) tells its bounds itself.
 * A "server" that took longer than its client waited was not waited for, and says nothing about clocks.
 */
import { HEADWATER } from '../model/attributes.ts';
import type { ReportedSpan, Warning } from '../model/span.ts';
import { formatDuration, type Nanos } from '../model/time.ts';
import type { ClockOffset } from '../model/trace.ts';
import { type Draft, isAnswerTo } from './draft.ts';

/** How late a service usually notes the end of its own answer: some turns of an event loop. */
export const LATE_END_NS = 5e6;

interface Bounds {
  lowNs: Nanos;
  highNs: Nanos;
}

export interface ClockAlignment {
  readonly offsets: readonly ClockOffset[];
  readonly offsetNsByClock: ReadonlyMap<string, Nanos>;
  readonly warnings: readonly Warning[];
}

export function alignClocks(drafts: readonly Draft[], root: Draft): ClockAlignment {
  const boundsBetween = pairBounds(drafts);
  for (const { report } of drafts) {
    const told = toldBounds(report);
    if (told) narrow(boundsBetween, root.report.clock, report.clock, told.lowNs, told.highNs);
  }
  const warnings: Warning[] = [];
  const found = new Map<string, ClockOffset>();
  for (const clock of clocksOfProbe(drafts, root)) found.set(clock, { clock, offsetNs: 0, boundNs: 0 });
  // Breadth first from the browser's clock: each clock is bound to the nearest one that is already known.
  for (const known of found.values()) {
    for (const [clock, bounds] of boundsBetween.get(known.clock) ?? []) {
      if (found.has(clock)) continue;
      if (bounds.lowNs > bounds.highNs) warnings.push(disjoint(clock, known.clock, bounds));
      found.set(clock, smallestMove(clock, known, bounds));
    }
  }
  const offsets = [...found.values()];
  return {
    offsets,
    offsetNsByClock: new Map(offsets.map((offset) => [offset.clock, offset.offsetNs])),
    warnings,
  };
}

/** The probe and its browser run on one machine and read one clock, whatever their sources call it. */
function clocksOfProbe(drafts: readonly Draft[], root: Draft): Set<string> {
  const clocks = new Set([root.report.clock]);
  for (const { type, report } of drafts)
    if (type === 'step' || type === 'action' || type === 'task' || type === 'request')
      clocks.add(report.clock);
  return clocks;
}

/** θ = the report's clock − the probe's, where the two have exchanged clocks. */
function toldBounds({ attributes }: ReportedSpan): Bounds | undefined {
  const [lowNs, highNs] = [attributes[HEADWATER.clockLowNs], attributes[HEADWATER.clockHighNs]];
  return typeof lowNs === 'number' && typeof highNs === 'number' ? { lowNs, highNs } : undefined;
}

/** What to add to a report's times so that they fit the probe's clock; undefined where its source told no bounds. */
export function toldOffset(report: ReportedSpan): Nanos | undefined {
  const bounds = toldBounds(report);
  return bounds && 0 - Math.max(bounds.lowNs, Math.min(bounds.highNs, 0));
}

/** What all pairs of one client clock and one server clock say of θ. */
interface Said {
  readonly client: string;
  readonly server: string;
  lowNs: Nanos;
  highNs: Nanos;
  /** Lower bounds from ends that may have been noted late. */
  readonly softLowsNs: Nanos[];
}

/** Intersected bounds of θ = clock B − clock A, in both directions. */
function pairBounds(drafts: readonly Draft[]): Map<string, Map<string, Bounds>> {
  const between = new Map<string, Map<string, Bounds>>();
  for (const { client, server, lowNs, highNs, softLowsNs } of saidByPairs(drafts)) {
    const low = Math.max(lowNs, softLowsNs.length > 0 ? medianOf(softLowsNs) - LATE_END_NS : lowNs);
    narrow(between, client, server, low, highNs);
    narrow(between, server, client, -highNs, -low);
  }
  return between;
}

function saidByPairs(drafts: readonly Draft[]): Iterable<Said> {
  const saidByClocks = new Map<string, Said>();
  for (const server of drafts) {
    const client = server.parent;
    if (!client || client.report.clock === server.report.clock || !isAnswerTo(server, client)) continue;
    const slack = client.report.precisionNs + server.report.precisionNs;
    const endLowNs = server.endNs - client.endNs - slack;
    const highNs = server.startNs - client.startNs + slack;
    // It took longer than its client waited.
    if (endLowNs - LATE_END_NS > highNs) continue;
    const key = `${client.report.clock}\u0000${server.report.clock}`;
    const said = saidByClocks.get(key) ?? newSaid(client, server);
    saidByClocks.set(key, said);
    said.highNs = Math.min(said.highNs, highNs);
    const isExact = server.report.evidence === 'logged';
    // A server that was asked has begun before its client got the answer, whatever it noted later.
    said.lowNs = Math.max(said.lowNs, isExact ? endLowNs : server.startNs - client.endNs - slack);
    if (!isExact) said.softLowsNs.push(endLowNs);
  }
  return saidByClocks.values();
}

const newSaid = (client: Draft, server: Draft): Said => ({
  client: client.report.clock,
  server: server.report.clock,
  lowNs: Number.NEGATIVE_INFINITY,
  highNs: Number.POSITIVE_INFINITY,
  softLowsNs: [],
});

/** The lower one of two middles. */
const medianOf = (values: readonly Nanos[]): Nanos =>
  [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]!;

function narrow(
  between: Map<string, Map<string, Bounds>>,
  a: string,
  b: string,
  lowNs: Nanos,
  highNs: Nanos,
): void {
  const ofA = between.get(a) ?? new Map<string, Bounds>();
  between.set(a, ofA);
  const bounds = ofA.get(b);
  if (bounds) {
    bounds.lowNs = Math.max(bounds.lowNs, lowNs);
    bounds.highNs = Math.min(bounds.highNs, highNs);
  } else ofA.set(b, { lowNs, highNs });
}

/** `offsetNs` is what is added to the clock's raw times, so it is −θ. */
function smallestMove(clock: string, known: ClockOffset, bounds: Bounds): ClockOffset {
  const lowNs = Math.min(bounds.lowNs, bounds.highNs);
  const highNs = Math.max(bounds.lowNs, bounds.highNs);
  // θ against the browser's clock = θ against the known clock − what the known clock was moved by.
  const low = lowNs - known.offsetNs;
  const high = highNs - known.offsetNs;
  const theta = Math.max(low, Math.min(high, 0));
  const boundNs = Math.max(high - theta, theta - low) + known.boundNs;
  return { clock, offsetNs: theta === 0 ? 0 : -theta, boundNs };
}

const disjoint = (clock: string, against: string, { lowNs, highNs }: Bounds): Warning => ({
  code: 'clock.disjoint',
  where: clock,
  message: `The clock of ${clock} contradicts itself against ${against} by ${formatDuration(lowNs - highNs)}: it drifted or was set during the run.`,
});
