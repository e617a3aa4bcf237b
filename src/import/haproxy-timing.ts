/**
 * When a request was in HAProxy: from the µs stamps where the config takes them, else from the accept date and the
 * whole-millisecond timers.
 */
import {
  NANOS_PER_MS,
  NANOS_PER_US,
  nanosFromMs,
  type UnixNano,
  unixNanoFromMs,
  unixNanoFromUs,
} from '../model/time.ts';
import type { HaproxyFields } from './haproxy-fields.ts';
import type { HaproxyInterval } from './haproxy-phases.ts';
import type { Warn } from './log-line.ts';

export interface Timing {
  readonly interval: HaproxyInterval;
  readonly precisionNs: number;
}

/** Undefined, with a warning, when the line tells no time at all. */
export function timingOf(fields: HaproxyFields, warn: Warn): Timing | undefined {
  const { reqUs, rspUs, logUs } = fields;
  if (reqUs !== undefined && logUs !== undefined) {
    const inOrder = reqUs <= (rspUs ?? reqUs) && (rspUs ?? reqUs) <= logUs;
    if (inOrder)
      return { interval: stampedInterval(reqUs, rspUs ?? logUs, logUs), precisionNs: NANOS_PER_US };
    warn(
      'haproxy.time_backwards',
      `stamps run backwards (${reqUs}, ${rspUs}, ${logUs}): the clock was set; timers are used`,
    );
  }
  const start = reqUs === undefined ? parsedUnixNano(fields) : unixNanoFromUs(reqUs);
  if (start === undefined) {
    warn(
      'haproxy.no_time',
      'the line has neither req_us and log_us nor acc_s and timers: no span could be made of it',
    );
    return undefined;
  }
  return { interval: timedInterval(fields, start), precisionNs: NANOS_PER_MS };
}

const stampedInterval = (reqUs: bigint, rspUs: bigint, logUs: bigint): HaproxyInterval => ({
  startUnixNano: unixNanoFromUs(reqUs),
  respondedUnixNano: unixNanoFromUs(rspUs),
  endUnixNano: unixNanoFromUs(logUs),
});

/** `accept |-- Th --|-- Ti --|-- TR --| request parsed` */
const parsedUnixNano = ({ acceptMs, Th, Ti, TR }: HaproxyFields): UnixNano | undefined =>
  acceptMs === undefined ? undefined : unixNanoFromMs(acceptMs + (Th ?? 0) + (Ti ?? 0) + (TR ?? 0));

function timedInterval({ Tw, Tc, Tr, TR, Td, Ta }: HaproxyFields, startUnixNano: UnixNano): HaproxyInterval {
  const waitedMs = (Tw ?? 0) + (Tc ?? 0) + (Tr ?? 0);
  const activeMs = Math.max(waitedMs + (Td ?? 0), (Ta ?? 0) - (TR ?? 0));
  const endUnixNano = startUnixNano + BigInt(nanosFromMs(activeMs));
  const respondedUnixNano = Tr === undefined ? endUnixNano : startUnixNano + BigInt(nanosFromMs(waitedMs));
  return { startUnixNano, respondedUnixNano, endUnixNano };
}
