/**
 * A NetLog by itself as a run: what the probe makes of one beside its other witnesses (probe/spans), with NetLog's whole
 * milliseconds alone.
 *
 * ```
 * main frame /        |---------------------------|           step: from a page's request to the last one before the next page
 * GET /               |dns|tcp|tls|send|wait|down|            the first to send on a socket has its DNS, TCP and TLS
 * GET /app.js                          |wait_for…|send|…      rides on it
 * ```
 * Requests of the browser's own services are left out where the log tells them apart; what it saw of name servers, TLS
 * messages and stalls is not drawn here.
 */
import { HEADWATER, LOCAL_ANSWERS, PHASES, present } from '../model/attributes.ts';
import { parseTraceparent } from '../model/ids.ts';
import type { Attributes, ImportResult, Warning } from '../model/span.ts';
import { NANOS_PER_MS, unixNanoFromMs } from '../model/time.ts';
import { answeredIn } from './answered-in.ts';
import { preflightsOf } from './har-chains.ts';
import { normalOrigin } from './netlog/connections.ts';
import type { Interval } from './netlog/interval.ts';
import type { Connection, Exchange, NetLog } from './netlog.ts';
import { readNetLog } from './netlog.ts';
import {
  addTo,
  type RecordedConnection,
  type RecordedPart,
  type RecordedPhase,
  type RecordedRequest,
} from './recording.ts';
import { recordingSpans } from './recording-spans.ts';
import { hostOf, pathOf, serverOf, shortUrl } from './url-parts.ts';
import { boundedWarnings } from './warning-tally.ts';

export function readNetLogRun(text: string): ImportResult {
  const netLog = readNetLog(text);
  const { exchanges, ownCount } = pagesRequests(netLog.exchanges);
  const warnings: Warning[] = [...netLog.warnings];
  if (ownCount > 0)
    warnings.push({
      code: 'netlog.browsers_own',
      where: 'netlog',
      message: `${ownCount} requests that the browser made for itself were left out`,
    });
  if (exchanges.length === 0 && warnings.length === 0)
    warnings.push({ code: 'netlog.empty', where: 'netlog', message: 'it holds no request of a page' });
  const requests = requestsOf(exchanges, netLog);
  return recordingSpans({
    source: 'netlog',
    title: hostOf(exchanges[0]?.url ?? 'NetLog'),
    attributes: { 'headwater.recorded_with': 'Chromium NetLog' },
    precisionNs: NANOS_PER_MS,
    parts: pagesOf(exchanges, requests),
    requests,
    connections: connectionsOf(netLog, requests),
    events: [],
    warnings: boundedWarnings(warnings),
  });
}

const isPage = ({ requestType }: Exchange): boolean => requestType === 'main frame';

/** Without the browser's own, where the version tells: those have no page that asked, and are none. */
function pagesRequests(exchanges: readonly Exchange[]): { exchanges: readonly Exchange[]; ownCount: number } {
  const timed = exchanges.filter(({ startUnixMs }) => startUnixMs > 0);
  const kept = timed.filter(
    (e) => isPage(e) || e.initiatorOrigin !== undefined || e.traceparent !== undefined,
  );
  const isTold = timed.some(({ requestType }) => requestType !== undefined);
  return isTold
    ? { exchanges: kept, ownCount: timed.length - kept.length }
    : { exchanges: timed, ownCount: 0 };
}

const keyOf = ({ sourceId }: Exchange, hop: number): string => `request ${sourceId} hop ${hop}`;
const socketKey = (sourceId: number): string => `socket ${sourceId}`;

function requestsOf(exchanges: readonly Exchange[], netLog: NetLog): RecordedRequest[] {
  const connectionById = new Map(netLog.connections.map((connection) => [connection.sourceId, connection]));
  const hops = new Map<number, number>();
  const lastMs = lastHeardMs(netLog);
  const requests = exchanges.map((exchange) => {
    const hop = hops.get(exchange.sourceId) ?? 0;
    hops.set(exchange.sourceId, hop + 1);
    const connection = connectionById.get(exchange.connectionId ?? -1);
    return requestOf(exchange, hop, connection, netLog, lastMs);
  });
  const served = preflightsOf(requests);
  return requests.map((request) => {
    const asked = served.get(request);
    return asked ? { ...request, initiatorKey: asked.key } : request;
  });
}

