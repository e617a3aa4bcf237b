/**
 * HTTP exchanges of the browser: one per hop, so a URL_REQUEST that is redirected gives several.
 *
 * ```
 * URL_REQUEST  URL_REQUEST_START_JOB |------------------------------------|
 *              HTTP_STREAM_REQUEST     |--------|                           waits for a connection
 *              HTTP_TRANSACTION_SEND_REQUEST    |--|
 *              HTTP_TRANSACTION_READ_HEADERS       |------|
 *              HTTP_TRANSACTION_READ_BODY                 |---| |---|
 * ```
 * The way from an exchange to its socket: HTTP_STREAM_REQUEST_BOUND_TO_JOB → the job's SOCKET_POOL_BOUND_TO_SOCKET, or
 * its HTTP2_SESSION_POOL_… → the session's HTTP2_SESSION_INITIALIZED → socket. Over HTTP/3 the session itself stands
 * for the socket: HTTP_STREAM_REQUEST_BOUND_TO_QUIC_SESSION.
 */
import { dependencyOf, type NetLogEvent, numberOf, textOf } from './events.ts';
import type { Sources } from './interval.ts';
import { readSessionStalls, readStalls, type SessionStalls, type Stall } from './stalls.ts';

export interface Exchange {
  /** Source id of the URL request; hops of one redirect chain share it. */
  readonly sourceId: number;
  readonly url: string;
  readonly method: string;
  /** The `traceparent` that was sent. */
  readonly traceparent?: string;
  /** Headers of the answer that may name the server's trace. */
  readonly traceresponse?: string;
  readonly serverTiming?: string;
  /** The `accept` that was sent. */
  readonly accept?: string;
  /** `main frame`, `sub frame`, `other`; missing in older versions. */
  readonly requestType?: string;
  /** The page that asked; undefined where the browser itself did. */
  readonly initiatorOrigin?: string;
  readonly startUnixMs: number;
  readonly endUnixMs?: number;
  readonly netError?: number;
  readonly sendStartUnixMs?: number;
  readonly sendEndUnixMs?: number;
  readonly headersEndUnixMs?: number;
  readonly statusCode?: number;
  readonly fromCache: boolean;
  /** Source id of the socket that carried it. */
  readonly connectionId?: number;
  /** The connect job that worked for it; the only trace of a connection that could not be made. */
  readonly connectJobId?: number;
  /** It was the first on its socket, so DNS, TCP and TLS are its own. */
  readonly paidForConnection: boolean;
  readonly stalls: readonly Stall[];
}

/** Chromium writes `not an origin` for what it asks by itself, and for an address that a person typed. */
const originIn = (initiator: string | undefined): string | undefined =>
  initiator !== undefined && URL.canParse(initiator) ? initiator : undefined;

type Open = Omit<Exchange, 'paidForConnection'>;

/** All exchanges of URL requests, by start. DNS-over-HTTPS queries are not among them. */
export function readExchanges(sources: Sources): Exchange[] {
  const exchanges: Open[] = [];
  const stallsOf = sessionStallsOf(sources);
  for (const [sourceId, events] of sources) {
    if (events[0]?.sourceType !== 'URL_REQUEST') continue;
    for (const hop of hopsOf(events)) exchanges.push(readHop(sourceId, hop, sources, stallsOf));
  }
  exchanges.sort((a, b) => a.startUnixMs - b.startUnixMs);
  return markPayers(exchanges);
}

/** Cuts a URL request's events at each START_JOB. */
function hopsOf(events: readonly NetLogEvent[]): NetLogEvent[][] {
  const hops: NetLogEvent[][] = [];
  for (const event of events) {
    if (event.type === 'URL_REQUEST_START_JOB' && event.phase === 'begin') hops.push([]);
    hops.at(-1)?.push(event);
  }
  return hops;
}

type SessionStallsOf = (sessionId: number | undefined) => SessionStalls | undefined;

