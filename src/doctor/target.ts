/** What one visit tells of a site: who answered, over which connections, from which other origins. From a run's view. */
import { namedIn } from '../import/answered-in.ts';
import { PHASES } from '../model/attributes.ts';
import type { RunView } from '../model/report.ts';
import type { Attributes } from '../model/span.ts';
import type { Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';

export interface TargetConnection {
  readonly host: string;
  /** `203.0.113.7:443` */
  readonly peer?: string;
  readonly dnsNs?: Nanos;
  readonly tcpNs: Nanos;
  readonly tlsNs?: Nanos;
  /** `TLS 1.3, h2, X25519`, as far as it is known. */
  readonly tls?: string;
  /** The HTTP version that its requests spoke. */
  readonly protocol?: string;
}

export interface TargetFacts {
  /** The address that answered in the end, after redirects. */
  readonly address: string;
  readonly status?: number;
  readonly serverName?: string;
  /** Its answers name the trace that they were made in. */
  readonly namesTraces: boolean;
  readonly requests: number;
  /** Those that cost a connection. */
  readonly connections: readonly TargetConnection[];
  /** Host names that were asked, the journey's own first. */
  readonly hosts: readonly string[];
}

export function targetFacts({ trace }: RunView, asked: string): TargetFacts {
  const requests = trace.spans.filter((span) => span.attributes['headwater.type'] === 'request');
  const document = documentOf(requests);
  const own = new URL(asked).hostname;
  const hosts = new Set([own, ...requests.flatMap((span) => text(span.attributes, 'server.address') ?? [])]);
  return {
    address: (document && text(document.attributes, 'url.full')) ?? asked,
    status: document && numberOf(document.attributes, 'http.response.status_code'),
    serverName: document && firstOf(document.attributes['http.response.header.server']),
    namesTraces: requests.some(({ attributes }) => namesTrace(attributes)),
    requests: requests.length,
    connections: requests.flatMap((request) => connectionOf(request, trace.spans) ?? []),
    hosts: [...hosts],
  };
}

const namesTrace = (attributes: Attributes): boolean =>
  namedIn({
    serverTiming: firstOf(attributes['http.response.header.server-timing']),
    traceresponse: firstOf(attributes['http.response.header.traceresponse']),
  }).length > 0;

/** The last hop of the first navigation. */
function documentOf(requests: readonly Span[]): Span | undefined {
  const isRedirect = (span: Span) => /^3\d\d$/.test(String(span.attributes['http.response.status_code']));
  return requests.find((span) => !isRedirect(span)) ?? requests[0];
}

function connectionOf(request: Span, spans: readonly Span[]): TargetConnection | undefined {
  const phases = spans.filter((span) => span.parentId === request.spanId);
  const phase = (name: string) => phases.find((span) => span.name === name);
  const tcp = phase(PHASES.connect);
  if (!tcp) return undefined;
  const [dns, tls] = [phase(PHASES.dns), phase(PHASES.tls)];
  const { attributes } = request;
  const address = text(attributes, 'network.peer.address');
  const version = text(attributes, 'network.protocol.version');
  return {
    host: text(attributes, 'server.address') ?? '',
    ...(address && { peer: `${address}:${text(attributes, 'network.peer.port') ?? '?'}` }),
    ...(dns && { dnsNs: dns.endNs - dns.startNs }),
    tcpNs: tcp.endNs - tcp.startNs,
    ...(tls && { tlsNs: tls.endNs - tls.startNs, tls: tlsWords(tls.attributes) }),
    ...(version && { protocol: `HTTP/${version}` }),
  };
}

function tlsWords(attributes: Attributes): string {
  const version = text(attributes, 'tls.protocol.version');
  const days = numberOf(attributes, 'headwater.tls.expires_in_days');
  return [
    version && `TLS ${version}`,
    text(attributes, 'tls.cipher'),
    text(attributes, 'tls.curve'),
    text(attributes, 'tls.next_protocol'),
    attributes['tls.resumed'] === true && 'resumed',
    days !== undefined &&
      (days < 0 ? 'certificate expired' : `certificate good for ${Math.floor(days)} days`),
  ]
    .filter(Boolean)
    .join(', ');
}

const firstOf = (value: unknown): string | undefined =>
  Array.isArray(value) && typeof value[0] === 'string' ? value[0] : undefined;

function text(attributes: Attributes, key: string): string | undefined {
  const value = attributes[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function numberOf(attributes: Attributes, key: string): number | undefined {
  const value = attributes[key];
  return typeof value === 'number' ? value : undefined;
}
