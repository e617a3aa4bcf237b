/**
 * What the schedule remembers, among the store's records.
 *
 *   schedule          key: journey   its JourneyState, kept as a whole: what was done follows from it alone
 *   scheduled         key: slot      SlotEntry: the fate of each slot, for looking back
 *   schedule_paused   key: all       there when everything is paused
 *
 * The state is kept before the entries it leads to, and they are noted again at a start: whenever the program ends, no
 * entry is lost.
 */
import type { SlotEntry } from '../model/schedule.ts';
import type { Store } from '../store/store.ts';
import type { JourneyState } from './journey-state.ts';

export type RecordStore = Pick<Store, 'keepRecord' | 'record' | 'records' | 'dropRecord'>;

const STATES = 'schedule';
const ENTRIES = 'scheduled';
const PAUSED = 'schedule_paused';
const ALL = 'all';
/** Far more journeys than anybody has. */
const MOST_STATES = 10_000;
/** Two months of entries: enough to look back over the last one, and bounded. */
const ENTRIES_KEPT_MS = 62 * 86_400_000;

export class ScheduleRecords {
  readonly #store: RecordStore;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  states(): JourneyState[] {
    return this.#store.records(STATES, { limit: MOST_STATES }).map(({ body }) => body as JourneyState);
  }

  keepState(state: JourneyState, now: number): void {
    this.#store.keepRecord(STATES, { key: state.journey, atUnixMs: now, body: state });
  }

  dropState(journey: string): void {
    this.#store.dropRecord(STATES, journey);
  }

  note(entry: SlotEntry): void {
    this.#store.keepRecord(ENTRIES, { key: keyOf(entry), atUnixMs: entry.slotUnixMs, body: entry });
  }

  /** Newest first. */
  entries(limit: number): SlotEntry[] {
    return this.#store.records(ENTRIES, { limit }).map(({ body }) => body as SlotEntry);
  }

  dropOldEntries(now: number): void {
    for (const { key } of this.#store.records(ENTRIES, { untilUnixMs: now - ENTRIES_KEPT_MS }))
      this.#store.dropRecord(ENTRIES, key);
  }

  get isPaused(): boolean {
    return this.#store.record(PAUSED, ALL) !== undefined;
  }

  pauseAll(isPaused: boolean, now: number): void {
    if (isPaused) this.#store.keepRecord(PAUSED, { key: ALL, atUnixMs: now, body: true });
    else this.#store.dropRecord(PAUSED, ALL);
  }
}

/** A run that was asked for may fall on the very millisecond of a slot. */
const keyOf = (entry: SlotEntry): string =>
  `${entry.journey} ${new Date(entry.slotUnixMs).toISOString()}${'byHand' in entry && entry.byHand ? ' by hand' : ''}`;