/** A session is read once, however many requests it carried. */
function sessionStallsOf(sources: Sources): SessionStallsOf {
  const known = new Map<number, SessionStalls>();
  return (sessionId) => {
    const events = sessionId === undefined ? undefined : sources.get(sessionId);
    if (sessionId === undefined || !events) return undefined;
    const stalls = known.get(sessionId) ?? readSessionStalls(events);
    known.set(sessionId, stalls);
    return stalls;
  };
}

function readHop(
  sourceId: number,
  hop: readonly NetLogEvent[],
  sources: Sources,
  stallsOf: SessionStallsOf,
): Open {
  const start = hop[0];
  const job = boundJob(hop);
  const jobs = jobsOf(hop, job, sources).map((id) => sources.get(id) ?? []);
  const url = textOf(start?.params.url) ?? '';
  const last = (type: string, phase: NetLogEvent['phase']) =>
    hop.findLast((e) => e.type === type && e.phase === phase);
  const send = last('HTTP_TRANSACTION_SEND_REQUEST', 'begin');
  const failure = hop.findLast((e) => isFailure(e));
  return {
    sourceId,
    url,
    method: textOf(start?.params.method) ?? 'GET',
    traceparent: sentHeader(hop, 'traceparent'),
    traceresponse: answerHeader(hop, 'traceresponse'),
    serverTiming: answerHeader(hop, 'server-timing'),
    accept: sentHeader(hop, 'accept'),
    requestType: textOf(start?.params.request_type),
    initiatorOrigin: originIn(textOf(start?.params.initiator)),
    startUnixMs: start?.unixMs ?? 0,
    endUnixMs: endOf(hop)?.unixMs,
    netError: numberOf(failure?.params.net_error),
    sendStartUnixMs: send?.unixMs,
    sendEndUnixMs: last('HTTP_TRANSACTION_SEND_REQUEST', 'end')?.unixMs,
    headersEndUnixMs: hop.findLast((e) => e.type === 'HTTP_TRANSACTION_READ_RESPONSE_HEADERS')?.unixMs,
    statusCode: statusCode(hop),
    fromCache: !send && hop.some((e) => e.type === 'HTTP_CACHE_READ_INFO'),
    connectionId: send && (quicSessionOf(hop) ?? socketOf(job, sources)),
    connectJobId: connectJobOf(job, sources),
    stalls: readStalls({
      hop,
      url,
      jobs,
      sendStartUnixMs: send?.unixMs,
      session: stallsOf(sessionOf(job, sources)),
      sources,
    }),
  };
}

/** The first to send on a socket paid for it; the others ride along. */
function markPayers(exchanges: readonly Open[]): Exchange[] {
  const payerByConnection = new Map<number, Open>();
  const bySend = exchanges
    .filter((e) => e.sendStartUnixMs !== undefined)
    .sort((a, b) => (a.sendStartUnixMs ?? 0) - (b.sendStartUnixMs ?? 0));
  for (const exchange of bySend) {
    const id = exchange.connectionId;
    if (id !== undefined && !payerByConnection.has(id)) payerByConnection.set(id, exchange);
  }
  const payers = new Set(payerByConnection.values());
  return exchanges.map((exchange) => {
    const paidForConnection = payers.has(exchange);
    // What a payer waits for in the pool is its own connection: that is no stall. Neither is a connection that failed.
    const isRider = !paidForConnection && exchange.connectionId !== undefined;
    const stalls = exchange.stalls.filter((stall) => isRider || stall.kind !== 'SOCKET_POOL');
    return { ...exchange, stalls, paidForConnection };
  });
}

const endOf = (hop: readonly NetLogEvent[]): NetLogEvent | undefined =>
  hop.findLast(
    (e) => e.phase === 'end' && (e.type === 'REQUEST_ALIVE' || e.type === 'URL_REQUEST_START_JOB'),
  );

const isFailure = (event: NetLogEvent): boolean => {
  const netError = numberOf(event.params.net_error);
  return (
    netError !== undefined &&
    netError < 0 &&
    (event.type === 'FAILED' ||
      event.type === 'CANCELLED' ||
      event.type === 'REQUEST_ALIVE' ||
      event.type === 'URL_REQUEST_START_JOB')
  );
};

