/**
 * Connections as rows of their own, children of the run: they outlive the request that paid for them.
 *
 * ```
 * connection   |---------------------------------|     from the first packet to the close, or to the end of the run
 * request 1    |DNS|TCP|TLS|send|wait|                 paid
 * request 2          |wait_for…|send|wait|             waited (all six were busy, or no stream was free)
 * request 3                              |send|wait|   rode for free
 * ```
 * Only the run's own are told: those that carried its requests, and spare ones to the same origins. A socket that
 * never got through TCP is an attempt of the one that did, or of the request that failed, and has no row.
 */
import { normalOrigin } from '../../src/import/netlog/connections.ts';
import type { Connection, NetLog, StallKind } from '../../src/import/netlog.ts';
import { HEADWATER, present } from '../../src/model/attributes.ts';
import type { Attributes } from '../../src/model/span.ts';
import { type UnixNano, unixMsFromNano, unixNanoFromMs } from '../../src/model/time.ts';
import type { BrowserClock } from './browser-clock.ts';
import { endpointOf } from './endpoint.ts';
import { netErrorName } from './net-error.ts';
import type { SeenRequest } from './request-join.ts';
import { netLogShifts, wasWaitedFor } from './request-spans.ts';
import type { DraftLink, SpanDraft } from './span-draft.ts';
import { tlsAttributes } from './tls-attributes.ts';

export interface ConnectionSpansInput {
  readonly requests: readonly SeenRequest[];
  readonly netLog: NetLog;
  readonly clock: BrowserClock | undefined;
  readonly connectionSpanIds: ReadonlyMap<number, string>;
  readonly runSpanId: string;
  readonly endUnixNano: UnixNano;
}

type ShiftMsOf = (request: SeenRequest | undefined) => number;

export function connectionSpans(input: ConnectionSpansInput): SpanDraft[] {
  const shiftMsOf = netLogShifts(input.requests, input.clock);
  const requestsById = new Map<number | undefined, SeenRequest[]>();
  const origins = new Set<string>();
  for (const request of input.requests) {
    const { exchange } = request;
    if (!exchange) continue;
    origins.add(normalOrigin(exchange.url));
    const list = requestsById.get(exchange.connectionId);
    if (list) list.push(request);
    else requestsById.set(exchange.connectionId, [request]);
  }
  return input.netLog.connections
    .filter((c) => requestsById.has(c.sourceId) || origins.has(c.origin))
    .filter((c) => c.tcp.endUnixMs !== undefined && c.tcp.netError === undefined)
    .flatMap((c) => connectionSpan(c, requestsById.get(c.sourceId) ?? [], shiftMsOf, input) ?? []);
}

function connectionSpan(
  connection: Connection,
  requests: readonly SeenRequest[],
  shiftMsOf: ShiftMsOf,
  input: ConnectionSpansInput,
): SpanDraft | undefined {
  const spanId = input.connectionSpanIds.get(connection.sourceId);
  const first = requests.find(({ exchange }) => exchange?.paidForConnection);
  const shiftMs = shiftMsOf(first);
  const runEndMs = unixMsFromNano(input.endUnixNano);
  const startMs = connection.tcp.startUnixMs + shiftMs;
  if (!spanId || startMs >= runEndMs) return undefined;
  const payer = first && isPaidBy(first, connection, shiftMs, input.clock) ? first : undefined;
  const endMs = (connection.closedUnixMs ?? runEndMs) + shiftMs;
  const tlsError = connection.tls?.netError;
  return {
    spanId,
    parentSpanId: input.runSpanId,
    type: 'connection',
    name: `connection to ${hostOf(connection)}`,
    layer: 'tcp',
    component: connection.remoteAddress ?? connection.origin,
    startUnixNano: unixNanoFromMs(startMs),
    endUnixNano: unixNanoFromMs(Math.max(startMs, Math.min(endMs, runEndMs))),
    error: tlsError === undefined ? undefined : netErrorName(tlsError),
    source: 'netlog',
    attributes: {
      ...endpoints(connection),
      ...(connection.tls && tlsAttributes(connection.tls)),
      ...sessionAttributes(connection),
      ...useAttributes(connection, requests, payer),
      'headwater.connection_id': connection.sourceId,
      'headwater.connection.ended': endedHow(connection, endMs < runEndMs),
      'headwater.connection.bytes_sent': connection.bytesSent,
      'headwater.connection.bytes_received': connection.bytesReceived,
    },
    links: requests.map((request) => linkTo(request, payer)),
  };
}

