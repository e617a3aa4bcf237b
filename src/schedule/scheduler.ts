/**
 * The loop: looks at what is due, begins what may begin, naps until something is due next. The clock and the walk come
 * from outside; plan.ts decides; journal.ts keeps what must survive a crash before it is done.
 */
import type { ScheduleHealth, ScheduleStanding, SkippedSlots, Try, WalkedSlot } from '../model/schedule.ts';
import { Flights } from './flights.ts';
import { Journal } from './journal.ts';
import { beginsNow, look, nextDue } from './plan.ts';
import type { Planned } from './planned.ts';
import type { RecordStore } from './records.ts';
import { Refused } from './refused.ts';
import { healthOf, standingOf } from './standing.ts';
import type { Clock, Walk } from './walk-slot.ts';

/** A machine that wakes from sleep is noticed within this, which is well within what counts as on time. */
export const LONGEST_NAP_MS = 15_000;
const TIDY_EVERY_MS = 86_400_000;
const RECENT_ENTRIES = 50;

export interface SchedulerOptions {
  readonly planned: Planned;
  readonly store: RecordStore;
  readonly clock: Clock;
  readonly walk: Walk;
  readonly onBegin?: (slot: WalkedSlot) => void;
  /** After each try, with the slot as it is now. */
  readonly onTry?: (slot: WalkedSlot, last: Try) => void;
  /** After all tries. */
  readonly onEnd?: (slot: WalkedSlot) => void;
  /** Told again when more slots were skipped for the same reason. */
  readonly onSkip?: (slots: SkippedSlots) => void;
  /** A simulated clock does not need to be looked at in between. */
  readonly longestNapMs?: number;
  /** The loop goes on and tries again. */
  readonly onError?: (error: unknown) => void;
}

export class Scheduler {
  #planned: Planned;
  readonly #options: SchedulerOptions;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #flights: Flights;
  #wake = new AbortController();
  #lookedUnixMs: number | null = null;
  #tidiedUnixMs = 0;
  #stopping: Promise<void> | undefined;

  /** Takes over what an earlier program left in the store. */
  constructor(options: SchedulerOptions) {
    const { planned, store, clock, onSkip } = options;
    this.#options = options;
    this.#planned = planned;
    this.#clock = clock;
    this.#journal = new Journal(store, planned, clock.now(), (slots) => onSkip?.(slots));
    this.#flights = new Flights({
      ...options,
      journal: this.#journal,
      planned: () => this.#planned,
      onLanded: () => this.#wake.abort(),
    });
  }

  /** Resolves when it has been stopped. */
  async run(): Promise<void> {
    while (!this.#stopping) {
      this.#wake = new AbortController();
      this.#tryToLook();
      await this.#clock.sleep(this.#napMs(), this.#wake.signal);
    }
    await this.#stopping;
  }

  /** Lets what runs end within the configured time, breaks off the rest. */
  stop(): Promise<void> {
    this.#stopping ??= this.#flights.land(this.#planned.stopWithinMs);
    this.#wake.abort();
    return this.#stopping;
  }

  /** Breaks off what runs, at once. */
  breakOff(): void {
    this.#flights.breakOff();
  }

  /** What runs goes on. */
  update(planned: Planned): void {
    this.#journal.replan(this.#planned, planned, this.#clock.now());
    this.#planned = planned;
    this.#wake.abort();
  }

  /** One journey, or all of them. @throws Refused */
  pause(name?: string): void {
    this.#setPaused(name, true);
  }

  /** @throws Refused */
  resume(name?: string): void {
    if (name !== undefined && this.#journal.isAllPaused)
      throw new Refused('Everything is paused: resume everything first.');
    this.#setPaused(name, false);
  }

  #setPaused(name: string | undefined, paused: boolean): void {
    const now = this.#clock.now();
    // What came due until now has its fate by what held until now.
    this.#lookAtSlots(now);
    if (name === undefined) this.#journal.setAllPaused(paused, now);
    else this.#journal.setPaused(this.#known(name), paused, now);
    this.#wake.abort();
  }

  /** As soon as there is a place, also while it is paused. @throws Refused */
  runNow(name: string): void {
    const state = this.#journal.of(this.#known(name))!;
    if (state.running) throw new Refused(`"${name}" is being walked at this moment.`);
    if (state.askedUnixMs !== undefined) throw new Refused(`"${name}" waits for a place already.`);
    const now = this.#clock.now();
    this.#journal.keep({ ...state, askedUnixMs: now }, now);
    this.#wake.abort();
  }

  #known(name: string): string {
    if (this.#planned.journeys.some((journey) => journey.name === name)) return name;
    throw new Refused(`No journey "${name}" is scheduled here.`);
  }

  standing(): ScheduleStanding {
    return standingOf({
      planned: this.#planned,
      stateOf: (name) => this.#journal.of(name),
      isAllPaused: this.#journal.isAllPaused,
      isStopping: this.#stopping !== undefined,
      now: this.#clock.now(),
      recent: this.#journal.recent(RECENT_ENTRIES),
    });
  }

  health(): ScheduleHealth {
    return healthOf({
      now: this.#clock.now(),
      lookedUnixMs: this.#lookedUnixMs,
      isStopping: this.#stopping !== undefined,
      running: this.#flights.names,
    });
  }

  #tryToLook(): void {
    try {
      const now = this.#clock.now();
      this.#lookAtSlots(now);
      const { journeys, concurrency } = this.#planned;
      const free = this.#stopping ? 0 : concurrency - this.#flights.names.length;
      for (const begin of beginsNow(journeys, (name) => this.#journal.of(name), free))
        this.#flights.begin(begin, now);
      this.#tidy(now);
      this.#lookedUnixMs = now;
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  #lookAtSlots(now: number): void {
    for (const journey of this.#planned.journeys) {
      const state = this.#journal.of(journey.name);
      if (state) this.#journal.keep(look(journey, state, now, this.#journal.isPaused(journey.name)), now);
    }
  }

  #tidy(now: number): void {
    if (now - this.#tidiedUnixMs < TIDY_EVERY_MS) return;
    this.#journal.tidy(now);
    this.#tidiedUnixMs = now;
  }

  #napMs(): number {
    const now = this.#clock.now();
    const dues = this.#planned.journeys.flatMap((journey) => {
      const state = this.#journal.of(journey.name);
      return (state && nextDue(journey, state)) ?? [];
    });
    return Math.max(
      1,
      Math.min(this.#options.longestNapMs ?? LONGEST_NAP_MS, ...dues.map((due) => due - now)),
    );
  }
}
