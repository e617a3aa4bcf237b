/**
 * The resolver's upstream queries as spans, each under the `DNS lookup` that it served. Chromium asks A, AAAA and
 * HTTPS in parallel, and its own services ask for names of their own: what no request of the journey needed is left out.
 */
import { PHASES } from '../../src/model/attributes.ts';
import { NANOS_PER_MS, nanosFromMs, type UnixNano } from '../../src/model/time.ts';
import { normalName } from '../dns/dns-message.ts';
import type { DnsQuery } from '../dns/upstream-query.ts';
import { newSpanId, type SpanDraft } from './span-draft.ts';

/** A lookup's phase may come from NetLog, in milliseconds, and the browser's stack is a few away from the resolver. */
const REACH_NS = BigInt(5 * NANOS_PER_MS);

export interface DnsSpans {
  readonly spans: readonly SpanDraft[];
  /** Queries that the browser made for itself. */
  readonly foreign: number;
}

/** `requestDrafts` are request spans with their phases; `parentAt` is used for a lookup that nobody waited for. */
export function dnsSpans(
  queries: readonly DnsQuery[],
  requestDrafts: readonly SpanDraft[],
  parentAt: (unixNano: UnixNano) => string,
): DnsSpans {
  const requests = new Map(requestDrafts.filter((d) => d.type === 'request').map((d) => [d.spanId, d]));
  const hosts = new Set([...requests.values()].map(hostOf));
  const lookups = requestDrafts.filter((d) => d.name === PHASES.dns);
  const spans: SpanDraft[] = [];
  for (const query of queries) {
    const host = hostAskedFor(query);
    if (!hosts.has(host)) continue;
    const ofHost = lookups.filter((d) => hostOf(requests.get(d.parentSpanId ?? '')) === host);
    const lookup =
      ofHost.findLast((d) => isWithin(d, query, 0n)) ?? ofHost.find((d) => isWithin(d, query, REACH_NS));
    const parentSpanId = lookup?.spanId ?? parentAt(query.startUnixNano);
    spans.push(dnsSpan(query, parentSpanId));
  }
  return { spans, foreign: queries.length - spans.length };
}

/** `_8443._https.www.example.com` is asked for the sake of `www.example.com` (RFC 9460 §2.3). */
const hostAskedFor = (query: DnsQuery): string => normalName(query.askedFor).replace(/^_\d+\._https?\./, '');

const hostOf = (request: SpanDraft | undefined): string =>
  String(request?.attributes?.['server.address'] ?? '');

const isWithin = (phase: SpanDraft, { startUnixNano }: DnsQuery, reachNs: bigint): boolean =>
  startUnixNano >= phase.startUnixNano - reachNs && startUnixNano <= phase.endUnixNano + reachNs;

function dnsSpan(query: DnsQuery, parentSpanId: string): SpanDraft {
  const { server, rcode, error } = query;
  return {
    spanId: newSpanId(),
    parentSpanId,
    type: 'dns_query',
    name: `${query.type} ${query.name}`,
    kind: 'client',
    layer: 'dns',
    component: componentOf(query),
    startUnixNano: query.startUnixNano,
    endUnixNano: query.endUnixNano,
    error: error ?? (rcode === 'NOERROR' || rcode === 'NXDOMAIN' ? undefined : rcode),
    source: 'resolver',
    precisionNs: Math.max(1_000, nanosFromMs(query.noticedLateMs)),
    attributes: {
      'dns.question.name': query.name,
      'headwater.dns.question_type': query.type,
      'headwater.dns.attempt': query.attempt,
      'headwater.dns.truncated': query.truncated,
      'network.transport': query.transport,
      'server.address': server.address,
      'server.port': server.port,
      ...(rcode && { 'headwater.dns.rcode': rcode }),
      ...(query.answers.length > 0 && { 'dns.answers': [...query.answers] }),
      ...(query.ttlSeconds !== undefined && { 'headwater.dns.ttl_seconds': query.ttlSeconds }),
      ...(query.zone !== undefined && { 'headwater.dns.zone': query.zone }),
      ...(error && { 'error.type': error }),
    },
  };
}

/** `ns1.example.com (192.0.2.1:53)`, or only the address of a server without a name. */
function componentOf({ server }: DnsQuery): string {
  const endpoint = `${server.address}:${server.port}`;
  return server.name === server.address ? endpoint : `${server.name} (${endpoint})`;
}
