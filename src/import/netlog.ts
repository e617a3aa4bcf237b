/**
 * Chromium's NetLog (`--log-net-log=FILE`): what the browser's network stack did, per request and per socket.
 *
 * Read: URL requests with their hops and stalls, sockets with TCP attempts and TLS messages, HTTP/2 and QUIC sessions, DNS jobs.
 * Ignored: proxies, the disk cache's own sources, polled data. Format and times: netlog/events.ts.
 */
import type { Warning } from '../model/span.ts';
import type { Connection, DnsJob } from './netlog/connection.ts';
import { readConnections, readDnsJobs } from './netlog/connections.ts';
import { eventsBySource, readNetLogEvents } from './netlog/events.ts';
import { type Exchange, readExchanges } from './netlog/exchanges.ts';
import { readHttp2Sessions } from './netlog/http2-sessions.ts';
import { type CachedLookup, type Lookup, readCachedLookups, readLookups } from './netlog/lookups.ts';

export type { ConnectAttempt, Connection, DnsJob, DnsTransaction } from './netlog/connection.ts';
export type { Exchange } from './netlog/exchanges.ts';
export type { Http2Session } from './netlog/http2-sessions.ts';
export type { Interval } from './netlog/interval.ts';
export type { CachedLookup, Lookup, LookupQuestion, LookupTry } from './netlog/lookups.ts';
export type { Stall, StallKind } from './netlog/stalls.ts';
export { HANDSHAKE, type TlsHandshake, type TlsMessage } from './netlog/tls-handshake.ts';

export interface NetLog {
  readonly exchanges: readonly Exchange[];
  readonly connections: readonly Connection[];
  readonly dnsJobs: readonly DnsJob[];
  /** The same jobs, with every try of every question. */
  readonly lookups: readonly Lookup[];
  readonly cachedLookups: readonly CachedLookup[];
  readonly truncated: boolean;
  readonly warnings: readonly Warning[];
  /** Names of net errors by number, as far as the file has them. */
  readonly errorNames?: ReadonlyMap<unknown, string>;
}

/** Of a browser whose log is not there, or not whole yet. */
export const NO_NETLOG: NetLog = {
  exchanges: [],
  connections: [],
  dnsJobs: [],
  lookups: [],
  cachedLookups: [],
  truncated: false,
  warnings: [],
};

export const isNetLog = (text: string): boolean =>
  /^\s*\{\s*"constants"/.test(text.slice(0, 200)) && text.includes('"logEventTypes"');

/** Reads a NetLog, finished or cut off. Any text is accepted: what cannot be read becomes a warning. */
export function readNetLog(text: string): NetLog {
  const { events, truncated, warnings, errorNames } = readNetLogEvents(text);
  const sources = eventsBySource(events);
  const dnsJobs = readDnsJobs(sources);
  const lookups = readLookups(sources);
  const exchanges = readExchanges(sources);
  // Sources have ids of one series, so sockets and connect jobs may share a set.
  const used = new Set(exchanges.flatMap((exchange) => [exchange.connectionId, exchange.connectJobId]));
  return {
    exchanges,
    connections: readConnections(sources, dnsJobs, used, readHttp2Sessions(sources)),
    dnsJobs,
    lookups,
    cachedLookups: readCachedLookups(events, lookups),
    truncated,
    warnings,
    errorNames,
  };
}