/** What has no end was still going on when the log ended. */
const lastHeardMs = ({ exchanges, connections }: NetLog): number =>
  [
    ...exchanges.map((e) => e.endUnixMs ?? e.headersEndUnixMs ?? e.startUnixMs),
    ...connections.map((c) => c.lastActUnixMs),
  ].reduce((last, ms) => Math.max(last, ms), 0);

function requestOf(
  exchange: Exchange,
  hop: number,
  connection: Connection | undefined,
  netLog: NetLog,
  lastMs: number,
): RecordedRequest {
  const { method, netError, statusCode } = exchange;
  const url = shortUrl(exchange.url);
  const endMs = Math.max(exchange.startUnixMs, exchange.endUnixMs ?? lastMs);
  const phases = phasesOf(exchange, connection, netLog, endMs);
  const error =
    netError !== undefined
      ? errorName(netError, netLog)
      : exchange.endUnixMs === undefined
        ? 'unfinished'
        : statusCode !== undefined && statusCode >= 400
          ? String(statusCode)
          : undefined;
  const sent = parseTraceparent(exchange.traceparent ?? '');
  return {
    key: keyOf(exchange, hop),
    method,
    url,
    startUnixNano: phases[0]?.startUnixNano ?? unixNanoFromMs(exchange.startUnixMs),
    endUnixNano: phases.at(-1)?.endUnixNano ?? unixNanoFromMs(endMs),
    phases,
    ...(error !== undefined && { error }),
    ...(hop > 0 && { initiatorKey: keyOf(exchange, hop - 1) }),
    ...(connection && { connectionKey: socketKey(connection.sourceId) }),
    links: [
      ...(sent ? [{ traceId: sent.traceId, spanId: sent.spanId }] : []),
      ...(exchange.fromCache ? [] : answeredIn(exchange)),
    ],
    precisionNs: NANOS_PER_MS,
    attributes: requestAttributes(exchange, connection, url),
  };
}

const errorName = (netError: number, { errorNames }: NetLog): string =>
  errorNames?.get(netError) ?? `net error ${netError}`;

function requestAttributes(exchange: Exchange, connection: Connection | undefined, url: string): Attributes {
  const server = serverOf(url);
  const remote = endpointOf(connection?.remoteAddress);
  return present({
    'http.response.status_code': exchange.statusCode,
    'server.address': server?.address,
    'server.port': server?.port,
    'network.peer.address': remote?.address,
    'network.peer.port': remote?.port,
    'network.protocol.name': connection && 'http',
    'network.protocol.version': connection && versionOf(connection),
    [HEADWATER.clientPort]: endpointOf(connection?.localAddress)?.port,
    'headwater.connection_id': connection?.sourceId,
    'headwater.connection_reused': connection && !exchange.paidForConnection,
    'headwater.from_cache': exchange.fromCache ? 'disk' : undefined,
    'headwater.resource_type': kindOf(exchange),
    'headwater.initiator_url': exchange.initiatorOrigin,
    'headwater.traceparent_sent': exchange.traceparent === undefined ? undefined : true,
  });
}

/** In DevTools' words, as far as a NetLog tells: an EventSource is known by what it accepts. */
function kindOf({ requestType, method, accept }: Exchange): string {
  if (requestType?.endsWith('frame')) return 'document';
  if (method === 'OPTIONS') return 'preflight';
  return accept === 'text/event-stream' ? 'eventsource' : 'other';
}

const versionOf = ({ transport, http2, tls }: Connection): string =>
  transport === 'quic' ? '3' : http2 || tls?.alpn === 'h2' ? '2' : '1.1';

