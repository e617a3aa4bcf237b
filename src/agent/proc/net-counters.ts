/**
 * `/proc/net/snmp` and `/proc/net/netstat`: counters of the network stack since boot, per network namespace.
 * Pairs of lines, names above values: `TcpExt: SyncookiesSent … ListenOverflows …` / `TcpExt: 0 … 17 …`.
 * Read: the counters of `COUNTERS`, named as `nstat` names them. Ignored: all others, and pairs whose halves differ in length.
 * Meaning: https://docs.kernel.org/networking/snmp_counter.html
 */
import { countOf, fieldsOf, put, type ReadProc } from './readings.ts';

export const COUNTERS: ReadonlySet<string> = new Set([
  'TcpRetransSegs',
  'TcpAttemptFails',
  'TcpEstabResets',
  'TcpExtTCPSynRetrans',
  'TcpExtTCPTimeouts',
  'TcpExtTCPLossProbes',
  'TcpExtTCPFastRetrans',
  'TcpExtListenOverflows',
  'TcpExtListenDrops',
  'TcpExtTCPReqQFullDrop',
  'UdpRcvbufErrors',
]);

export const readNetCounters: ReadProc = (text, into) => {
  const lines = text.split('\n');
  for (let i = 0; i + 1 < lines.length; i++) {
    const [group, ...names] = fieldsOf(lines[i]!);
    const [sameGroup, ...values] = fieldsOf(lines[i + 1]!);
    if (!group?.endsWith(':') || group !== sameGroup || names.length !== values.length) continue;
    i++;
    names.forEach((name, at) => {
      const full = group.slice(0, -1) + name;
      if (COUNTERS.has(full)) put(into, full, countOf(values[at]));
    });
  }
};
