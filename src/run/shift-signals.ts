/** What has become slower in a journey, as signals for the alerts. */
import { comesAlong } from '../analyse/shift/comes-along.ts';
import { signalOf } from '../analyse/shift/signal-of.ts';
import type { Signal } from '../model/signal.ts';
import { shiftsOf } from './shifts.ts';

export function shiftSignals(
  journey: string,
  site: string,
  store: Parameters<typeof shiftsOf>[2],
  nowUnixMs: number,
): Signal[] {
  const shifts = shiftsOf(journey, site, store, nowUnixMs);
  return shifts.filter((shift) => !comesAlong(shift, shifts)).flatMap((shift) => signalOf(shift) ?? []);
}