/** `192.0.2.1:443`, `[2001:db8::1]:443` */
function endpointOf(said: string | undefined): { address: string; port: number } | undefined {
  const [, address, port] = /^\[?(.+?)\]?:(\d+)$/.exec(said ?? '') ?? [];
  return address === undefined ? undefined : { address, port: Number(port) };
}

/** Chromium preconnects for a navigation up to this long before it asks for the page (90 ms seen under load). */
const PRECONNECT_LEAD_MS = 250;

interface Mark {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly error?: string | undefined;
}

function phasesOf(
  exchange: Exchange,
  connection: Connection | undefined,
  netLog: NetLog,
  endMs: number,
): RecordedPhase[] {
  const { startUnixMs, sendStartUnixMs, sendEndUnixMs, headersEndUnixMs } = exchange;
  if (exchange.fromCache)
    return layPhases([{ name: LOCAL_ANSWERS.disk, startMs: startUnixMs, endMs }], startUnixMs, endMs);
  const paid = connection && exchange.paidForConnection ? setupMarks(connection, netLog, endMs) : [];
  const isWaitedFor = paid.some((mark) => mark.endMs >= startUnixMs - PRECONNECT_LEAD_MS);
  const marks = connection ? (isWaitedFor ? paid : []) : failedMarks(exchange, netLog, endMs);
  if (sendStartUnixMs !== undefined) {
    const sentMs = sendEndUnixMs ?? sendStartUnixMs;
    const answeredMs = headersEndUnixMs ?? endMs;
    marks.push(
      { name: PHASES.send, startMs: sendStartUnixMs, endMs: sentMs },
      { name: PHASES.waiting, startMs: sentMs, endMs: answeredMs },
      { name: PHASES.download, startMs: answeredMs, endMs },
    );
  }
  return layPhases(marks, startUnixMs, endMs);
}

function setupMarks({ dns, transport, tcp, tls }: Connection, netLog: NetLog, endMs: number): Mark[] {
  const mark = (name: string, at: Interval): Mark => ({
    name,
    startMs: at.startUnixMs,
    endMs: at.endUnixMs ?? endMs,
    error: at.netError === undefined ? undefined : errorName(at.netError, netLog),
  });
  return [
    ...(dns ? [mark(PHASES.dns, dns)] : []),
    ...(transport === 'tcp' ? [mark(PHASES.connect, tcp)] : []),
    ...(tls ? [mark(PHASES.tls, tls)] : []),
  ];
}

/** Of a request that got no connection: what worked for it, by name; of look-ups by origin and time. */
function failedMarks(exchange: Exchange, netLog: NetLog, endMs: number): Mark[] {
  const { connectJobId } = exchange;
  const origin = normalOrigin(exchange.url);
  const worked = netLog.connections.find(({ jobId }) => connectJobId !== undefined && jobId === connectJobId);
  if (worked) return setupMarks(worked, netLog, endMs);
  const lookup = netLog.dnsJobs.find(
    (job) =>
      job.origin === origin &&
      job.netError !== undefined &&
      job.startUnixMs <= endMs &&
      (job.endUnixMs ?? endMs) >= exchange.startUnixMs,
  );
  if (!lookup) return [];
  const error = errorName(lookup.netError!, netLog);
  return [{ name: PHASES.dns, startMs: lookup.startUnixMs, endMs: lookup.endUnixMs ?? endMs, error }];
}

/**
 * End to end; what lies between two marks is waiting for the connection. A mark that reaches into the next gives way.
 * ```
 * // started |---------------------------------|
 * // marks      |dns|  |tcp|tls|  |send|wait|down
 * // phases  |w |dns|w |tcp|tls|w |send|wait|down
 * ```
 */
