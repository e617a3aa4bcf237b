/** Durations as people write them in a configuration: `50ms`, `2s`, `1.5s`, `10m`, `6h`, `28d`. */
import type { Nanos } from './time.ts';

const NS_BY_UNIT = { ms: 1e6, s: 1e9, m: 60e9, h: 3_600e9, d: 86_400e9 } as const;
const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/** @returns undefined for anything else */
export function durationNs(text: string): Nanos | undefined {
  const [, count, unit] = DURATION.exec(text.trim()) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  return Math.round(Number(count) * NS_BY_UNIT[unit as keyof typeof NS_BY_UNIT]);
}
