/**
 * The one vocabulary for what a load balancer did, whoever it is and however it said so.
 *
 * ```
 * proxy  |------------------------------------------------------------------------|
 *        | receive | queue | retries | connect |      server       |   transfer    |   phases: contiguous
 *                          | try | try |                                               failed tries, where each is told
 * ```
 * `receive` until the request was there, `queue` for a free server, `retries` tries that failed when they are told
 * only as a sum, `connect` to the server, `server` from the request sent to the response's headers, `transfer` from
 * there to the end. A phase that a source does not tell is absent, and so is one that took no time.
 */
import { HEADWATER, type ProxyEnding } from '../model/attributes.ts';
import { spanIdOf, type TraceParent } from '../model/ids.ts';
import type { Attributes, AttributeValue, ReportedSpan, SpanStatus } from '../model/span.ts';
import type { UnixNano } from '../model/time.ts';

export type PhaseName = 'receive' | 'queue' | 'retries' | 'connect' | 'server' | 'transfer';

/** One stretch of a proxy's work. */
export interface ProxyStretch {
  readonly startUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
  readonly precisionNs: number;
  /** True when a boundary was computed from other numbers instead of stamped. */
  readonly isInferred?: boolean;
  /** More attributes, in the program's own words. */
  readonly attributes?: Attributes;
  readonly status?: SpanStatus;
}

export function proxyPhase(proxy: ReportedSpan, name: PhaseName, phase: ProxyStretch): ReportedSpan {
  return partOf(proxy, 'proxy_phase', name, spanIdOf(proxy.spanId, name), phase);
}

/** @param ordinal 1 for the first try */
export function proxyTry(
  proxy: ReportedSpan,
  ordinal: number,
  name: string,
  attempt: ProxyStretch,
): ReportedSpan {
  return partOf(proxy, 'proxy_try', name, spanIdOf(proxy.spanId, 'try', ordinal), attempt);
}

function partOf(
  proxy: ReportedSpan,
  type: 'proxy_phase' | 'proxy_try',
  name: string,
  spanId: string,
  part: ProxyStretch,
): ReportedSpan {
  return {
    ...proxy,
    spanId,
    parentSpanId: proxy.spanId,
    name,
    kind: 'internal',
    startUnixNano: part.startUnixNano,
    endUnixNano: part.endUnixNano,
    status: part.status ?? { code: 'unset' },
    attributes: {
      [HEADWATER.type]: type,
      [HEADWATER.layer]: 'lb',
      [HEADWATER.component]: String(proxy.attributes[HEADWATER.component]),
      ...part.attributes,
    },
    precisionNs: part.precisionNs,
    evidence: part.isInferred ? 'inferred' : proxy.evidence,
  };
}

/** Boundaries that only grow and stay inside the proxy's own interval; stretches without length are left out. */
export function stretchesOf<Name extends string>(
  startUnixNano: UnixNano,
  endUnixNano: UnixNano,
  ends: readonly (readonly [name: Name, endUnixNano: UnixNano | undefined])[],
): { name: Name; startUnixNano: UnixNano; endUnixNano: UnixNano }[] {
  let at = startUnixNano;
  return ends.flatMap(([name, wanted]) => {
    if (wanted === undefined) return [];
    const end = wanted > endUnixNano ? endUnixNano : wanted;
    if (end <= at) return [];
    const stretch = { name, startUnixNano: at, endUnixNano: end };
    at = end;
    return [stretch];
  });
}

/**
 * Who the proxy is in the trace. One that minted a span of its own and handed it on has that id; one that forwards
 * the header unchanged has none: the line gives it one.
 */
export function proxyIdentity(
  program: string,
  incoming: TraceParent | undefined,
  outgoing: TraceParent | undefined,
  line: string,
): { readonly traceId: string; readonly spanId: string; readonly parentSpanId?: string } | undefined {
  const traceId = (incoming ?? outgoing)?.traceId;
  if (!traceId) return undefined;
  const isOwn = outgoing && outgoing.spanId !== incoming?.spanId && outgoing.traceId === traceId;
  return {
    traceId,
    spanId: isOwn ? outgoing.spanId : spanIdOf(program, line),
    ...(incoming ? { parentSpanId: incoming.spanId } : undefined),
  };
}

