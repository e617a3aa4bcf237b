/** What has changed in a journey at a site, and what is usual for it, from what the store holds. */

import { shiftsIn } from '../analyse/shift/shifts-in.ts';
import { type UsualUnder, usualTimes } from '../analyse/shift/usual-times.ts';
import type { Mark, Shift, ShiftRun } from '../model/shift.ts';
import { unixMsFromNano } from '../model/time.ts';
import type { Store } from '../store/store.ts';
import { marksIn } from './marks.ts';
import { type ReadRuns, shiftRuns } from './shift-runs.ts';

type Kept = ReadRuns & Pick<Store, 'records'>;

/** Asked after every run. @param site empty for runs of which no site is known */
export function shiftsOf(journey: string, site: string, store: Kept, nowUnixMs: number): Shift[] {
  const runs = shiftRuns(journey, site, store, nowUnixMs);
  return shiftsIn(runs, marksSince(runs, store));
}

export interface JourneyNormal {
  readonly journey: string;
  readonly site: string;
  readonly usual: readonly UsualUnder[];
  readonly shifts: readonly Shift[];
}

export function journeyNormal(journey: string, site: string, store: Kept, nowUnixMs: number): JourneyNormal {
  const runs = shiftRuns(journey, site, store, nowUnixMs);
  const shifts = shiftsIn(runs, marksSince(runs, store));
  return { journey, site, usual: usualTimes(runs, shifts), shifts };
}

/** A mark shortly before the first run matters as much as any. */
const BEFORE_FIRST_MS = 24 * 3_600_000;

function marksSince([first]: readonly ShiftRun[], store: Pick<Store, 'records'>): Mark[] {
  if (!first) return [];
  return marksIn(store, unixMsFromNano(BigInt(first.startUnixNano)) - BEFORE_FIRST_MS);
}
