/** What has become slower in a journey, as signals for the alerts. */
import { signalOf } from '../analyse/shift/signal-of.ts';
import type { Signal } from '../model/signal.ts';
import { shiftsOf } from './shifts.ts';

export const shiftSignals = (
  journey: string,
  site: string,
  store: Parameters<typeof shiftsOf>[2],
  nowUnixMs: number,
): Signal[] => shiftsOf(journey, site, store, nowUnixMs).flatMap((shift) => signalOf(shift) ?? []);
