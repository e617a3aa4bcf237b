/**
 * What is remembered and told of scheduled journeys.
 *
 * A slot is a time at which a journey is to be walked; each has one fate. A try is one walk of it: one run.
 */
import type { Nanos } from './time.ts';

/** `skip`: what was missed stays missed. `once`: one run for all of it. `all`: every one, one after the other. */
export type CatchUp = 'skip' | 'once' | 'all';

/**
 * overlap  the run before it had not ended, or had not found a place
 * missed   nobody was awake: sleep, or no scheduler
 * paused   somebody had paused the journey
 * changed  the journey got other times while the slot waited for its jitter
 * removed  the journey left the configuration while the slot waited
 */
export type SkipReason = 'overlap' | 'missed' | 'paused' | 'changed' | 'removed';

export const SKIP_WORDS: Readonly<Record<SkipReason, string>> = {
  overlap: 'the run before it had not ended',
  missed: 'nobody was awake',
  paused: 'it is paused',
  changed: 'its times were changed',
  removed: 'it is not in the configuration any more',
};

export interface Try {
  /** Null when the walk ended before there was a run. */
  readonly traceId: string | null;
  readonly status: 'ok' | 'failed';
  readonly begunUnixMs: number;
  readonly endedUnixMs: number;
  readonly wallNs?: Nanos;
  /** The run's verdict. */
  readonly sentence?: string;
  /** Why there is no run, or why it was broken off. */
  readonly error?: string;
}

interface OfSlot {
  readonly journey: string;
  /** Unix ms. */
  readonly slotUnixMs: number;
}

/** A slot that was begun. `broken_off`: the scheduler ended before the run did; it is not run again. */
export interface WalkedSlot extends OfSlot {
  readonly state: 'running' | 'ended' | 'broken_off';
  /** Somebody asked for it: no time of the schedule. */
  readonly byHand: boolean;
  readonly begunUnixMs: number;
  readonly endedUnixMs?: number;
  readonly tries: readonly Try[];
}

/** Slots beside each other that were skipped for one reason. */
export interface SkippedSlots extends OfSlot {
  readonly state: 'skipped';
  readonly why: SkipReason;
  readonly untilSlotUnixMs: number;
  readonly count: number;
}

export type SlotEntry = WalkedSlot | SkippedSlots;

/** One journey of the schedule, as it stands. */
export interface JourneyStanding {
  readonly journey: string;
  /** `every 5m`, `cron 0 8-18 * * 1-5`. */
  readonly timing: string;
  readonly timeZone: string;
  readonly paused: boolean;
  /** When it is to begin, jitter included; null when never. */
  readonly nextUnixMs: number | null;
  /** Slots that wait for a place or are still to be caught up. */
  readonly waiting: number;
  readonly running: WalkedSlot | null;
  readonly last: WalkedSlot | null;
  readonly skipped: SkippedSlots | null;
}

/** `GET /api/schedule` */
export interface ScheduleStanding {
  readonly nowUnixMs: number;
  /** `off`: this server schedules nothing. */
  readonly state: 'on' | 'stopping' | 'off';
  /** All journeys are paused, those to come too. */
  readonly paused: boolean;
  readonly concurrency: number;
  readonly journeys: readonly JourneyStanding[];
  /** What happened last, newest first. */
  readonly recent: readonly SlotEntry[];
}

/** `GET /health` */
export interface ScheduleHealth {
  readonly ok: boolean;
  /** When the schedule was last looked at, Unix ms; null before the first time. */
  readonly lookedUnixMs: number | null;
  /** Later than it should be looked at. */
  readonly lateMs: number;
  readonly running: readonly string[];
  readonly sentence: string;
}
