/**
 * A month in the life of a scheduler: the laptop is closed and opened, the program is killed and started again, the
 * configuration changes, people pause and resume. Everything that happens is written down here, apart from what the
 * scheduler itself remembers.
 */
import { type Config, configFaults } from '../../src/config/config.ts';
import type { SkippedSlots, SlotEntry, WalkedSlot } from '../../src/model/schedule.ts';
import type { JourneyState } from '../../src/schedule/journey-state.ts';
import { plannedFrom } from '../../src/schedule/planned.ts';
import { Refused } from '../../src/schedule/refused.ts';
import { Scheduler } from '../../src/schedule/scheduler.ts';
import type { Walked, WalkOrder } from '../../src/schedule/walk-slot.ts';
import { FakeClock, settled } from './fake-clock.ts';
import { MemoryRecords } from './memory-records.ts';

export type Journeys = NonNullable<Config['journeys']>;
export interface Setup {
  readonly journeys: Journeys;
  readonly concurrency: number;
}

export type Deed =
  | { readonly do: 'close the lid'; readonly minutes: number }
  | { readonly do: 'kill'; readonly minutes: number; readonly next?: Setup }
  | { readonly do: 'kill in a write'; readonly writes: number; readonly minutes: number }
  | { readonly do: 'stop'; readonly minutes: number }
  | { readonly do: 'configure'; readonly next: Setup }
  | { readonly do: 'pause' | 'resume'; readonly journey?: string }
  | { readonly do: 'run now'; readonly journey: string };
export interface Event {
  readonly afterMinutes: number;
  /** As soon as something is walked. */
  readonly isInFlight: boolean;
  readonly deed: Deed;
}

export type Span = readonly [from: number, to: number];
export interface WalkCall {
  readonly journey: string;
  readonly slotUnixMs: number;
  readonly byHand: boolean;
  readonly attempt: number;
  readonly from: number;
  to: number;
}
/** A time in which a journey was planned in one way. */
export interface Period {
  readonly journey: string;
  readonly entry: Journeys[string];
  readonly from: number;
  to: number;
  /** From here on nobody looked at it with these times any more. */
  seenUntil: number;
  /** Its end was seen while the scheduler was on: what waited for its jitter then has a fate too. */
  isSettled: boolean;
}

export interface Month {
  readonly periods: readonly Period[];
  /** Asleep, killed or stopped. */
  readonly away: readonly Span[];
  readonly pauses: readonly { readonly journey: string; readonly span: Span }[];
  readonly changes: readonly number[];
  readonly calls: readonly WalkCall[];
  readonly skips: readonly { readonly entry: SkippedSlots; readonly at: number }[];
  readonly entries: readonly SlotEntry[];
  readonly states: readonly JourneyState[];
  readonly concurrencies: readonly { readonly from: number; readonly places: number }[];
  readonly end: number;
}

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** How long the try takes and how it ends, from what is walked: a few take longer than their interval. */
function fateOf({ journey, slotUnixMs, attempt }: WalkOrder): { ms: number; status: 'ok' | 'failed' } {
  let hash = 7;
  for (const char of `${journey.name}${slotUnixMs / 1000}${attempt}`)
    hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
  const dice = ((hash ^ (hash >>> 13)) >>> 0) % 100;
  return {
    ms: dice < 4 ? 95 * MINUTE : dice < 14 ? 14 * MINUTE : 4_000 + dice * 350,
    status: dice % 7 === 0 ? 'failed' : 'ok',
  };
}

export class World {
  readonly clock: FakeClock;
  readonly store = new MemoryRecords();
  readonly #periods: Period[] = [];
  readonly #away: [number, number][] = [];
  readonly #pauses: { journey: string; span: [number, number] }[] = [];
  readonly #changes: number[] = [];
  readonly #calls: WalkCall[] = [];
  readonly #skips: { entry: SkippedSlots; at: number }[] = [];
  readonly #concurrencies: { from: number; places: number }[] = [];
  readonly #pausedByName = new Map<string, boolean>();
  #isAllPaused = false;
  #setup: Setup;
  #scheduler: Scheduler;

  constructor(start: number, setup: Setup) {
    this.clock = new FakeClock(start);
    this.#setup = setup;
    this.#note(setup, start, start, true);
    this.#scheduler = this.#begin();
  }

  async live(events: readonly Event[], end: number): Promise<Month> {
    for (const { afterMinutes, isInFlight, deed } of events) {
      const at = this.clock.now() + afterMinutes * MINUTE;
      if (at >= end) break;
      await this.clock.passTo(at);
      const isAnyInFlight = (): boolean => this.#calls.some(({ to }) => to === Number.POSITIVE_INFINITY);
      if (isInFlight) await this.clock.passTo(at + DAY, isAnyInFlight);
      await this.#do(deed);
    }
    await this.clock.passTo(Math.max(end, this.clock.now()));
    return this.#month(this.clock.now());
  }

