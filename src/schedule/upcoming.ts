/** What a span of time will bring, from what is planned alone: nothing of what was done, paused or missed. */
import { dueAt, type Planned, type PlannedJourney } from './planned.ts';

export interface Upcoming {
  readonly journey: string;
  readonly timing: string;
  readonly timeZone: string;
  /** When it begins, jitter included; Unix ms, in order. */
  readonly unixMs: readonly number[];
}

export const upcoming = ({ journeys }: Planned, now: number, forMs: number): Upcoming[] =>
  journeys.map((journey) => ({
    journey: journey.name,
    timing: journey.timing,
    timeZone: journey.timeZone,
    unixMs: timesOf(journey, now, now + forMs),
  }));

function timesOf(journey: PlannedJourney, now: number, until: number): number[] {
  const times: number[] = [];
  for (let slot = journey.nextAfter(now); slot !== undefined && slot < until; slot = journey.nextAfter(slot))
    times.push(dueAt(journey, slot));
  return times;
}
