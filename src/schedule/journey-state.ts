/** All that is known of one scheduled journey, and how a run changes it. Never changed in place. */
import type { SkippedSlots, Try, WalkedSlot } from '../model/schedule.ts';
import type { PlannedJourney } from './planned.ts';

export interface JourneyState {
  readonly journey: string;
  /** Tells whether its times have changed. */
  readonly times: string;
  /** From when on they count. Unix ms. */
  readonly timesSinceUnixMs: number;
  /** Every slot up to here is walked, owed or skipped. Unix ms. */
  readonly decidedUntilUnixMs: number;
  /** Slots still to be walked, oldest first. */
  readonly owed: readonly number[];
  /** When somebody asked for a run that has not begun. */
  readonly askedUnixMs?: number;
  readonly running?: WalkedSlot;
  readonly last?: WalkedSlot;
  /** The skips since the last run began. */
  readonly skips: readonly SkippedSlots[];
  /** 0: never. */
  readonly lastBegunUnixMs: number;
  readonly paused: boolean;
}

/** A journey's first state: what was before it was known is not owed. */
export const newState = ({ name, times }: PlannedJourney, now: number): JourneyState => ({
  journey: name,
  times,
  timesSinceUnixMs: now,
  decidedUntilUnixMs: now,
  owed: [],
  skips: [],
  lastBegunUnixMs: 0,
  paused: false,
});

/** A slot that may begin. */
export interface Begin {
  readonly journey: PlannedJourney;
  readonly slotUnixMs: number;
  readonly byHand: boolean;
}

export function begun(state: JourneyState, { slotUnixMs, byHand }: Begin, now: number): JourneyState {
  const { askedUnixMs, ...rest } = state;
  const { journey, owed } = state;
  return {
    ...rest,
    ...(!byHand && askedUnixMs !== undefined && { askedUnixMs }),
    owed: byHand ? owed : owed.filter((slot) => slot !== slotUnixMs),
    running: { journey, slotUnixMs, state: 'running', byHand, begunUnixMs: now, tries: [] },
    skips: [],
    lastBegunUnixMs: now,
  };
}

export const tried = (state: JourneyState, tries: readonly Try[]): JourneyState =>
  state.running ? { ...state, running: { ...state.running, tries } } : state;

/** @param endedUnixMs unknown when the program ended first */
export function ended(
  state: JourneyState,
  how: 'ended' | 'broken_off',
  endedUnixMs: number | undefined,
): JourneyState {
  const { running, ...rest } = state;
  if (!running) return state;
  return { ...rest, last: { ...running, state: how, ...(endedUnixMs !== undefined && { endedUnixMs }) } };
}