/** The first to send on it paid, unless it had been there for long when the request came. */
function isPaidBy(
  { cdp, exchange }: SeenRequest,
  connection: Connection,
  shiftMs: number,
  clock: BrowserClock | undefined,
): boolean {
  const issuedMs = cdp && clock ? clock.unixMs(cdp.issuedS) - shiftMs : (exchange?.startUnixMs ?? 0);
  return wasWaitedFor(connection, issuedMs);
}

function useAttributes(
  connection: Connection,
  requests: readonly SeenRequest[],
  payer: SeenRequest | undefined,
): Attributes {
  return present({
    [HEADWATER.paidBy]: payer?.spanId,
    'headwater.connection.use': useOf(connection, requests, payer),
    'headwater.connection.requests': requests.length,
    'headwater.connection.waited': requests.filter((r) => r !== payer && hasWaited(r)).length,
  });
}

/** `spare`: opened ahead of need and nothing came; `preconnected`: opened ahead of need, and used later. */
function useOf(
  { tls, closedUnixMs }: Connection,
  requests: readonly SeenRequest[],
  payer: SeenRequest | undefined,
) {
  const neverCame = tls !== undefined && tls.endUnixMs === undefined && closedUnixMs !== undefined;
  if (tls?.netError !== undefined || neverCame) return 'failed';
  if (requests.length === 0) return 'spare';
  return payer ? 'used' : 'preconnected';
}

/** Stalls that end when this connection had a place for the request. */
const WAITS: ReadonlySet<StallKind> = new Set<StallKind>([
  'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP',
  'SOCKET_POOL_STALLED_MAX_SOCKETS',
  'HTTP2_SESSION_STALLED_MAX_STREAMS',
  'HTTP_STREAM_JOB_THROTTLED',
  'SOCKET_POOL',
]);

const hasWaited = ({ exchange }: SeenRequest): boolean =>
  exchange?.stalls.some((stall) => WAITS.has(stall.kind) && stall.endUnixMs !== stall.startUnixMs) ?? false;

const linkTo = (request: SeenRequest, payer: SeenRequest | undefined): DraftLink => ({
  spanId: request.spanId,
  attributes: { 'headwater.role': request === payer ? 'paid' : hasWaited(request) ? 'waited' : 'rode' },
});

function endpoints({ origin, transport, localAddress, remoteAddress, tls, http2 }: Connection): Attributes {
  const local = endpointOf(localAddress);
  const remote = endpointOf(remoteAddress);
  const server = URL.canParse(origin) ? new URL(origin) : undefined;
  const isSecure = server?.protocol === 'https:' || server?.protocol === 'wss:';
  const version = transport === 'quic' ? '3' : http2 || tls?.alpn === 'h2' ? '2' : '1.1';
  return present({
    'headwater.origin': origin,
    'server.address': server?.hostname.replace(/^\[|\]$/g, ''),
    'server.port': server && (Number(server.port) || (isSecure ? 443 : 80)),
    'network.transport': transport,
    'network.type': remote?.family,
    'network.local.address': local?.address,
    'network.local.port': local?.port,
    'network.peer.address': remote?.address,
    'network.peer.port': remote?.port,
    [HEADWATER.clientPort]: local?.port,
    'network.protocol.name': tls?.netError === undefined ? 'http' : undefined,
    'network.protocol.version': tls?.netError === undefined ? version : undefined,
  });
}

function sessionAttributes({ http2, quic }: Connection): Attributes {
  if (quic)
    return { 'headwater.quic.streams': quic.streams, 'headwater.quic.packets_lost': quic.packetsLost };
  if (!http2) return {};
  return present({
    'headwater.http2.streams': http2.streams,
    'headwater.http2.max_concurrent_streams': http2.maxConcurrentStreams,
    'headwater.http2.initial_window_bytes': http2.initialWindowBytes,
    'headwater.http2.go_away': http2.goAwayUnixMs === undefined ? undefined : true,
  });
}

/** Chromium's own words. After the run the browser is closed, and every end is its doing. */
function endedHow({ tls, http2, closedBecause }: Connection, isInRun: boolean): string {
  if (!isInRun) return 'open when the run ended';
  if (tls?.netError !== undefined) return netErrorName(tls.netError);
  return http2?.closedBecause ?? closedBecause ?? 'closed';
}

const hostOf = ({ origin, remoteAddress }: Connection): string =>
  URL.canParse(origin) ? new URL(origin).host : (remoteAddress ?? origin);