/** What every proxy's log line gives, under the same names. Undefined is left out. */
export interface ProxyFacts {
  readonly component: string;
  readonly ending: ProxyEnding | undefined;
  /** How often servers were asked, 1 when the first answered. */
  readonly tries?: number | undefined;
  readonly method: string | undefined;
  /** Path and query as they came: `/a?b=c`. */
  readonly target: string | undefined;
  readonly status: number | undefined;
  readonly protocolVersion: string | undefined;
  readonly clientAddress: string | undefined;
  readonly clientPort: number | undefined;
  /** `address:port` of the server that answered, or that was tried last. */
  readonly server: string | undefined;
  readonly bytesIn?: number | undefined;
  readonly bytesOut?: number | undefined;
  readonly tlsVersion?: string | undefined;
  readonly tlsCipher?: string | undefined;
  readonly tlsResumed?: boolean | undefined;
  readonly alpn?: string | undefined;
  readonly serverName?: string | undefined;
}

export function proxyAttributes(facts: ProxyFacts, more: MaybeAttributes = {}): Attributes {
  const { address, port } = hostAndPort(facts.server);
  const [path, ...query] = (facts.target ?? '').split('?');
  return withoutUndefined({
    [HEADWATER.type]: 'proxy',
    [HEADWATER.layer]: 'lb',
    [HEADWATER.component]: facts.component,
    [HEADWATER.proxyEnding]: facts.ending,
    [HEADWATER.proxyTries]: facts.tries,
    'http.request.method': facts.method,
    'url.path': path || undefined,
    'url.query': query.length ? query.join('?') : undefined,
    'http.response.status_code': facts.status || undefined,
    'network.protocol.name': 'http',
    'network.protocol.version': facts.protocolVersion,
    'client.address': facts.clientAddress,
    [HEADWATER.clientPort]: facts.clientPort,
    'server.address': address,
    'server.port': port,
    'http.request.size': facts.bytesIn,
    'http.response.size': facts.bytesOut,
    'tls.protocol.version': facts.tlsVersion,
    'tls.cipher': facts.tlsCipher,
    'tls.resumed': facts.tlsResumed,
    'tls.next_protocol': facts.alpn,
    'tls.client.server_name': facts.serverName,
    ...more,
  });
}

export type MaybeAttributes = Readonly<Record<string, AttributeValue | undefined>>;

export const withoutUndefined = (maybe: MaybeAttributes): Attributes =>
  Object.fromEntries(
    Object.entries(maybe).filter((pair): pair is [string, AttributeValue] => pair[1] !== undefined),
  );

/** `10.0.0.1:80`, `[::1]:80`, `unix:/run/app.sock`, a name. */
export function hostAndPort(server: string | undefined): { address?: string; port?: number } {
  if (!server) return {};
  const match = /^(?:\[([^\]]+)\]|([^:/]+)):(\d{1,5})$/.exec(server);
  if (!match) return { address: server };
  return { address: match[1] ?? match[2] ?? server, port: Number(match[3]) };
}

/** `GET /cart`; the query is in the attributes. */
export const proxyName = (method: string | undefined, target: string | undefined, program: string): string =>
  [method, (target ?? '').split('?')[0]].filter(Boolean).join(' ') || program;

/** `HTTP/2.0` → `2`, `HTTP/1.1` → `1.1`. */
export const httpVersion = (protocol: string | undefined): string | undefined =>
  /^HTTP\/(\d(?:\.[1-9])?)/.exec(protocol ?? '')?.[1];

/** In words: what went wrong, when something did. A status of 500 and more is told even without a reason. */
export function proxyStatus(httpStatus: number | undefined, reason: string | undefined): SpanStatus {
  if (!reason && (httpStatus ?? 0) < 500) return { code: 'unset' };
  return {
    code: 'error',
    message: [httpStatus ? `HTTP ${httpStatus}` : '', reason].filter(Boolean).join(', '),
  };
}
