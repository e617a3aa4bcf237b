/**
 * Servers that answered in traces of their own, which the run's requests name: a server wrote it into its answer
 * (import/answered-in.ts), or a recording holds the `traceparent` that the page had sent.
 *
 * ```
 * // request         |------------------|     answered in: trace T, span S
 * // T, its balancer    |-----------|          the topmost server's span above S: goes below the request
 * // T, S                 |-------|            with all that hangs below it
 * // T, another page           |---------|     stays away
 * // request                                |-|     names S as well: its answer is a copy out of a cache
 * ```
 * All that servers told in such a trace is copied to the run, ids and times as they are (`headwater.joined_trace`). Stitching
 * decides what of it belongs to which request, so that the answer does not depend on what came first.
 */
import { HEADWATER, isAnsweredIn } from '../model/attributes.ts';
import type { ReportedSpan, SpanLink, Warning } from '../model/span.ts';
import { NANOS_PER_MS } from '../model/time.ts';
import { typeOf } from './classify.ts';
import { requestLine } from './recognise-proxies.ts';
import { LOOSE_NS } from './same-request.ts';

export const JOINED_BY_ANSWER = 'the trace that the answer names';
export const JOINED_BY_SENT = 'the traceparent that the page had sent';

/** A recording may come from a machine that nobody has set the clock of for long. */
const UNSET_NS = 10_000n * BigInt(NANOS_PER_MS);

interface Naming {
  readonly caller: ReportedSpan;
  readonly link: SpanLink;
}
/** A naming, and a server's span that it leads to. */
interface Claim extends Naming {
  readonly top: ReportedSpan;
}

/** Ids of other traces that a run's requests name. */
export const namedTraceIds = (own: readonly ReportedSpan[]): ReadonlySet<string> =>
  new Set(namingsIn(own).keys());

/**
 * What servers told in a trace, without the page that is instrumented itself, or the run that it was: an answer out of a
 * cache names the run that it was made for.
 */
export function ofServers(spans: readonly ReportedSpan[]): readonly ReportedSpan[] {
  const own = spans.filter((span) => traceOf(span) === undefined);
  const childrenOf = groupBy(own, ({ parentSpanId }) => parentSpanId ?? '');
  const found = new Set(own.filter(isServer));
  for (const span of found) for (const child of childrenOf.get(span.spanId) ?? []) found.add(child);
  return [...found];
}

/** A report of a named trace, as part of the run. */
export const copiedTo = (traceId: string, span: ReportedSpan): ReportedSpan => ({
  ...span,
  traceId,
  attributes: { ...span.attributes, [HEADWATER.joinedTrace]: span.traceId },
});

export interface Joined {
  /** The run's, without copies that no request of it has to do with; the very same list when nothing was copied. */
  readonly reports: readonly ReportedSpan[];
  readonly warnings: readonly Warning[];
}

export function joinNamed(reports: readonly ReportedSpan[]): Joined {
  const copies = copiesByTrace(reports);
  if (copies.size === 0) return { reports, warnings: [] };
  const namings = namingsIn(reports.filter((report) => traceOf(report) === undefined));
  const families = [...copies].map(([traceId, spans]) => new Family(spans, namings.get(traceId) ?? []));
  const claims = families.flatMap((family) => family.claims());
  const slack = claims.some((claim) => beganWithin(claim, LOOSE_NS)) ? LOOSE_NS : UNSET_NS;
  const callerOf = new Map<ReportedSpan, Claim>();
  for (const [top, rivals] of groupBy(claims, ({ top }) => top)) {
    const claim = rightful(rivals.filter((rival) => beganWithin(rival, slack)));
    if (claim) callerOf.set(top, claim);
  }
  const stay = new Set(families.flatMap((family) => family.below(callerOf)));
  return {
    reports: reports.flatMap((report) => {
      if (traceOf(report) === undefined) return [report];
      return stay.has(report) ? [placed(report, callerOf.get(report))] : [];
    }),
    warnings: claims.length > 0 && callerOf.size === 0 ? [elsewhen(claims)] : [],
  };
}

function placed(report: ReportedSpan, claim: Claim | undefined): ReportedSpan {
  if (!claim) return report;
  const how = isAnsweredIn(claim.link) ? JOINED_BY_ANSWER : JOINED_BY_SENT;
  const attributes = { ...report.attributes, [HEADWATER.joinedBy]: how };
  return { ...report, parentSpanId: claim.caller.spanId, attributes };
}

/**
 * Whose it is, of several requests that name one span: that for the same address; of these the first, as copies of an
 * answer come later. What a page had sent with several requests tells them apart by their addresses alone.
 */
function rightful(rivals: readonly Claim[]): Claim | undefined {
  const alike = rivals.filter(
    ({ top, caller }) => requestLine(top.attributes) === requestLine(caller.attributes),
  );
  const [first, ...others] = (alike.length > 0 ? alike : [...rivals]).sort((a, b) =>
    a.caller.startUnixNano === b.caller.startUnixNano
      ? Number(isAnsweredIn(a.link)) - Number(isAnsweredIn(b.link))
      : a.caller.startUnixNano < b.caller.startUnixNano
        ? -1
        : 1,
  );
  const isShared = others.some(({ caller, link }) => caller !== first?.caller && !isAnsweredIn(link));
  return isShared ? undefined : first;
}

