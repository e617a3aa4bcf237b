/**
 * An entry's `timings` as the phases that the probe makes, end to end. −1 is "not applicable" and leaves no phase; so
 * does 0, which some tools write instead.
 *
 * ```
 * blocked   dns       connect             send   wait      receive        milliseconds, all but ssl end to end
 * |---------|---------|--------|----------|------|---------|---------|
 *                              |-- ssl ---|                               within connect (HAR 1.2), or beside it
 * wait_for_  DNS       socket   TLS        request waiting   content
 * connection lookup    connect  handshake  sent              download
 * ```
 * `entry.time` is not trusted: Playwright's counts TLS twice, Chrome's of a request that was called off is its age. It
 * is only asked where `ssl` lies, of tools that nobody knows: Firefox adds it beside `connect`.
 *
 * http://www.softwareishard.com/blog/har-12-spec/#timings
 */
import { PHASES } from '../model/attributes.ts';
import { type Nanos, nanosFromMs } from '../model/time.ts';
import { isObject, type Json, number } from './json-value.ts';

export interface PhaseLength {
  readonly name: string;
  readonly ns: Nanos;
}

export interface HarTimings {
  readonly lengths: readonly PhaseLength[];
  /** Chrome: how much of `blocked` it stood in the browser's own queue. */
  readonly queueingMs: number | undefined;
  /** Nothing says how long it was held before it was sent: all that follows was that much later. */
  readonly isHoldUntold: boolean;
  /** What makes no sense in them, in a few words. */
  readonly faults: readonly string[];
}

/** Longer than a request can take by orders, and what a trace can hold exactly. */
const MAX_PHASE_MS = 100 * 86_400_000;
/** Tools round each part to a millisecond before they add them up. */
const ROUNDING_MS = 4;

const KEYS = ['blocked', 'dns', 'connect', 'ssl', 'send', 'wait', 'receive'] as const;
type Key = (typeof KEYS)[number];
type Milliseconds = Record<Key, number>;

/**
 * @param isTls whether the address asks for TLS at all; Playwright gives plain HTTP a false `ssl`
 * @param isWithin that `ssl` lies within `connect` is known of the tool that wrote it
 */
export function harTimings(entry: Json, isTls: boolean, isWithin: boolean): HarTimings {
  const timings = isObject(entry.timings) ? entry.timings : {};
  const faults: string[] = [];
  const ms = Object.fromEntries(KEYS.map((key) => [key, lengthOf(timings, key, faults)])) as Milliseconds;
  if (!isTls) ms.ssl = 0;
  const tcpMs =
    ms.ssl > 0 && isInConnect(ms, number(entry.time), isWithin) ? ms.connect - ms.ssl : ms.connect;
  const queueingMs = number(timings._blocked_queueing);
  const laid: readonly (readonly [name: string, ms: number])[] = [
    [PHASES.wait, ms.blocked],
    [PHASES.dns, ms.dns],
    [PHASES.connect, Math.max(0, tcpMs)],
    [PHASES.tls, ms.ssl],
    [PHASES.send, ms.send],
    [PHASES.waiting, ms.wait],
    [PHASES.download, ms.receive],
  ];
  return {
    lengths: laid.map(([name, length]) => ({ name, ns: nanosFromMs(length) })).filter(({ ns }) => ns > 0),
    isHoldUntold: timings.blocked === undefined && timings.wait !== undefined,
    queueingMs: queueingMs > 0 && queueingMs < MAX_PHASE_MS ? queueingMs : undefined,
    faults,
  };
}

function lengthOf(timings: Json, key: Key, faults: string[]): number {
  const value = timings[key];
  if (value === undefined || value === null || value === '') return 0;
  const ms = number(value);
  if (ms >= 0 && ms <= MAX_PHASE_MS) return ms;
  if (ms !== -1) faults.push(key);
  return 0;
}

/**
 * ```
 * // connect 124   |--tcp--|--ssl--|    within: what HAR says, and Chrome, Safari, Charles, Playwright do
 * // connect 78    |--tcp--|            beside: what Firefox does
 * // ssl 46                |--ssl--|
 * ```
 */
function isInConnect(ms: Milliseconds, timeMs: number, isWithin: boolean): boolean {
  if (isWithin) return true;
  if (ms.ssl > ms.connect + ROUNDING_MS) return false;
  const withinMs = ms.blocked + ms.dns + ms.connect + ms.send + ms.wait + ms.receive;
  const besideMs = withinMs + ms.ssl;
  const isBeside = Math.abs(timeMs - besideMs) <= ROUNDING_MS && Math.abs(timeMs - withinMs) > ROUNDING_MS;
  return !isBeside;
}