  async #do(deed: Deed): Promise<void> {
    const { clock } = this;
    if (deed.do === 'close the lid') {
      const from = clock.now();
      clock.jumpTo(from + deed.minutes * MINUTE);
      this.#away.push([from, clock.now()]);
    } else if (deed.do === 'configure') this.#configure(deed.next);
    else if (deed.do === 'kill') this.#kill(deed.minutes, deed.next);
    else if (deed.do === 'kill in a write') await this.#killInWrite(deed.writes, deed.minutes);
    else if (deed.do === 'stop') await this.#stop(deed.minutes);
    else if (deed.do === 'run now') this.#ask(deed.journey);
    else this.#pause(deed.do === 'pause', deed.journey);
    await settled();
  }

  #configure(next: Setup): void {
    const now = this.clock.now();
    this.#changes.push(now);
    this.#scheduler.update(planned(next));
    this.#note(next, now, now, true);
  }

  #kill(minutes: number, next?: Setup): void {
    const from = this.clock.now();
    for (const call of this.#calls) call.to = Math.min(call.to, this.clock.now());
    this.clock.forget();
    this.clock.jumpTo(from + minutes * MINUTE);
    const now = this.clock.now();
    this.#away.push([from, now]);
    if (next) {
      this.#changes.push(now);
      this.#note(next, now, from, false);
    }
    this.#scheduler = this.#begin();
  }

  async #killInWrite(writes: number, minutes: number): Promise<void> {
    this.store.writesLeft = writes;
    await this.clock.passTo(this.clock.now() + 180 * MINUTE, () => this.store.isBroken);
    this.store.writesLeft = Number.POSITIVE_INFINITY;
    this.#kill(minutes);
  }

  async #stop(minutes: number): Promise<void> {
    const from = this.clock.now();
    const stopped = this.#scheduler.stop();
    let isOver = false;
    void stopped.then(() => {
      isOver = true;
    });
    await this.clock.passTo(from + 3 * MINUTE, () => isOver);
    if (!isOver) throw new Error('the scheduler did not stop within its limit');
    this.#away.push([from, this.clock.now()]);
    this.#kill(minutes);
  }

  #ask(journey: string): void {
    try {
      this.#scheduler.runNow(journey);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }

  #pause(isPaused: boolean, journey?: string): void {
    const now = this.clock.now();
    try {
      if (isPaused) this.#scheduler.pause(journey);
      else this.#scheduler.resume(journey);
    } catch (error) {
      if (error instanceof Refused) return;
      throw error;
    }
    if (journey === undefined) this.#isAllPaused = isPaused;
    if (journey === undefined && !isPaused) this.#pausedByName.clear();
    if (journey !== undefined) this.#pausedByName.set(journey, isPaused);
    for (const name of Object.keys(this.#setup.journeys)) this.#notePause(name, now);
  }

  #notePause(journey: string, now: number): void {
    const isPaused = this.#isAllPaused || this.#pausedByName.get(journey) === true;
    const open = this.#pauses.find((one) => one.journey === journey && one.span[1] === Infinity);
    if (isPaused && !open) this.#pauses.push({ journey, span: [now, Number.POSITIVE_INFINITY] });
    if (!isPaused && open) open.span[1] = now;
  }

  /** @param seenUntil when the old setup was looked at for the last time */
  #note(next: Setup, now: number, seenUntil: number, isOn: boolean): void {
    for (const period of this.#periods.filter(({ to }) => to === Number.POSITIVE_INFINITY)) {
      const after = next.journeys[period.journey];
      const isSame = after?.every === period.entry.every && after?.cron === period.entry.cron;
      const isGone = after === undefined;
      if (isGone) this.#pausedByName.delete(period.journey);
      if (isSame && JSON.stringify(after) === JSON.stringify(period.entry)) continue;
      // Other keys than its times: the same slots go on, under the new keys.
      period.to = now;
      period.seenUntil = isSame ? now : seenUntil;
      period.isSettled = !isSame && seenUntil === now && isOn;
    }
    for (const [journey, entry] of Object.entries(next.journeys)) {
      const isOpen = this.#periods.some((one) => one.journey === journey && one.to === Infinity);
      if (!isOpen)
        this.#periods.push({
          journey,
          entry,
          from: now,
          to: Infinity,
          seenUntil: Number.POSITIVE_INFINITY,
          isSettled: false,
        });
    }
    this.#setup = next;
    this.#concurrencies.push({ from: now, places: next.concurrency });
    for (const { journey } of this.#periods) this.#notePause(journey, now);
  }

  #begin(): Scheduler {
    const scheduler = new Scheduler({
      planned: planned(this.#setup),
      store: this.store,
      clock: this.clock,
      longestNapMs: 6 * 60 * MINUTE,
      walk: (order, signal) => this.#walk(order, signal),
      onSkip: (entry) => this.#skips.push({ entry, at: this.clock.now() }),
    });
    void scheduler.run();
    return scheduler;
  }

  async #walk(order: WalkOrder, signal: AbortSignal): Promise<Walked> {
    if (this.store.isBroken) return new Promise(() => {});
    const { ms, status } = fateOf(order);
    const { slotUnixMs, byHand, attempt } = order;
    const call = {
      ...{ journey: order.journey.name, slotUnixMs, byHand, attempt },
      ...{ from: this.clock.now(), to: Number.POSITIVE_INFINITY },
    };
    this.#calls.push(call);
    await this.clock.sleep(ms, signal);
    call.to = this.clock.now();
    return { traceId: `${this.#calls.length}`.padStart(32, '0'), status };
  }

  #month(end: number): Month {
    const bodies = <T>(kind: string): T[] =>
      this.store.records(kind, { limit: 100_000 }).map(({ body }) => body as T);
    return {
      periods: this.#periods,
      away: this.#away,
      pauses: this.#pauses,
      changes: this.#changes,
      calls: this.#calls,
      skips: this.#skips,
      entries: bodies<SlotEntry>('scheduled'),
      states: bodies<JourneyState>('schedule'),
      concurrencies: this.#concurrencies,
      end,
    };
  }
}

function planned({ journeys, concurrency }: Setup) {
  const config: Config = { journeys, schedule: { concurrency } };
  const faults = configFaults(config);
  if (faults.length > 0) throw new Error(faults.join('; '));
  return plannedFrom(config, 'Europe/Berlin');
}

export const isWalked = (entry: SlotEntry): entry is WalkedSlot => entry.state !== 'skipped';
