/**
 * Look-ups of the browser's own resolver: each question with every try of it, as far as NetLog tells.
 *
 * ```
 * HOST_RESOLVER_IMPL_JOB  HOST_RESOLVER_MANAGER_JOB |----------------------------------------|
 * DNS_TRANSACTION (A)     DNS_TRANSACTION            |---------------------------|
 *                         …_ATTEMPT → UDP_SOCKET     |-- timeout --|               …_RESPONSE without an rcode
 *                         …_ATTEMPT → UDP_SOCKET                   |--|            …_RESPONSE rcode, truncated
 *                         …_TCP_ATTEMPT → SOCKET                      |-|          …_RESPONSE rcode
 * HOST_RESOLVER_IMPL_JOB  HOST_RESOLVER_SYSTEM_TASK                              |---|   getaddrinfo, when all that failed
 * ```
 * The headless shell has no resolver of its own and only shows the system task. What a record says beyond its address
 * or alias is not read. Format: netlog/events.ts.
 */

import { dependencyOf, isFields, type NetLogEvent, numberOf, textOf } from './events.ts';
import { type Interval, interval } from './interval.ts';

export interface LookupTry extends Interval {
  /** `https` is DNS over HTTPS, where the browser does not log which server. */
  readonly transport: 'udp' | 'tcp' | 'https';
  /** `192.0.2.53:53` */
  readonly server?: string;
  readonly localAddress?: string;
  /** Number of RFC 6895; missing when nothing came back. */
  readonly rcode?: number;
  readonly answerCount?: number;
  /** The browser stopped waiting; a try that has neither ended this way nor has an rcode was called off. */
  readonly timedOut: boolean;
  /** The TCP try after it tells. */
  readonly wasTruncated: boolean;
}
export interface LookupQuestion extends Interval {
  readonly name: string;
  /** IANA number of the record type: 1 A, 28 AAAA, 65 HTTPS. */
  readonly queryType: number;
  readonly tries: readonly LookupTry[];
}
export interface Lookup extends Interval {
  /** Source id of the host resolver's job. */
  readonly sourceId: number;
  readonly host: string;
  readonly questions: readonly LookupQuestion[];
  /** The system's resolver, in the browser's place. */
  readonly systemTask?: Interval;
  readonly addresses: readonly string[];
  /** Targets of aliases, unordered. */
  readonly aliases: readonly string[];
}
/** A look-up that the browser answered from its own cache. */
export interface CachedLookup {
  readonly host: string;
  readonly unixMs: number;
  readonly addresses: readonly string[];
}

type Sources = ReadonlyMap<number, readonly NetLogEvent[]>;

export function readLookups(sources: Sources): Lookup[] {
  const lookups: Lookup[] = [];
  for (const [sourceId, events] of sources) {
    const job = 'HOST_RESOLVER_MANAGER_JOB';
    const begin = events.find((e) => e.type === job && e.phase === 'begin');
    if (!begin) continue;
    const task = events.find((e) => e.type === 'HOST_RESOLVER_SYSTEM_TASK' && e.phase === 'begin');
    lookups.push({
      sourceId,
      host: hostIn(textOf(begin.params.host) ?? ''),
      questions: events
        .filter((e) => e.type === 'DNS_TRANSACTION')
        .flatMap((e) => readQuestion(sources.get(dependencyOf(e) ?? -1) ?? [], sources) ?? []),
      ...(task && { systemTask: interval(events, task.type, task.unixMs) }),
      ...readResults(events),
      ...interval(events, job, begin.unixMs),
    });
  }
  return lookups.sort((a, b) => a.startUnixMs - b.startUnixMs);
}

function readQuestion(events: readonly NetLogEvent[], sources: Sources): LookupQuestion | undefined {
  const begin = events.find((e) => e.type === 'DNS_TRANSACTION' && e.phase === 'begin');
  if (!begin) return undefined;
  return {
    name: textOf(begin.params.hostname) ?? '',
    queryType: numberOf(begin.params.query_type) ?? 0,
    tries: readTries(events, sources),
    ...interval(events, 'DNS_TRANSACTION', begin.unixMs),
  };
}

const TRANSPORT_BY_EVENT: ReadonlyMap<string, LookupTry['transport']> = new Map([
  ['DNS_TRANSACTION_ATTEMPT', 'udp'],
  ['DNS_TRANSACTION_TCP_ATTEMPT', 'tcp'],
  ['DNS_TRANSACTION_HTTPS_ATTEMPT', 'https'],
]);

