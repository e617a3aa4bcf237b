/**
 * A visit that came before the run, to warm the browser up, is none of the run's business: only what it left open is.
 *
 * ```
 * visit     |--GET /--|--GET /style.css--|
 * socket    |--------------------------------------------------->   still there: kept
 * run                                        |---GET /---|
 * ```
 */
import type { NetLog } from '../../src/import/netlog.ts';
import { type UnixNano, unixMsFromNano } from '../../src/model/time.ts';
import type { DnsQuery } from '../dns/dns-query.ts';

interface Ending {
  readonly endUnixMs?: number | undefined;
}

export function withoutEarlierVisit(netLog: NetLog, startUnixNano: UnixNano): NetLog {
  const startMs = unixMsFromNano(startUnixNano);
  const goesOn = ({ endUnixMs }: Ending): boolean => (endUnixMs ?? Number.POSITIVE_INFINITY) >= startMs;
  return {
    ...netLog,
    exchanges: netLog.exchanges.filter(goesOn),
    dnsJobs: netLog.dnsJobs.filter(goesOn),
    lookups: netLog.lookups.filter(goesOn),
  };
}

export const queriesSince = (queries: readonly DnsQuery[], startUnixNano: UnixNano): DnsQuery[] =>
  queries.filter(({ endUnixNano }) => endUnixNano >= startUnixNano);
