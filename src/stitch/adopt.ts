/**
 * Finds what servers said about requests of this run without knowing its trace. Pictures and styles go out without a
 * `traceparent` (each header costs the page time), so a load balancer begins a trace of its own for each; and a server
 * that was not given the trace context, or does not take it, does so for every request:
 *
 * ```
 * // caller     |----------------|      GET /logo.svg
 * // stranger     |---------|          GET /logo.svg, the same socket or the same time (same-request.ts)
 * ```
 * While a run is on, whatever may fit is *offered* to it (no parent, `headwater.joined_by`). Stitching decides, with all of
 * the trace at hand and whatever order it came in: what fits two callers, or a caller that fits two strangers, is left
 * away. Nothing is guessed.
 */
import { HEADWATER } from '../model/attributes.ts';
import type { Attributes, ReportedSpan, Warning } from '../model/span.ts';
import { classify, typeOf } from './classify.ts';
import {
  callersByRequestLine,
  candidates,
  holds,
  isCaller,
  LOOSE_NS,
  portsAgree,
  TIGHT_NS,
} from './same-request.ts';

export const JOINED_BY_PORT = 'client port, path and time';
export const JOINED_BY_PATH = 'method, path and time';

/** A server's report of a request that it began a trace of its own for. */
export const isStranger = (span: ReportedSpan): boolean =>
  !span.parentSpanId &&
  (typeOf(span.attributes) === 'proxy' || span.kind === 'server') &&
  span.attributes[HEADWATER.joinedBy] === undefined;

/** A report of a stranger that was given to this trace to look whether it fits. */
export const isOfferedStranger = ({ parentSpanId, attributes }: ReportedSpan): boolean => {
  if (parentSpanId) return false;
  const how = attributes[HEADWATER.joinedBy];
  return how === JOINED_BY_PORT || how === JOINED_BY_PATH;
};

/**
 * Strangers that may belong to a request of the run, with the way to tell.
 * @param own spans of the run
 * @param strangers spans of traces that nobody knows the beginning of
 */
export function strangersToOffer(
  own: readonly ReportedSpan[],
  strangers: readonly ReportedSpan[],
): Map<ReportedSpan, string> {
  const callersByLine = callersByRequestLine(own.filter(isCaller));
  const offers = new Map<ReportedSpan, string>();
  for (const stranger of strangers) {
    if (!isStranger(stranger)) continue;
    const fitting = candidates(stranger, callersByLine).filter((caller) => holds(caller, stranger, LOOSE_NS));
    if (fitting.length === 0) continue;
    const isByPort = fitting.some((caller) => portsAgree(caller, stranger) === true);
    offers.set(stranger, isByPort ? JOINED_BY_PORT : JOINED_BY_PATH);
  }
  return offers;
}

/** The stranger and what hangs below it, as part of the run: ids and times stay what they are. */
export function offeredTo(
  traceId: string,
  span: ReportedSpan,
  stranger: ReportedSpan,
  how: string,
): ReportedSpan {
  if (span.spanId !== stranger.spanId || span.source !== stranger.source) return { ...span, traceId };
  const attributes = { ...span.attributes, [HEADWATER.joinedBy]: how };
  const evidence = how === JOINED_BY_PATH ? ('inferred' as const) : span.evidence;
  return { ...span, traceId, evidence, attributes };
}

/** Reports below one, itself included; `spans` are of one trace, in any order. */
export function withBelow(top: ReportedSpan, spans: readonly ReportedSpan[]): ReportedSpan[] {
  const childrenOf = childrenByParent(spans);
  const found = new Set([top]);
  for (const span of found) for (const child of childrenOf.get(span.spanId) ?? []) found.add(child);
  return [...found];
}

/**
 * Decides about everything that was offered.
 * @returns the reports that stay, those that were joined with their parent set
 */
export function joinStrangers(reports: readonly ReportedSpan[]): {
  reports: readonly ReportedSpan[];
  warnings: Warning[];
} {
  const offered = reports.filter(isOfferedStranger);
  if (offered.length === 0) return { reports, warnings: [] };
  const childrenOf = childrenByParent(reports);
  const away = new Set(offered.flatMap((stranger) => [...below(stranger, childrenOf)]));
  const callerOf = new Map<ReportedSpan, ReportedSpan>();
  // A service that joined may have called others which lost the trace too: they are asked for in the next round.
  for (let open = offered; open.length > 0; ) {
    const callers = reports.filter((report) => !away.has(report));
    const joined = onlyFits(openCallers(callers, callerOf), open);
    if (joined.size === 0) break;
    for (const [stranger, caller] of joined) {
      callerOf.set(stranger, caller);
      for (const report of below(stranger, childrenOf)) away.delete(report);
    }
    open = open.filter((stranger) => !callerOf.has(stranger));
  }
  const stay = reports.filter((report) => !away.has(report));
  const left = offered.filter((stranger) => !callerOf.has(stranger));
  return {
    reports: stay.map((report) => withParent(report, callerOf.get(report))),
    warnings: unjoined(openCallers(stay, callerOf), left),
  };
}

