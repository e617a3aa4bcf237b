/**
 * Finds what servers said about requests that carried no trace context. Pictures and styles go out without a
 * `traceparent` (each header costs the page time), so a load balancer begins a trace of its own for each. Both ends of
 * a socket name the browser's port, and that joins them:
 *
 * ```
 * // request   |----------------|      local port 50488, GET /logo.svg
 * // stranger     |---------|          client port 50488, GET /logo.svg, inside the request's time
 * ```
 * A port carries one request at a time over HTTP/1.1 and many over HTTP/2; method and path tell those apart. What
 * fits two requests, or a request that fits two strangers, is left alone: nothing is guessed. Behind a NAT or a CDN
 * the port is another one, and nothing is found.
 */
import { HEADWATER } from '../model/attributes.ts';
import type { Attributes, ReportedSpan } from '../model/span.ts';
import { NANOS_PER_MS } from '../model/time.ts';
import { proxyProgram, typeOf } from './classify.ts';
import { requestLine } from './recognise-proxies.ts';

/** Clocks of one machine, or kept by PTP: the finer look, that tells two requests for one address apart. */
const TIGHT_NS = 2n * BigInt(NANOS_PER_MS);
/** Machines that keep time by NTP agree within a few milliseconds; a port is not used again within this. */
const LOOSE_NS = 250n * BigInt(NANOS_PER_MS);

/** A load balancer's report of a request that it began a trace of its own for. */
export const isStranger = (span: ReportedSpan): boolean =>
  !span.parentSpanId &&
  (typeOf(span.attributes) === 'proxy' || (span.kind === 'server' && proxyProgram(span) !== undefined));

/**
 * @param own spans of the run
 * @param strangers spans of traces that nobody knows the beginning of
 * @returns the request of the run that each stranger belongs to
 */
export function requestByStranger(
  own: readonly ReportedSpan[],
  strangers: readonly ReportedSpan[],
): Map<ReportedSpan, ReportedSpan> {
  const requestsByKey = groupByKey(own.filter(isOpenRequest(own)));
  const found = new Map<ReportedSpan, ReportedSpan>();
  const claims = new Map<ReportedSpan, ReportedSpan[]>();
  for (const stranger of strangers) {
    const request = isStranger(stranger) && onlyFit(stranger, requestsByKey.get(keyOf(stranger) ?? '') ?? []);
    if (request) claims.set(request, [...(claims.get(request) ?? []), stranger]);
  }
  for (const [request, claimants] of claims) if (claimants.length === 1) found.set(claimants[0]!, request);
  return found;
}

/** The stranger and what hangs below it, as part of the run: ids and times stay what they are. */
export function adopted(span: ReportedSpan, stranger: ReportedSpan, request: ReportedSpan): ReportedSpan {
  const isStranger = span.spanId === stranger.spanId && span.source === stranger.source;
  return {
    ...span,
    traceId: request.traceId,
    ...(isStranger && {
      parentSpanId: request.spanId,
      attributes: { ...span.attributes, [HEADWATER.joinedBy]: 'client port, path and time' },
    }),
  };
}

/** A request that no server has spoken of yet. */
function isOpenRequest(own: readonly ReportedSpan[]): (span: ReportedSpan) => boolean {
  const answered = new Set(
    own.filter((span) => span.kind === 'server').flatMap((span) => span.parentSpanId ?? []),
  );
  return (span) => typeOf(span.attributes) === 'request' && !answered.has(span.spanId);
}

function groupByKey(requests: readonly ReportedSpan[]): Map<string, ReportedSpan[]> {
  const groups = new Map<string, ReportedSpan[]>();
  for (const request of requests) {
    const key = keyOf(request);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(request);
    else groups.set(key, [request]);
  }
  return groups;
}

/** Port, method, path; undefined when one of them is not known. */
function keyOf({ attributes, kind }: ReportedSpan): string | undefined {
  const port = attributes[HEADWATER.clientPort] ?? (kind === 'server' ? peerPort(attributes) : undefined);
  const request = requestLine(attributes);
  return typeof port === 'number' && request ? `${port} ${request}` : undefined;
}

/** What a server's span by OpenTelemetry calls its client's port, today and before. */
const peerPort = (attributes: Attributes): unknown =>
  attributes['network.peer.port'] ?? attributes['net.sock.peer.port'] ?? attributes['net.peer.port'];

function onlyFit(stranger: ReportedSpan, requests: readonly ReportedSpan[]): ReportedSpan | undefined {
  for (const slack of [TIGHT_NS, LOOSE_NS]) {
    const fitting = requests.filter((request) => holds(request, stranger, slack));
    if (fitting.length > 0) return fitting.length === 1 ? fitting[0] : undefined;
  }
  return undefined;
}

const holds = (request: ReportedSpan, stranger: ReportedSpan, slack: bigint): boolean =>
  stranger.startUnixNano >= request.startUnixNano - slack &&
  stranger.startUnixNano <= request.endUnixNano + slack;