function readTries(events: readonly NetLogEvent[], sources: Sources): LookupTry[] {
  const starts = events.filter((e) => TRANSPORT_BY_EVENT.has(e.type));
  const end = events.find((e) => e.type === 'DNS_TRANSACTION' && e.phase === 'end');
  return starts.map((start, i) => {
    const transport = TRANSPORT_BY_EVENT.get(start.type) ?? 'udp';
    const socketId = dependencyOf(start);
    const response = events.find(
      (e) => e.type === 'DNS_TRANSACTION_RESPONSE' && dependencyOf(e) === socketId,
    );
    const rcode = numberOf(response?.params.rcode);
    const endUnixMs = (response ?? end)?.unixMs;
    return {
      transport,
      startUnixMs: start.unixMs,
      ...(endUnixMs !== undefined && { endUnixMs }),
      ...readSocket(sources.get(socketId ?? -1) ?? []),
      ...(rcode !== undefined && { rcode, answerCount: numberOf(response?.params.answer_count) ?? 0 }),
      timedOut: response !== undefined && rcode === undefined,
      wasTruncated: rcode !== undefined && starts[i + 1]?.type === 'DNS_TRANSACTION_TCP_ATTEMPT',
    };
  });
}

function readSocket(events: readonly NetLogEvent[]): Pick<LookupTry, 'server' | 'localAddress'> {
  const udp = events.find((e) => e.type === 'UDP_CONNECT' && e.phase === 'begin');
  const tcp = events.find((e) => e.type === 'TCP_CONNECT' && e.phase === 'end');
  const local = events.find((e) => e.type === 'UDP_LOCAL_ADDRESS');
  const server = textOf(udp?.params.address) ?? textOf(tcp?.params.remote_address);
  const localAddress = textOf(local?.params.address) ?? textOf(tcp?.params.local_address);
  return { ...(server && { server }), ...(localAddress && { localAddress }) };
}

function readResults(events: readonly NetLogEvent[]): Pick<Lookup, 'addresses' | 'aliases'> {
  const addresses = new Set<string>();
  const aliases = new Set<string>();
  for (const { type, params } of events) {
    if (type === 'HOST_RESOLVER_SYSTEM_TASK')
      for (const address of listOf(params.address_list))
        addresses.add((textOf(address) ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
    if (type !== 'HOST_RESOLVER_DNS_TASK_EXTRACTION_RESULTS') continue;
    for (const result of listOf(params.results).filter(isFields)) {
      const alias = textOf(result.alias_target);
      if (alias) aliases.add(alias);
      for (const endpoint of listOf(result.endpoints).filter(isFields)) {
        const address = textOf(endpoint.address);
        if (address) addresses.add(address);
      }
    }
  }
  return { addresses: [...addresses], aliases: [...aliases] };
}

/** The requests that look a name up for a connection; others (a quality estimate) ask the cache in passing. */
const CONNECTS = /CONNECT_JOB$|^QUIC_SESSION_POOL_DIRECT_JOB$|^HTTP_STREAM_POOL/;
/** A connection's parts ask one after the other: what one has just looked up is not "from the cache" for the next. */
const SAME_LOOKUP_MS = 20;

/**
 * ```
 * // job      |--------|                      looked up
 * // hit                |                     its own connection again: not told
 * // hit                          |           told: this connection needed no look-up
 * ```
 */
export function readCachedLookups(
  events: readonly NetLogEvent[],
  lookups: readonly Lookup[],
): CachedLookup[] {
  const lastSeenMsByHost = new Map<string, number>();
  const ends = lookups.flatMap(({ host, endUnixMs }) =>
    endUnixMs === undefined ? [] : [{ host, endUnixMs }],
  );
  const cached: CachedLookup[] = [];
  for (const hit of events) {
    if (hit.type !== 'HOST_RESOLVER_MANAGER_CACHE_HIT' || !CONNECTS.test(hit.sourceType)) continue;
    const results = isFields(hit.params.results) ? hit.params.results : {};
    const host = textOf(listOf(results.aliases)[0]);
    if (!host) continue;
    const isNear = (ms: number | undefined) =>
      ms !== undefined && hit.unixMs - ms >= 0 && hit.unixMs - ms <= SAME_LOOKUP_MS;
    const isOwn =
      isNear(lastSeenMsByHost.get(host)) || ends.some((e) => e.host === host && isNear(e.endUnixMs));
    lastSeenMsByHost.set(host, hit.unixMs);
    if (isOwn) continue;
    const addresses = listOf(results.ip_endpoints)
      .filter(isFields)
      .flatMap((endpoint) => textOf(endpoint.endpoint_address) ?? []);
    cached.push({ host, unixMs: hit.unixMs, addresses });
  }
  return cached;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function hostIn(text: string): string {
  try {
    return new URL(text).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return text;
  }
}
