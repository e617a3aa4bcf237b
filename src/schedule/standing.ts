/** How the schedule stands, for people and for the machines that watch it. */
import type { JourneyStanding, ScheduleHealth, ScheduleStanding, SlotEntry } from '../model/schedule.ts';
import type { JourneyState } from './journey-state.ts';
import { nextDue } from './plan.ts';
import type { Planned, PlannedJourney } from './planned.ts';

/** The loop looks every 15 s at least; a look that is this late means that it hangs. */
const LATE_MS = 60_000;

export interface StandingFacts {
  readonly planned: Planned;
  stateOf(name: string): JourneyState | undefined;
  readonly isAllPaused: boolean;
  readonly isStopping: boolean;
  readonly now: number;
  readonly recent: readonly SlotEntry[];
}

export function standingOf(facts: StandingFacts): ScheduleStanding {
  const { planned, stateOf, isAllPaused, isStopping, now, recent } = facts;
  return {
    nowUnixMs: now,
    state: isStopping ? 'stopping' : 'on',
    paused: isAllPaused,
    concurrency: planned.concurrency,
    journeys: planned.journeys.map((journey) => journeyStanding(journey, stateOf(journey.name), isAllPaused)),
    recent,
  };
}

function journeyStanding(
  journey: PlannedJourney,
  state: JourneyState | undefined,
  isAllPaused: boolean,
): JourneyStanding {
  return {
    journey: journey.name,
    timing: journey.timing,
    timeZone: journey.timeZone,
    paused: isAllPaused || state?.paused === true,
    nextUnixMs: (state && nextDue(journey, state)) ?? null,
    waiting: (state?.owed.length ?? 0) + (state?.askedUnixMs === undefined ? 0 : 1),
    running: state?.running ?? null,
    last: state?.last ?? null,
    skipped: state?.skips.at(-1) ?? null,
  };
}

export interface HealthFacts {
  readonly now: number;
  readonly lookedUnixMs: number | null;
  readonly isStopping: boolean;
  readonly running: readonly string[];
}

export function healthOf({ now, lookedUnixMs, isStopping, running }: HealthFacts): ScheduleHealth {
  const lateMs = lookedUnixMs === null ? 0 : Math.max(0, now - lookedUnixMs - LATE_MS);
  const ok = lookedUnixMs !== null && lateMs === 0 && !isStopping;
  return { ok, lookedUnixMs, lateMs, running, sentence: inWords(lookedUnixMs, lateMs, isStopping) };
}

function inWords(lookedUnixMs: number | null, lateMs: number, isStopping: boolean): string {
  if (isStopping) return 'The schedule is being stopped.';
  if (lookedUnixMs === null) return 'The schedule has not begun.';
  if (lateMs > 0) return `The schedule has not been looked at since ${new Date(lookedUnixMs).toISOString()}.`;
  return 'The schedule is on.';
}
