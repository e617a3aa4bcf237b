/** Requests, their phases and what lies below those as spans: parent is the step that was running when the page asked. */

import { answeredIn } from '../../src/import/answered-in.ts';
import { normalOrigin } from '../../src/import/netlog/connections.ts';
import type { Connection, Exchange, NetLog, Stall } from '../../src/import/netlog.ts';
import { HEADWATER, PHASES, present } from '../../src/model/attributes.ts';
import type { Attributes } from '../../src/model/span.ts';
import { type UnixNano, unixMsFromNano, unixNanoFromMs } from '../../src/model/time.ts';
import { type BrowserClock, shiftOf, usualShift } from './browser-clock.ts';
import { endpointOf } from './endpoint.ts';
import { netErrorName } from './net-error.ts';
import { layPhases, type Mark, type Phase } from './phases.ts';
import { requestFacts } from './request-facts.ts';
import { localPhases, pauseMarks } from './request-holds.ts';
import type { SeenRequest } from './request-join.ts';
import { failedSetup, type MarkInput, marksOf } from './request-marks.ts';
import { serverTimingSpans } from './server-timing-spans.ts';
import { setupSpans, stallSpans } from './setup-spans.ts';
import { newSpanId, PRECISION_OF_SOURCE, type SpanDraft } from './span-draft.ts';

export interface RequestSpansInput {
  readonly requests: readonly SeenRequest[];
  readonly netLog: NetLog;
  readonly clock: BrowserClock | undefined;
  /** Span id of the step (or the run) that was under way at an instant. */
  readonly parentAt: (unixNano: UnixNano) => string;
  /** Span id of each connection's row, by the source id of its socket. */
  readonly connectionSpanIds?: ReadonlyMap<number, string>;
  /** End of the run: what is still open then, ends there. */
  readonly endUnixNano: UnixNano;
}

/** Request spans, each followed by its phases and by what lies below them. */
export function requestSpans(input: RequestSpansInput): SpanDraft[] {
  const shiftMsOf = netLogShifts(input.requests, input.clock);
  const connectionById = new Map(input.netLog.connections.map((c) => [c.sourceId, c]));
  const initiatorOf = initiatorFinder(input.requests);
  return input.requests.flatMap((request) => {
    const connection = connectionById.get(request.exchange?.connectionId ?? -1);
    const shiftMs = shiftMsOf(request);
    const phases = phasesOf(request, connection, shiftMs, input);
    if (phases.length === 0) return [];
    return spansOf(request, phases, connection, initiatorOf(request), shiftMs, input);
  });
}

/** The hop before of a redirect chain, the request that a preflight serves, or none that is a request. */
function initiatorFinder(requests: readonly SeenRequest[]): (request: SeenRequest) => string | undefined {
  const keyOf = (requestId: string | undefined, hop: number) => `${requestId}#${hop}`;
  const spanIdByKey = new Map(requests.map((r) => [keyOf(r.cdp?.requestId, r.cdp?.hop ?? 0), r.spanId]));
  return ({ cdp }) => {
    if (!cdp) return undefined;
    if (cdp.hop > 0) return spanIdByKey.get(keyOf(cdp.requestId, cdp.hop - 1));
    return cdp.initiatorRequestId && spanIdByKey.get(keyOf(cdp.initiatorRequestId, 0));
  };
}

/** What to add to NetLog's stamps, request by request: its own distance to CDP's, else the usual one. */
export function netLogShifts(
  requests: readonly SeenRequest[],
  clock: BrowserClock | undefined,
): (request: SeenRequest | undefined) => number {
  const shiftByRequest = new Map<SeenRequest | undefined, number>();
  for (const request of requests) {
    const shift = request.cdp && clock && shiftOf(request.cdp, request.exchange, clock);
    if (shift !== undefined) shiftByRequest.set(request, shift);
  }
  const usual = usualShift([...shiftByRequest.values()]);
  return (request) => shiftByRequest.get(request) ?? usual;
}

function phasesOf(
  { cdp, exchange, injected }: SeenRequest,
  connection: Connection | undefined,
  shiftMs: number,
  { clock, netLog, endUnixNano }: RequestSpansInput,
): Phase[] {
  const runEndMs = unixMsFromNano(endUnixNano);
  const issuedMs = cdp && clock ? clock.unixMs(cdp.issuedS) : (exchange?.startUnixMs ?? runEndMs) + shiftMs;
  const finishedMs =
    cdp?.finishedS !== undefined && clock
      ? clock.unixMs(cdp.finishedS)
      : exchange?.endUnixMs !== undefined && exchange.endUnixMs + shiftMs;
  const endMs = Math.max(issuedMs, Math.min(finishedMs || runEndMs, runEndMs));
  if (cdp?.fromCache) return localPhases(cdp, cdp.fromCache, issuedMs, endMs, clock);
  const gotNoConnection = exchange !== undefined && connection === undefined && !exchange.fromCache;
  const failed = gotNoConnection
    ? failedSetup(exchange, normalOrigin(exchange.url), netLog)
    : { failedDns: [], failedConnections: [] };
  const isPayer = exchange?.paidForConnection && wasWaitedFor(connection, issuedMs - shiftMs);
  const paid = isPayer ? connection : undefined;
  const marks: MarkInput = {
    exchange,
    timing: cdp?.timing,
    requestTimeMs: cdp?.timing && clock ? clock.unixMs(cdp.timing.requestTime) : issuedMs,
    shiftMs,
    endMs,
    connection: paid,
    lostRaces: paid
      ? netLog.connections.filter(
          (c) => c !== paid && (isSameRace(c, paid) || isOvertaken(c, paid, issuedMs - shiftMs)),
        )
      : [],
    ...failed,
  };
  const seen = marksOf(marks);
  const pauses = pauseMarks(injected, issuedMs, [...seen, ...handedOver(exchange, shiftMs)]);
  return layPhases(issuedMs, endMs, [...seen, ...pauses], false);
}

