/**
 * The part of a browser's NetLog that belongs to one test: what began while the browser was the test's own.
 *
 * ```
 * // test 1   |---------|
 * // test 2               |---------|
 * // socket     |-----------------|      opened in test 1: test 2 rode on it, and has no connection of its own to show
 * // request         |-------|           sent by test 1, whenever it ended
 * ```
 */
import type { NetLog } from '../../src/import/netlog.ts';
import { parseTraceparent } from '../../src/model/ids.ts';

/** NetLog's stamps are whole milliseconds, floored twice, and so up to 2.6 ms early. */
export const EARLY_MS = 3;

export function netLogPart(
  netLog: NetLog,
  [fromMs, toMs]: readonly [number, number],
  traceId: string,
): NetLog {
  const isWithin = (unixMs: number) => unixMs >= fromMs - EARLY_MS && unixMs <= toMs;
  const isOthers = (traceparent: string | undefined) => {
    const sent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
    return sent !== undefined && sent.traceId !== traceId;
  };
  return {
    ...netLog,
    exchanges: netLog.exchanges.filter((e) => isWithin(e.startUnixMs) && !isOthers(e.traceparent)),
    connections: netLog.connections.filter(({ tcp }) => isWithin(tcp.startUnixMs)),
    dnsJobs: netLog.dnsJobs.filter((job) => isWithin(job.startUnixMs)),
    lookups: netLog.lookups.filter((lookup) => isWithin(lookup.startUnixMs)),
    cachedLookups: netLog.cachedLookups.filter((hit) => isWithin(hit.unixMs)),
  };
}
