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

/** Where in a line of values each counter stands: `[12, 'TcpRetransSegs']`. */
type Places = readonly (readonly [number, string])[];

/** The lines of names never change while a kernel runs, and are long: each reader looks at them once. */
export function netCounters(): ReadProc {
  const placesByNames = new Map<string, Places>();
  const placesOf = (names: string): Places => {
    const known = placesByNames.get(names);
    if (known) return known;
    const places = findPlaces(names);
    if (placesByNames.size < MAX_GROUPS) placesByNames.set(names, places);
    return places;
  };
  return (text, into) => {
    const lines = text.split('\n');
    for (let i = 0; i + 1 < lines.length; i++) {
      const [names, values] = [lines[i]!, lines[i + 1]!];
      const group = names.slice(0, names.indexOf(':') + 1);
      if (group === '' || !values.startsWith(group)) continue;
      i++;
      const places = placesOf(names);
      if (places.length === 0) continue;
      const fields = fieldsOf(values);
      if (fields.length !== fieldCount(names)) continue;
      for (const [at, name] of places) put(into, name, countOf(fields[at]));
    }
  };
}

/** The two files have about a dozen groups. */
const MAX_GROUPS = 100;

function findPlaces(names: string): Places {
  const [group = '', ...fields] = fieldsOf(names);
  return fields.flatMap((field, at) => {
    const name = group.slice(0, -1) + field;
    return COUNTERS.has(name) ? [[at + 1, name] as const] : [];
  });
}

const fieldCount = (line: string): number => line.trim().split(' ').length;