const withParent = (report: ReportedSpan, caller: ReportedSpan | undefined): ReportedSpan =>
  caller ? { ...report, parentSpanId: caller.spanId } : report;

function below(top: ReportedSpan, childrenOf: ReadonlyMap<string, ReportedSpan[]>): Set<ReportedSpan> {
  const found = new Set([top]);
  for (const span of found)
    for (const child of childrenOf.get(span.spanId) ?? []) if (!isOfferedStranger(child)) found.add(child);
  return found;
}

/** What fits one open caller that nothing else fits. */
function onlyFits(
  callers: readonly ReportedSpan[],
  strangers: readonly ReportedSpan[],
): Map<ReportedSpan, ReportedSpan> {
  const callersByLine = callersByRequestLine(callers);
  const claims = new Map<ReportedSpan, ReportedSpan[]>();
  for (const stranger of strangers) {
    const caller = onlyFit(stranger, candidates(stranger, callersByLine));
    if (!caller) continue;
    const claimants = claims.get(caller);
    if (claimants) claimants.push(stranger);
    else claims.set(caller, [stranger]);
  }
  const found = new Map<ReportedSpan, ReportedSpan>();
  for (const [caller, claimants] of claims) if (claimants.length === 1) found.set(claimants[0]!, caller);
  return found;
}

function onlyFit(stranger: ReportedSpan, callers: readonly ReportedSpan[]): ReportedSpan | undefined {
  const samePort = callers.filter((caller) => portsAgree(caller, stranger) === true);
  const asked = samePort.length > 0 ? samePort : callers;
  for (const slack of [TIGHT_NS, LOOSE_NS]) {
    const fitting = asked.filter((caller) => holds(caller, stranger, slack));
    if (fitting.length > 0) return fitting.length === 1 ? fitting[0] : undefined;
  }
  return undefined;
}

/** Callers that no server has spoken of yet. A proxy that forwards the context unchanged has its server beside it. */
function openCallers(
  reports: readonly ReportedSpan[],
  callerOf: ReadonlyMap<ReportedSpan, ReportedSpan>,
): ReportedSpan[] {
  const answered = new Set<string>();
  for (const report of reports) {
    const parentId = report.parentSpanId ?? callerOf.get(report)?.spanId;
    if (report.kind === 'server' && parentId) answered.add(parentId);
  }
  const behind = new Set<string>();
  for (const { kind, attributes, parentSpanId } of reports)
    if (kind === 'server' && parentSpanId && typeOf(attributes) !== 'proxy') behind.add(parentSpanId);
  return reports.filter(
    (report) =>
      isCaller(report) &&
      !answered.has(report.spanId) &&
      !(typeOf(report.attributes) === 'proxy' && behind.has(report.parentSpanId ?? '')),
  );
}

/** Requests that lost the trace and cannot be told apart. */
function unjoined(callers: readonly ReportedSpan[], strangers: readonly ReportedSpan[]): Warning[] {
  const callersByLine = callersByRequestLine(callers);
  const countByHop = new Map<string, number>();
  for (const stranger of strangers) {
    const [caller] = candidates(stranger, callersByLine).filter((one) => holds(one, stranger, LOOSE_NS));
    if (!caller || hasNoContext(caller)) continue;
    const hop = `between ${classify(caller).component} and ${classify(stranger).component}`;
    countByHop.set(hop, (countByHop.get(hop) ?? 0) + 1);
  }
  return [...countByHop].map(([hop, count]) => ({
    code: 'context.lost',
    where: hop,
    message: `The trace ID was lost ${hop}: ${count} ${count === 1 ? 'trace' : 'traces'} began there meanwhile that fit several requests of this run, or share one with others, and nobody can tell which; none is shown.`,
  }));
}

/** A request that went out without a trace context has not lost it. */
export const hasNoContext = ({ attributes }: { attributes: Attributes }): boolean =>
  typeOf(attributes) === 'request' && attributes['headwater.traceparent_sent'] !== true;

function childrenByParent(reports: readonly ReportedSpan[]): Map<string, ReportedSpan[]> {
  const childrenOf = new Map<string, ReportedSpan[]>();
  for (const report of reports) {
    if (!report.parentSpanId) continue;
    const children = childrenOf.get(report.parentSpanId);
    if (children) children.push(report);
    else childrenOf.set(report.parentSpanId, [report]);
  }
  return childrenOf;
}
