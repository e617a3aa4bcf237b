/**
 * The resolver's upstream queries as spans, each under the `DNS lookup` that it served. Chromium asks A, AAAA and
 * HTTPS in parallel, and its own services ask for names of their own: what no request of the journey needed is left out.
 *
 * ```
 * DNS lookup |-----------------------------|
 * A, ns1       |--- timeout ---|              each try is a span; the second links to the first and says why
 * A, ns2                       |-----------|
 * HTTPS, ns1   |-----|
 * ```
 */
import { PHASES } from '../../src/model/attributes.ts';
import type { Attributes, ReportedEvent } from '../../src/model/span.ts';
import { NANOS_PER_MS, nanosFromMs, type UnixNano } from '../../src/model/time.ts';
import { normalName } from '../dns/dns-message.ts';
import type { DnsQuery } from '../dns/dns-query.ts';
import { reasonToAskAgain } from '../dns/upstream-query.ts';
import { newSpanId, type SpanDraft } from './span-draft.ts';

/** Against a packet capture, on two cores that a browser keeps busy: how much later the thread is than the packet. */
const LEAST_PRECISION_NS = 1e6;
/** What a thread that slept cannot know: how long it took to be woken. */
const WAKE_UP_NS = 0.5e6;

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
  const lookups = lookupsOf(requestDrafts);
  const mine = queries.filter((query) => lookups.hosts.has(hostAskedFor(query.askedFor)));
  const spanIdById = new Map(mine.map((query) => [query.id, newSpanId()]));
  const spans = mine.map((query) => {
    const lookup = lookups.servedBy(hostAskedFor(query.askedFor), query.startUnixNano);
    return dnsSpan(query, spanIdById, lookup ?? parentAt(query.startUnixNano));
  });
  return { spans, foreign: queries.length - spans.length };
}

export interface Lookups {
  /** Those that the journey's requests went to. */
  readonly hosts: ReadonlySet<string>;
  /** Span id of the phase that waited for a host's name at an instant. */
  servedBy(host: string, unixNano: UnixNano): string | undefined;
}

/**
 * A request that ends up on another host's connection (HTTP/2 lets them share one) has waited for DNS all the same, but
 * has no `DNS lookup` of its own: its wait for a connection is the next best.
 */
const PARENTS: readonly string[] = [PHASES.dns, PHASES.wait];

export function lookupsOf(requestDrafts: readonly SpanDraft[]): Lookups {
  const requests = new Map(requestDrafts.filter((d) => d.type === 'request').map((d) => [d.spanId, d]));
  const phasesByName = PARENTS.map((name) => requestDrafts.filter((d) => d.name === name));
  return {
    hosts: new Set([...requests.values()].map(hostOf)),
    servedBy(host, unixNano) {
      for (const phases of phasesByName) {
        const ofHost = phases.filter((d) => hostOf(requests.get(d.parentSpanId ?? '')) === host);
        const phase =
          ofHost.findLast((d) => isWithin(d, unixNano, 0n)) ??
          ofHost.find((d) => isWithin(d, unixNano, REACH_NS));
        if (phase) return phase.spanId;
      }
      return undefined;
    },
  };
}

/** `_8443._https.www.example.com` is asked for the sake of `www.example.com` (RFC 9460 §2.3). */
export const hostAskedFor = (name: string): string => normalName(name).replace(/^_\d+\._https?\./, '');

const hostOf = (request: SpanDraft | undefined): string =>
  String(request?.attributes?.['server.address'] ?? '');

const isWithin = (phase: SpanDraft, unixNano: UnixNano, reachNs: bigint): boolean =>
  unixNano >= phase.startUnixNano - reachNs && unixNano <= phase.endUnixNano + reachNs;

function dnsSpan(query: DnsQuery, spanIdById: ReadonlyMap<number, string>, parentSpanId: string): SpanDraft {
  const { follows, error, answer } = query;
  const before = follows && spanIdById.get(follows.id);
  return {
    spanId: spanIdById.get(query.id) ?? newSpanId(),
    parentSpanId,
    type: 'dns_query',
    name: `${query.type} ${query.name}`,
    kind: 'client',
    layer: 'dns',
    component: componentOf(query),
    startUnixNano: query.startUnixNano,
    endUnixNano: query.endUnixNano,
    error: error ?? reasonToAskAgain(query),
    source: 'resolver',
    precisionNs: Math.max(LEAST_PRECISION_NS, nanosFromMs(query.noticedLateMs) + WAKE_UP_NS),
    attributes: present({ ...questionAttributes(query), ...answerAttributes(answer) }),
    events: eventsOf(query),
    ...(before && { links: [{ spanId: before, attributes: { 'headwater.dns.follows': follows.why } }] }),
  };
}

type MaybeAttributes = Record<string, Attributes[string] | undefined>;

function questionAttributes(query: DnsQuery): MaybeAttributes {
  const { server } = query;
  return {
    'dns.question.name': query.name,
    'headwater.dns.question_type': query.type,
    'headwater.dns.asked_for': query.askedFor,
    'headwater.dns.attempt': query.attempt,
    'headwater.dns.follows': query.follows?.why,
    'headwater.dns.zone': query.zone,
    'headwater.dns.zone_cached': query.zoneFromCache,
    'headwater.dns.alias_depth': query.aliasDepth || undefined,
    'headwater.dns.for_name_server': query.forNameServer,
    'headwater.dns.lame': query.isLame,
    'headwater.dns.edns_bytes': query.ednsBytes,
    'network.transport': query.transport,
    'server.address': server.address,
    'server.port': server.port,
    'network.local.port': query.localPort,
    'error.type': query.error ?? reasonToAskAgain(query),
  };
}

function answerAttributes(answer: DnsQuery['answer']): MaybeAttributes {
  if (!answer) return {};
  return {
    'dns.answers': orNothing(answer.addresses),
    'headwater.dns.rcode': answer.rcode,
    'headwater.dns.records': orNothing(answer.records),
    'headwater.dns.answer_count': answer.answerCount,
    'headwater.dns.aliases': orNothing(answer.aliases),
    'headwater.dns.ttl_seconds': answer.ttlSeconds,
    'headwater.dns.truncated': answer.isTruncated,
    'headwater.dns.authoritative': answer.isAuthoritative,
    'headwater.dns.referral': answer.referral,
    'headwater.dns.response_bytes': answer.bytes,
    'headwater.dns.server_edns_bytes': answer.ednsBytes,
  };
}

const orNothing = (list: readonly string[]): readonly string[] | undefined =>
  list.length > 0 ? list : undefined;

const present = (attributes: MaybeAttributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as Attributes;

/** The TCP connection, and packets that came and were not the answer. */
function eventsOf({ connectedUnixNano, strays }: DnsQuery): ReportedEvent[] {
  const event = (name: string, timeUnixNano: UnixNano) => ({ name, timeUnixNano, attributes: {} });
  return [
    ...(connectedUnixNano ? [event('connected', connectedUnixNano)] : []),
    ...strays.map(({ what, unixNano }) => event(what, unixNano)),
  ];
}

/** `ns1.example.com (192.0.2.1:53)`, or only the address of a server without a name. */
function componentOf({ server }: DnsQuery): string {
  const endpoint = server.address.includes(':')
    ? `[${server.address}]:${server.port}`
    : `${server.address}:${server.port}`;
  return server.name === server.address ? endpoint : `${server.name} (${endpoint})`;
}