const boundJob = (hop: readonly NetLogEvent[]): number | undefined => {
  const bound = hop.findLast((e) => e.type === 'HTTP_STREAM_REQUEST_BOUND_TO_JOB');
  return bound && dependencyOf(bound);
};

/** The job that a hop was bound to; for one that never was, those that its controller started. */
function jobsOf(hop: readonly NetLogEvent[], bound: number | undefined, sources: Sources): number[] {
  if (bound !== undefined) return [bound];
  const ids = new Set<number>();
  for (const event of hop) {
    const id = dependencyOf(event);
    if (id === undefined || event.type !== 'HTTP_STREAM_JOB_CONTROLLER_BOUND') continue;
    for (const started of sources.get(id) ?? []) {
      const jobId = dependencyOf(started);
      if (started.type === 'HTTP_STREAM_REQUEST_STARTED_JOB' && jobId !== undefined) ids.add(jobId);
    }
  }
  return [...ids];
}

function connectJobOf(jobId: number | undefined, sources: Sources): number | undefined {
  const bound = sources.get(jobId ?? -1)?.findLast((e) => e.type === 'SOCKET_POOL_BOUND_TO_CONNECT_JOB');
  return bound && dependencyOf(bound);
}

/** A request over HTTP/3 is bound to its session directly. */
function quicSessionOf(hop: readonly NetLogEvent[]): number | undefined {
  const bound = hop.findLast((e) => e.type === 'HTTP_STREAM_REQUEST_BOUND_TO_QUIC_SESSION');
  return bound && dependencyOf(bound);
}

function sessionOf(jobId: number | undefined, sources: Sources): number | undefined {
  const found = sources.get(jobId ?? -1)?.find((e) => e.type.startsWith('HTTP2_SESSION_POOL_'));
  return found && dependencyOf(found);
}

function socketOf(jobId: number | undefined, sources: Sources): number | undefined {
  const bound = sources.get(jobId ?? -1)?.find((e) => e.type === 'SOCKET_POOL_BOUND_TO_SOCKET');
  return (bound && dependencyOf(bound)) ?? socketOfSession(sessionOf(jobId, sources), sources);
}

function socketOfSession(sessionId: number | undefined, sources: Sources): number | undefined {
  const initialized = sources.get(sessionId ?? -1)?.find((e) => e.type === 'HTTP2_SESSION_INITIALIZED');
  return initialized && dependencyOf(initialized);
}

function sentHeader(hop: readonly NetLogEvent[], name: string): string | undefined {
  const sent = hop.findLast((e) => /^HTTP_TRANSACTION_(HTTP2_|QUIC_)?SEND_REQUEST_HEADERS$/.test(e.type));
  return valuesOf(name, headerLines(sent))[0];
}

/** All of that name, as one: each server on the way may have added its own. */
function answerHeader(hop: readonly NetLogEvent[], name: string): string | undefined {
  const values = valuesOf(name, answerLines(hop));
  return values.length > 0 ? values.join(', ') : undefined;
}

const valuesOf = (name: string, lines: readonly string[]): string[] =>
  lines
    .filter((line) => line.toLowerCase().startsWith(`${name}: `))
    .map((line) => line.slice(name.length + 2));

function statusCode(hop: readonly NetLogEvent[]): number | undefined {
  const status = /^HTTP\/\S+ (\d{3})/.exec(answerLines(hop)[0] ?? '')?.[1];
  return status ? Number(status) : undefined;
}

const answerLines = (hop: readonly NetLogEvent[]): string[] =>
  headerLines(hop.findLast((e) => e.type === 'HTTP_TRANSACTION_READ_RESPONSE_HEADERS'));

const headerLines = (event: NetLogEvent | undefined): string[] =>
  Array.isArray(event?.params.headers) ? event.params.headers.filter((line) => typeof line === 'string') : [];
