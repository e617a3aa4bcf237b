/** Begin and end of one type of event on one source, as NetLog tells them: whole Unix milliseconds. */
import { type NetLogEvent, numberOf } from './events.ts';

export type Sources = ReadonlyMap<number, readonly NetLogEvent[]>;

export interface Interval {
  readonly startUnixMs: number;
  /** Missing when the log ends before it does. */
  readonly endUnixMs?: number;
  /** Chromium's net error, negative: -102 is ERR_CONNECTION_REFUSED. A positive one is the system's own. */
  readonly netError?: number;
}

export function interval(events: readonly NetLogEvent[], type: string, startUnixMs: number): Interval {
  const end = events.find((e) => e.type === type && e.phase === 'end');
  return end ? { startUnixMs, endUnixMs: end.unixMs, ...errorOf(end) } : { startUnixMs };
}

export const beginOf = (events: readonly NetLogEvent[], type: string): NetLogEvent | undefined =>
  events.find((e) => e.type === type && e.phase === 'begin');

export function errorOf(event: NetLogEvent): { netError?: number } {
  const netError = numberOf(event.params.net_error) ?? numberOf(event.params.os_error);
  return netError ? { netError } : {};
}