function layPhases(marks: readonly Mark[], startMs: number, endMs: number): RecordedPhase[] {
  const sorted = [...marks].sort((a, b) => a.startMs - b.startMs);
  const phases: RecordedPhase[] = [];
  let cursor = Math.min(startMs, sorted[0]?.startMs ?? startMs);
  const push = (name: string, from: number, to: number, error?: string) =>
    phases.push({
      name,
      startUnixNano: unixNanoFromMs(from),
      endUnixNano: unixNanoFromMs(to),
      ...(error !== undefined && { error }),
    });
  sorted.forEach((mark, i) => {
    const limit = Math.min(Math.max(endMs, cursor), sorted[i + 1]?.startMs ?? Number.POSITIVE_INFINITY);
    const from = Math.max(cursor, Math.min(mark.startMs, limit));
    const to = Math.max(from, Math.min(mark.endMs, limit));
    if (from > cursor) push(PHASES.wait, cursor, from);
    // A connect on a near network takes less than a tick, and did happen.
    if (to > from || mark.error !== undefined || mark.name === PHASES.connect)
      push(mark.name, from, to, mark.error);
    cursor = to;
  });
  if (endMs > cursor) push(PHASES.wait, cursor, endMs);
  return phases;
}

/** Each navigation of a main frame, its redirects in it, to the last request that began before the next. */
function pagesOf(exchanges: readonly Exchange[], requests: readonly RecordedRequest[]): RecordedPart[] {
  const seen = new Set<number>();
  const starts = exchanges.flatMap((exchange, i) => {
    const request = requests[i];
    if (!request || !isPage(exchange) || seen.has(exchange.sourceId)) return [];
    seen.add(exchange.sourceId);
    return { key: `page ${exchange.sourceId}`, request };
  });
  return starts.map(({ key, request }, i) => {
    const next = starts[i + 1]?.request.startUnixNano;
    const own = requests.filter(
      (r) => r.startUnixNano >= request.startUnixNano && (next === undefined || r.startUnixNano < next),
    );
    const endUnixNano = own.reduce(
      (end, r) => (r.endUnixNano > end ? r.endUnixNano : end),
      request.endUnixNano,
    );
    const name = `${hostOf(request.url)}${pathOf(request.url)}`.slice(0, MAX_NAME_CHARS);
    return { key, type: 'step', name, startUnixNano: request.startUnixNano, endUnixNano };
  });
}
const MAX_NAME_CHARS = 200;

/** Those that carried a request. */
function connectionsOf({ connections }: NetLog, requests: readonly RecordedRequest[]): RecordedConnection[] {
  const carried = new Map<string | undefined, RecordedRequest[]>();
  for (const request of requests) addTo(carried, request.connectionKey, request);
  return connections.flatMap((connection) => {
    const key = socketKey(connection.sourceId);
    const own = carried.get(key);
    if (!own) return [];
    const { origin, tcp, closedUnixMs, lastActUnixMs, remoteAddress, localAddress } = connection;
    const [local, remote] = [endpointOf(localAddress), endpointOf(remoteAddress)];
    const payer = own.find((r) => r.attributes['headwater.connection_reused'] === false);
    return {
      key,
      host: hostOf(origin),
      component: remoteAddress ?? origin,
      startUnixNano: unixNanoFromMs(tcp.startUnixMs),
      endUnixNano: unixNanoFromMs(Math.max(tcp.startUnixMs, closedUnixMs ?? lastActUnixMs)),
      ...(payer && { paidBy: payer.key }),
      attributes: present({
        'network.transport': connection.transport,
        'network.local.address': local?.address,
        'network.local.port': local?.port,
        'network.peer.address': remote?.address,
        'network.peer.port': remote?.port,
        [HEADWATER.clientPort]: local?.port,
        'network.protocol.name': 'http',
        'network.protocol.version': versionOf(connection),
        'headwater.connection_id': connection.sourceId,
        'headwater.connection.use': payer ? 'used' : 'preconnected',
        'headwater.connection.ended':
          closedUnixMs === undefined ? 'open when the log ended' : (connection.closedBecause ?? 'closed'),
        'headwater.connection.bytes_sent': connection.bytesSent,
        'headwater.connection.bytes_received': connection.bytesReceived,
      }),
    };
  });
}