const elsewhen = (claims: readonly Claim[]): Warning => ({
  code: 'context.named_elsewhen',
  where: claims[0]!.caller.spanId,
  message: `${claims.length === 1 ? 'An answer names a trace that lies' : `${claims.length} answers name traces that lie`} more than 10 s away from their request: a copy out of a cache, or a clock that is off by that much. Nothing of them is shown.`,
});

function namingsIn(reports: readonly ReportedSpan[]): Map<string, Naming[]> {
  const namings = new Map<string, Naming[]>();
  for (const caller of reports) {
    if (caller.links.length === 0 || typeOf(caller.attributes) !== 'request') continue;
    for (const link of caller.links)
      if (link.traceId !== caller.traceId) addTo(namings, link.traceId, { caller, link });
  }
  return namings;
}

const copiesByTrace = (reports: readonly ReportedSpan[]): Map<string, ReportedSpan[]> => {
  const copies = new Map<string, ReportedSpan[]>();
  for (const report of reports) {
    const traceId = traceOf(report);
    if (traceId !== undefined) addTo(copies, traceId, report);
  }
  return copies;
};

function traceOf({ attributes }: ReportedSpan): string | undefined {
  const traceId = attributes[HEADWATER.joinedTrace];
  return typeof traceId === 'string' ? traceId : undefined;
}

const isServer = ({ kind, attributes }: ReportedSpan): boolean =>
  kind === 'server' || typeOf(attributes) === 'proxy';
const beganWithin = ({ top, caller }: Pick<Claim, 'top' | 'caller'>, slack: bigint): boolean =>
  top.startUnixNano >= caller.startUnixNano - slack && top.startUnixNano <= caller.endUnixNano + slack;

/** One trace: who is whose parent, and who named it. */
class Family {
  readonly #spans: readonly ReportedSpan[];
  readonly #namings: readonly Naming[];
  readonly #byId: ReadonlyMap<string, readonly ReportedSpan[]>;
  readonly #childrenOf: ReadonlyMap<string, readonly ReportedSpan[]>;

  constructor(spans: readonly ReportedSpan[], namings: readonly Naming[]) {
    this.#spans = spans;
    this.#namings = namings;
    this.#byId = groupBy(spans, ({ spanId }) => spanId);
    this.#childrenOf = groupBy(spans, ({ parentSpanId }) => parentSpanId ?? '');
  }

  claims(): Claim[] {
    return this.#namings.flatMap((naming) => this.#topsOf(naming).map((top) => ({ ...naming, top })));
  }

  #topsOf({ caller, link }: Naming): readonly ReportedSpan[] {
    if (!isAnsweredIn(link)) return (this.#childrenOf.get(link.spanId) ?? []).filter(isServer);
    const named = this.#byId.get(link.spanId)?.find(isServer);
    if (named) return [this.#topAbove(named, caller)];
    // Not recorded, or not told yet: where nobody else names the trace, and it has one beginning, that is it.
    const isOnly = this.#namings.every((naming) => naming.caller === caller);
    const beginnings = isOnly
      ? this.#spans.filter((span) => isServer(span) && this.#serversAbove(span).length === 0)
      : [];
    return beginnings.length === 1 ? beginnings : [];
  }

  /** A server that had begun long before the request could was not asked by it. */
  #topAbove(named: ReportedSpan, { startUnixNano, endUnixNano }: ReportedSpan): ReportedSpan {
    const room = endUnixNano - startUnixNano + LOOSE_NS;
    const above = this.#serversAbove(named);
    return above.findLast((server) => named.startUnixNano - server.startUnixNano <= room) ?? named;
  }

  /** Nearest first. A page that is instrumented itself may stand above them: its spans are none of a server. */
  #serversAbove(span: ReportedSpan): ReportedSpan[] {
    const above: ReportedSpan[] = [];
    const seen = new Set<string>();
    for (let id = span.parentSpanId; id && !seen.has(id); ) {
      seen.add(id);
      // Client and server may share one id.
      const parents: readonly ReportedSpan[] = this.#byId.get(id) ?? [];
      above.push(...parents.filter(isServer));
      id = parents[0]?.parentSpanId;
    }
    return above;
  }

  /** Who stays: the tops that have a caller, with all that hangs below them. */
  below(callerOf: ReadonlyMap<ReportedSpan, Claim>): ReportedSpan[] {
    const found = new Set(this.#spans.filter((span) => callerOf.has(span)));
    for (const span of found) for (const child of this.#childrenOf.get(span.spanId) ?? []) found.add(child);
    return [...found];
  }
}

function groupBy<K, V>(values: readonly V[], keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) addTo(groups, keyOf(value), value);
  return groups;
}

function addTo<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
