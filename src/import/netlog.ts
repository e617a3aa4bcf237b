/**
 * Chromium's NetLog (`--log-net-log=FILE`): what the browser's network stack did, per request and per socket.
 *
 * Read: URL requests with their hops, sockets with TCP attempts and TLS, DNS jobs, stalls. Ignored: QUIC sessions,
 * proxies, the disk cache's own sources, polled data. Format and times: netlog/events.ts.
 */
import type { Warning } from '../model/span.ts';
import { type Connection, type DnsJob, readConnections, readDnsJobs } from './netlog/connections.ts';
import { eventsBySource, readNetLogEvents } from './netlog/events.ts';
import { type Exchange, readExchanges } from './netlog/exchanges.ts';
import { type CachedLookup, type Lookup, readCachedLookups, readLookups } from './netlog/lookups.ts';

export type {
  ConnectAttempt,
  Connection,
  DnsJob,
  DnsTransaction,
  Interval,
  TlsHandshake,
  TlsMessage,
} from './netlog/connections.ts';
export type { Exchange, Stall } from './netlog/exchanges.ts';
export type { CachedLookup, Lookup, LookupQuestion, LookupTry } from './netlog/lookups.ts';

export interface NetLog {
  readonly exchanges: readonly Exchange[];
  readonly connections: readonly Connection[];
  readonly dnsJobs: readonly DnsJob[];
  /** The same jobs, with every try of every question. */
  readonly lookups: readonly Lookup[];
  readonly cachedLookups: readonly CachedLookup[];
  readonly truncated: boolean;
  readonly warnings: readonly Warning[];
}

export const isNetLog = (text: string): boolean =>
  /^\s*\{\s*"constants"/.test(text.slice(0, 200)) && text.includes('"logEventTypes"');

/** Reads a NetLog, finished or cut off. Any text is accepted: what cannot be read becomes a warning. */
export function readNetLog(text: string): NetLog {
  const { events, truncated, warnings } = readNetLogEvents(text);
  const sources = eventsBySource(events);
  const dnsJobs = readDnsJobs(sources);
  const lookups = readLookups(sources);
  const exchanges = readExchanges(sources);
  const used = new Set(exchanges.map((exchange) => exchange.connectionId));
  return {
    exchanges,
    connections: readConnections(sources, dnsJobs, used),
    dnsJobs,
    lookups,
    cachedLookups: readCachedLookups(events, lookups),
    truncated,
    warnings,
  };
}
