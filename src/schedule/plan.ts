/**
 * What is to be done now, from what is planned and what was done. No clock in here: `now` is an argument.
 *
 * ```
 * slot        |decided …………………|·······|·········now
 *                              ↑ decidedUntil: every slot up to here has its fate
 * look()      gives each slot that is due since then a fate: owed (it is to be walked) or skipped, with the reason
 * beginsNow() picks of those owed what may begin: no journey beside itself, and no more at once than allowed
 * ```
 * All that a journey has is one state, kept as a whole: whoever starts again from it neither loses a slot nor walks
 * one twice.
 */
import type { SkipReason } from '../model/schedule.ts';
import type { Begin, JourneyState } from './journey-state.ts';
import { dueAt, type PlannedJourney } from './planned.ts';

/** A program that is awake looks within a second or so; what it sees later than this, it was not awake for. */
export const ON_TIME_MS = 60_000;
/** Further back nothing is caught up or counted one by one: a month of every minute is 44 640 slots. */
export const LOOK_BACK_MS = 31 * 86_400_000;
/** Of `catchUp: 'all'`: more would be walked for days, and tell of nothing but the backlog. */
export const MOST_OWED = 1_000;
/** Skips remembered in the state itself: as many as one look can make of what was owed. */
const SKIPS_KEPT = 2 * MOST_OWED;

/** Gives every slot that is due its fate. The same state when none is. */
export function look(
  journey: PlannedJourney,
  state: JourneyState,
  now: number,
  isPaused: boolean,
): JourneyState {
  const due = dueSlots(journey, state.decidedUntilUnixMs, now);
  const last = due.at(-1);
  if (last === undefined && !(isPaused && state.owed.length > 0)) return state;
  const decided = { ...state, decidedUntilUnixMs: last ?? state.decidedUntilUnixMs };
  if (isPaused) return skip({ ...decided, owed: [] }, [...state.owed, ...due], 'paused', journey);
  const missed = due.filter((slot) => now - dueAt(journey, slot) > ON_TIME_MS);
  const onTime = due.slice(missed.length);
  if (missed.length > 0 && journey.catchUp === 'once') return oweTheLast(decided, due, 1, journey);
  if (missed.length > 0 && journey.catchUp === 'all')
    return takeOnTime(oweTheLast(decided, missed, MOST_OWED, journey), onTime, journey);
  return takeOnTime(skip(decided, missed, 'missed', journey), onTime, journey);
}

function dueSlots(journey: PlannedJourney, since: number, now: number): number[] {
  const slots: number[] = [];
  let slot = journey.nextAfter(Math.max(since, now - LOOK_BACK_MS));
  while (slot !== undefined && slot <= now && dueAt(journey, slot) <= now) {
    slots.push(slot);
    slot = journey.nextAfter(slot);
  }
  return slots;
}

/** One is owed when nothing of the journey runs or waits; every other one overlaps. */
function takeOnTime(state: JourneyState, slots: readonly number[], journey: PlannedJourney): JourneyState {
  const isBusy = state.running !== undefined || state.owed.length > 0;
  const owed = isBusy ? [] : slots.slice(0, 1);
  return skip({ ...state, owed: [...state.owed, ...owed] }, slots.slice(owed.length), 'overlap', journey);
}

/** What waited already counts as missed too: it is part of what the run is made for. */
function oweTheLast(
  state: JourneyState,
  slots: readonly number[],
  most: number,
  journey: PlannedJourney,
): JourneyState {
  const all = [...state.owed, ...slots];
  return skip({ ...state, owed: all.slice(-most) }, all.slice(0, -most), 'missed', journey);
}

/** Slots that follow each other and were skipped for one reason are one entry. */
function skip(
  state: JourneyState,
  slots: readonly number[],
  why: SkipReason,
  { name, nextAfter }: Pick<PlannedJourney, 'name' | 'nextAfter'>,
): JourneyState {
  const skips = [...state.skips];
  for (const slot of slots) {
    const before = skips.at(-1);
    const isOfTheseTimes = before !== undefined && before.untilSlotUnixMs > state.timesSinceUnixMs;
    if (isOfTheseTimes && before.why === why && nextAfter(before.untilSlotUnixMs) === slot)
      skips[skips.length - 1] = { ...before, untilSlotUnixMs: slot, count: before.count + 1 };
    else
      skips.push({ journey: name, slotUnixMs: slot, state: 'skipped', why, untilSlotUnixMs: slot, count: 1 });
  }
  return slots.length === 0 ? state : { ...state, skips: skips.slice(-SKIPS_KEPT) };
}

/** Slots that were owed and will not be walked. Whether they follow each other does not matter: each is an entry. */
export function skipOwed(state: JourneyState, slots: readonly number[], why: SkipReason): JourneyState {
  const owed = state.owed.filter((slot) => !slots.includes(slot));
  return skip({ ...state, owed }, slots, why, { name: state.journey, nextAfter: () => undefined });
}

/**
 * The configuration names other times for the journey, or the journey no more. What was due keeps its fate; what was
 * planned and only waited for its jitter is skipped; of a journey that is gone also what was owed.
 */
export function settle(
  journey: PlannedJourney,
  state: JourneyState,
  now: number,
  isPaused: boolean,
  why: 'changed' | 'removed',
): JourneyState {
  const looked = look(journey, state, now, isPaused);
  const pending = dueSlots({ ...journey, jitterMs: 0 }, looked.decidedUntilUnixMs, now);
  const decided = { ...looked, decidedUntilUnixMs: Math.max(now, looked.decidedUntilUnixMs) };
  if (why === 'changed') return skip(decided, pending, why, journey);
  const { askedUnixMs: _, ...gone } = decided;
  return skip({ ...gone, owed: [] }, [...looked.owed, ...pending], why, journey);
}

/**
 * Who was asked for comes first, then who has not been walked for longest: nobody starves, however long the others'
 * backlogs are.
 *
 * @param free how many more may run
 */
export function beginsNow(
  journeys: readonly PlannedJourney[],
  stateOf: (name: string) => JourneyState | undefined,
  free: number,
): Begin[] {
  const waiting = journeys.flatMap((journey) => {
    const state = stateOf(journey.name);
    const slotUnixMs = state?.askedUnixMs ?? state?.owed[0];
    if (!state || state.running || slotUnixMs === undefined) return [];
    const byHand = state.askedUnixMs !== undefined;
    return [{ journey, slotUnixMs, byHand, restedSince: byHand ? -1 : state.lastBegunUnixMs }];
  });
  return waiting
    .sort((a, b) => a.restedSince - b.restedSince || a.slotUnixMs - b.slotUnixMs)
    .slice(0, Math.max(0, free))
    .map(({ journey, slotUnixMs, byHand }) => ({ journey, slotUnixMs, byHand }));
}

/** When something is due next of what has no fate yet, jitter included. */
export function nextDue(journey: PlannedJourney, state: JourneyState): number | undefined {
  const slot = journey.nextAfter(state.decidedUntilUnixMs);
  return slot === undefined ? undefined : dueAt(journey, slot);
}