const isSameRace = (a: Connection, b: Connection): boolean => a.jobId !== undefined && a.jobId === b.jobId;

/** Chromium opens a second connection beside one that has not come about in 250 ms; its timers are a little early. */
const SECOND_TRY_MS = 200;

/**
 * A connection of another job to the same host that did not come about, until the request was given a second one.
 * ```
 * // the first |------------------------------------------>    its first packet was lost
 * // the paid                |-|                               begun because of that
 * // issued  |               the time between is the first one's
 * ```
 */
function isOvertaken(first: Connection, paid: Connection, issuedNetLogMs: number): boolean {
  if (first.transport !== 'tcp' || paid.transport !== 'tcp' || first.origin !== paid.origin) return false;
  const startMs = first.tcp.startUnixMs;
  return (
    startMs >= issuedNetLogMs - PRECONNECT_LEAD_MS &&
    paid.tcp.startUnixMs - Math.max(startMs, issuedNetLogMs) >= SECOND_TRY_MS &&
    (first.tcp.endUnixMs ?? Number.POSITIVE_INFINITY) > (paid.tcp.endUnixMs ?? paid.tcp.startUnixMs)
  );
}

/** The network stack has the request only when the pause is over, which the probe may hear of late. */
const handedOver = (exchange: Exchange | undefined, shiftMs: number): Mark[] =>
  exchange
    ? [
        {
          name: PHASES.wait,
          startMs: exchange.startUnixMs + shiftMs,
          endMs: Number.MAX_VALUE,
          source: 'netlog',
        },
      ]
    : [];

/** Chromium preconnects for a navigation up to this long before it asks for the page (90 ms seen under load). */
const PRECONNECT_LEAD_MS = 250;

/** A spare socket that had been open for long when the request came cost it nothing. */
export function wasWaitedFor(connection: Connection | undefined, issuedNetLogMs: number): boolean {
  const end = connection?.tls ? connection.tls.endUnixMs : connection?.tcp.endUnixMs;
  return (end ?? Number.POSITIVE_INFINITY) >= issuedNetLogMs - PRECONNECT_LEAD_MS;
}

function spansOf(
  request: SeenRequest,
  phases: readonly Phase[],
  connection: Connection | undefined,
  initiator: string | undefined,
  shiftMs: number,
  { clock, parentAt, endUnixNano, connectionSpanIds }: RequestSpansInput,
): SpanDraft[] {
  const { cdp, exchange, spanId } = request;
  const connectionSpanId = connectionSpanIds?.get(connection?.sourceId ?? -1);
  const url = cdp?.url ?? exchange?.url ?? '';
  const startUnixNano = unixNanoFromMs(phases[0]?.startMs ?? 0);
  const askedUnixNano = cdp && clock ? unixNanoFromMs(clock.unixMs(cdp.issuedS)) : startUnixNano;
  const source = cdp ? 'cdp' : 'netlog';
  const error = errorOf(request, endUnixNano);
  const span: SpanDraft = {
    spanId,
    parentSpanId: parentAt(askedUnixNano),
    type: 'request',
    name: `${cdp?.method ?? exchange?.method ?? 'GET'} ${pathOf(url)}`,
    kind: 'client',
    layer: 'browser',
    component: hostOf(url),
    startUnixNano,
    endUnixNano: unixNanoFromMs(phases.at(-1)?.endMs ?? 0),
    error: error && (/^\d+$/.test(error) ? `HTTP ${error}` : error),
    source,
    // A copy out of a cache names the trace of its first answer.
    links: cdp && !cdp.fromCache ? answeredIn(cdp) : [],
    attributes: {
      ...requestAttributes(request, url),
      ...requestFacts(cdp),
      ...(error && { 'error.type': error }),
      ...connectionAttributes(request, connection),
      ...(connectionSpanId && { [HEADWATER.connection]: connectionSpanId }),
      ...(initiator && { [HEADWATER.initiator]: initiator }),
    },
  };
  const phaseSpans = phases.map((phase) => phaseSpan(phase, span, connection));
  const drawn = phases.map((phase, i) => [phase, phaseSpans[i] as SpanDraft] as const);
  return [
    span,
    ...phaseSpans,
    ...drawn.flatMap(([phase, drawnAs]) => setupSpans(phase, drawnAs)),
    ...stallSpans(exchange?.stalls ?? [], drawn, shiftMs),
    ...serverTimingSpans(cdp?.serverTiming, span, phaseSpans),
  ];
}

