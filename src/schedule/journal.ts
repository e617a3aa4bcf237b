/** The state of every journey: in memory, and in the store before anything is done about it. */
import type { SkippedSlots, SlotEntry } from '../model/schedule.ts';
import { type JourneyState, newState } from './journey-state.ts';
import { settle } from './plan.ts';
import type { Planned, PlannedJourney } from './planned.ts';
import { type RecordStore, ScheduleRecords } from './records.ts';
import { recovered } from './recover.ts';

export class Journal {
  readonly #records: ScheduleRecords;
  readonly #onSkip: (slots: SkippedSlots) => void;
  readonly #stateByName = new Map<string, JourneyState>();
  #isAllPaused: boolean;

  /** Takes over what an earlier program left. */
  constructor(store: RecordStore, planned: Planned, now: number, onSkip: (slots: SkippedSlots) => void) {
    this.#records = new ScheduleRecords(store);
    this.#onSkip = onSkip;
    this.#isAllPaused = this.#records.isPaused;
    for (const state of this.#records.states()) this.#takeOver(state, planned, now);
    for (const journey of planned.journeys) if (!this.of(journey.name)) this.#add(journey, now);
  }

  #takeOver(state: JourneyState, planned: Planned, now: number): void {
    // Whatever the last program wrote last, its entries may be missing.
    for (const skips of state.skips) this.#records.note(skips);
    const journey = planned.journeys.find(({ name }) => name === state.journey);
    this.#stateByName.set(state.journey, state);
    const left = recovered(journey, state, now);
    this.keep(left, now);
    if (left.last) this.#records.note(left.last);
    if (!journey) this.#forget(state.journey);
  }

  of(name: string): JourneyState | undefined {
    return this.#stateByName.get(name);
  }

  keep(state: JourneyState, now: number): void {
    const before = this.#stateByName.get(state.journey);
    if (before === state) return;
    this.#records.keepState(state, now);
    this.#stateByName.set(state.journey, state);
    for (const skips of state.skips) {
      if (before?.skips.includes(skips)) continue;
      this.#records.note(skips);
      this.#onSkip(skips);
    }
  }

  note(entry: SlotEntry): void {
    this.#records.note(entry);
  }

  /** What has happened holds, whatever the store says to it. */
  keepFact(state: JourneyState, now: number): void {
    this.#stateByName.set(state.journey, state);
    this.#records.keepState(state, now);
  }

  /** Its last run has ended. One that left the plan meanwhile needs no state any more. */
  keepEnded(state: JourneyState, planned: Planned, now: number): void {
    this.keepFact(state, now);
    if (state.last) this.#records.note(state.last);
    if (!planned.journeys.some(({ name }) => name === state.journey)) this.#forget(state.journey);
  }

  /** Who is new begins, who is gone stops, who has other times keeps its past. */
  replan(before: Planned, after: Planned, now: number): void {
    for (const journey of before.journeys) {
      const state = this.of(journey.name);
      const next = after.journeys.find(({ name }) => name === journey.name);
      if (!state || next?.times === journey.times) continue;
      const settled = settle(journey, state, now, this.isPaused(journey.name), next ? 'changed' : 'removed');
      this.keep(next ? { ...settled, times: next.times, timesSinceUnixMs: now } : settled, now);
      if (!next && !settled.running) this.#forget(journey.name);
    }
    for (const journey of after.journeys)
      if (!before.journeys.some(({ name }) => name === journey.name)) this.#add(journey, now);
  }

  /** One that was gone and came back may still be in flight. */
  #add(journey: PlannedJourney, now: number): void {
    const { running, last } = this.of(journey.name) ?? {};
    this.keep({ ...newState(journey, now), ...(running && { running }), ...(last && { last }) }, now);
  }

  #forget(name: string): void {
    this.#stateByName.delete(name);
    this.#records.dropState(name);
  }

  isPaused(name: string): boolean {
    return this.#isAllPaused || this.of(name)?.paused === true;
  }

  get isAllPaused(): boolean {
    return this.#isAllPaused;
  }

  setPaused(name: string, paused: boolean, now: number): void {
    const state = this.of(name);
    if (state) this.keep({ ...state, paused }, now);
  }

  /** Those to come too; to resume all is to resume each. */
  setAllPaused(paused: boolean, now: number): void {
    this.#records.pauseAll(paused, now);
    this.#isAllPaused = paused;
    if (!paused) for (const name of [...this.#stateByName.keys()]) this.setPaused(name, false, now);
  }

  /** Newest first. */
  recent(count: number): SlotEntry[] {
    return this.#records.entries(count);
  }

  tidy(now: number): void {
    this.#records.dropOldEntries(now);
  }
}
