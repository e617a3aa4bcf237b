/**
 * Where a request's time in HAProxy went, from its stamps and timers.
 *
 * ```
 *        req_us                                            rsp_us          log_us
 * exact  |-------------------------------------------------|---------------|
 * ms     |---- Tw ----|-- Tc --|------------ Tr -----------|------ Td -----|
 * phase     queue or    connect          server                transfer
 *          `retries`
 * ```
 * The stamps are exact to the event loop, the timers are whole milliseconds (±1): so the timers only say how the exact
 * interval is divided. A timer of −1 did not run to its end; what is left of Ta after the others belongs to the first
 * such one:
 * ```
 * connect timeout   Tw 1003, Tc −1, Ta 1506     |------ retries 1003 ------|-- connect 503 --|   (aborted)
 * queue timeout     Tw 301, Tc −1, Ta 301       |------------ queue 301 -----------|
 * ```
 */
import type { UnixNano } from '../model/time.ts';
import type { HaproxyFields } from './haproxy-fields.ts';

export interface HaproxyPhase {
  readonly name: 'queue' | 'retries' | 'connect' | 'server' | 'transfer';
  readonly startUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
  /** True when an inner boundary was placed by a whole-millisecond timer. */
  readonly isSplit: boolean;
  /** True when the phase did not come to its end. */
  readonly isAborted: boolean;
}

export interface HaproxyInterval {
  readonly startUnixNano: UnixNano;
  /** When the response's headers were there. */
  readonly respondedUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
}

type Part = Omit<HaproxyPhase, 'startUnixNano' | 'endUnixNano' | 'isSplit'> & { readonly weightMs: number };

/** Contiguous phases inside the interval; those that took no time are left out. */
export function haproxyPhases(fields: HaproxyFields, interval: HaproxyInterval): HaproxyPhase[] {
  const { respondedUnixNano, endUnixNano } = interval;
  const phases = divide(partsOf(fields), interval.startUnixNano, respondedUnixNano);
  if (endUnixNano > respondedUnixNano && fields.Tr !== undefined) {
    const name = 'transfer';
    const isAborted = fields.Td === undefined || fields.terminationState[1] === 'D';
    phases.push({ name, startUnixNano: respondedUnixNano, endUnixNano, isSplit: false, isAborted });
  }
  return phases;
}

function partsOf({ Tw, Tc, Tr, TR, Ta, retries, raw }: HaproxyFields): Part[] {
  const timers = [
    { name: retries ? 'retries' : 'queue', ms: Tw },
    { name: 'connect', ms: Tc },
    { name: 'server', ms: Tr },
  ] as const;
  const leftMs = Math.max(0, (Ta ?? 0) - (TR ?? 0) - (Tw ?? 0) - (Tc ?? 0) - (Tr ?? 0));
  const unfinished = timers.find(({ ms }) => ms === undefined);
  const parts = timers.map(({ name, ms }) => ({
    name,
    weightMs: ms ?? (name === unfinished?.name ? leftMs : 0),
    isAborted: ms === undefined,
  }));
  const timed = parts.filter(({ weightMs }) => weightMs > 0);
  if (timed.length) return timed;
  // all of it below a millisecond: a server answered, or HAProxy answered by itself and waited for nobody
  const answered = Tr !== undefined && raw.srv !== '<NOSRV>';
  return answered ? [{ name: 'server', weightMs: 1, isAborted: false }] : [];
}

function divide(parts: readonly Part[], start: UnixNano, end: UnixNano): HaproxyPhase[] {
  const totalMs = parts.reduce((sum, { weightMs }) => sum + weightMs, 0);
  const lengthNs = Number(end - start);
  let passedMs = 0;
  const boundary = () => start + BigInt(Math.round((lengthNs * passedMs) / (totalMs || 1)));
  return parts.flatMap(({ name, isAborted, weightMs }) => {
    const startUnixNano = boundary();
    passedMs += weightMs;
    const endUnixNano = boundary();
    if (endUnixNano <= startUnixNano) return [];
    return [{ name, isAborted, startUnixNano, endUnixNano, isSplit: parts.length > 1 }];
  });
}