function phaseSpan(phase: Phase, request: SpanDraft, connection: Connection | undefined): SpanDraft {
  return {
    spanId: newSpanId(),
    parentSpanId: request.spanId,
    type: 'phase',
    name: phase.name,
    layer: phase.layer,
    component:
      phase.component ??
      (phase.layer === 'browser' ? 'chromium' : undefined) ??
      connection?.remoteAddress ??
      request.component,
    startUnixNano: unixNanoFromMs(phase.startMs),
    endUnixNano: unixNanoFromMs(phase.endMs),
    error: phase.error,
    source: phase.source,
    precisionNs: PRECISION_OF_SOURCE[phase.source],
    attributes: phase.attributes,
  };
}

/** Still open when the run ended; every other value is the browser's or HTTP's own. */
const UNFINISHED = 'unfinished';

/** As semantic conventions want `error.type`: a net error's name, or the status code. */
function errorOf({ cdp, exchange }: SeenRequest, runEnd: UnixNano): string | undefined {
  if (cdp?.failure) return cdp.failure.replace(/^net::/, '');
  // The run may end before the browser has told of a failure that its network stack knows already.
  if (exchange?.netError !== undefined && cdp?.finishedS === undefined)
    return netErrorName(exchange.netError);
  // A body that no script has read is never reported as finished, but NetLog saw it come in.
  const isOpen = exchange?.endUnixMs === undefined || exchange.endUnixMs > unixMsFromNano(runEnd);
  if (cdp?.finishedS === undefined && isOpen) return UNFINISHED;
  const status = cdp?.statusCode ?? exchange?.statusCode ?? 0;
  return status >= 400 ? String(status) : undefined;
}

function requestAttributes({ cdp, exchange, injected }: SeenRequest, url: string): Attributes {
  const status = cdp?.statusCode ?? exchange?.statusCode;
  const protocol = protocolOf(cdp?.protocol);
  return present({
    'http.request.method': cdp?.method ?? exchange?.method,
    'url.full': url,
    'http.response.status_code': status,
    'network.protocol.name': protocol?.name,
    'network.protocol.version': protocol?.version,
    // Without an answer the bytes are those of the browser's own error page.
    'http.response.size': status === undefined ? undefined : cdp?.transferBytes,
    'http.response.header.server': cdp?.serverName ? [cdp.serverName] : undefined,
    'http.response.header.server-timing': cdp?.serverTiming ? [cdp.serverTiming] : undefined,
    'http.response.header.traceresponse': cdp?.traceresponse ? [cdp.traceresponse] : undefined,
    'headwater.response.decoded_bytes': status === undefined ? undefined : cdp?.decodedBytes || undefined,
    'headwater.resource_type': cdp?.resourceType.toLowerCase() ?? 'other',
    [HEADWATER.initiator]: cdp?.initiatorType,
    'headwater.initiator_url': cdp?.initiatorUrl,
    'headwater.from_cache': cdp?.fromCache,
    'headwater.traceparent_sent': injected !== undefined,
    ...stallAttributes(exchange?.stalls ?? []),
  });
}

/** Both lists go together. NetLog may tell of hundreds for one upload: those that took no time are left out. */
function stallAttributes(stalls: readonly Stall[]): Record<string, string[] | number[] | undefined> {
  const felt = stalls.filter((stall) => stall.endUnixMs !== stall.startUnixMs).slice(0, MAX_LISTED_STALLS);
  if (felt.length === 0) return {};
  return {
    'headwater.stalls': felt.map((stall) => stall.kind),
    'headwater.stalls_ms': felt.map(({ startUnixMs, endUnixMs }) => (endUnixMs ?? startUnixMs) - startUnixMs),
  };
}
const MAX_LISTED_STALLS = 64;

function connectionAttributes(
  { cdp, exchange }: SeenRequest,
  connection: Connection | undefined,
): Attributes {
  const server = serverOf(cdp?.url ?? exchange?.url ?? '');
  const peer = endpointOf(connection?.remoteAddress);
  return present({
    'server.address': server?.address,
    'server.port': server?.port,
    'network.peer.address': cdp?.remoteAddress || peer?.address,
    'network.peer.port': cdp?.remotePort || peer?.port,
    [HEADWATER.clientPort]: endpointOf(connection?.localAddress)?.port,
    'headwater.connection_id': connection?.sourceId,
    'headwater.connection_reused': connection && !exchange?.paidForConnection,
  });
}

function protocolOf(protocol: string | undefined): { name: string; version?: string } | undefined {
  if (protocol === 'h2') return { name: 'http', version: '2' };
  if (protocol === 'h3') return { name: 'http', version: '3' };
  const http = /^http\/(1\.\d)$/.exec(protocol ?? '');
  if (http) return { name: 'http', version: http[1] };
  return protocol ? { name: protocol } : undefined;
}

function serverOf(text: string): { address: string; port: number } | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
  return { address: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (isSecure ? 443 : 80) };
}

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);
