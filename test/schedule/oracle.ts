/**
 * What must be true of a month, judged from what happened and from nothing of the scheduler's: slots are counted minute
 * by minute, and every fate needs a reason that the month itself gives.
 */
import { durationNs } from '../../src/model/duration-text.ts';
import type { SkipReason } from '../../src/model/schedule.ts';
import { slotsByMinutes } from './slow-cron.ts';
import { isWalked, type Month, type Period, type Span, type WalkCall } from './world.ts';

const MINUTE = 60_000;
/** Later than this is not on time. */
const ON_TIME = 60_000;

interface Fate {
  readonly slot: number;
  readonly is: 'walked' | 'owed' | SkipReason;
}

const ms = (text: string | undefined): number => (durationNs(text ?? '0s') ?? 0) / 1e6;
const within = ([from, to]: Span, time: number): boolean => time >= from && time <= to;
const timeOf = (unixMs: number): string => new Date(unixMs).toISOString();

const known = new Map<string, readonly number[]>();
/** Slots of a whole month around, counted once for all months that are tried. */
function slotsIn({ entry, from, to }: Pick<Period, 'entry' | 'from' | 'to'>, start: number, end: number) {
  const key = JSON.stringify([entry.every, entry.cron, entry.timeZone, start]);
  const all = known.get(key) ?? countSlots(entry, start, start + 45 * 86_400_000);
  known.set(key, all);
  return all.filter((slot) => slot > from && slot <= Math.min(to, end));
}
function countSlots(entry: Period['entry'], from: number, to: number): number[] {
  if (entry.cron !== undefined)
    return slotsByMinutes(entry.cron, entry.timeZone ?? 'Europe/Berlin', from, to);
  const slots: number[] = [];
  for (let time = Math.ceil(from / MINUTE) * MINUTE; time < to; time += MINUTE)
    if (time % ms(entry.every) === 0) slots.push(time);
  return slots;
}

/** @returns what is wrong, in sentences; nothing when the month is as it must be */
export function faultsOf(month: Month, start: number): string[] {
  const names = [...new Set(month.periods.map(({ journey }) => journey))];
  return [
    ...names.flatMap((name) => new JourneyMonth(month, name, start).faults()),
    ...twice(month.calls),
    ...tooMany(month),
  ];
}

class JourneyMonth {
  readonly #month: Month;
  readonly #name: string;
  readonly #periodBySlot = new Map<number, Period>();
  readonly #required = new Set<number>();
  readonly #fates: Fate[] = [];
  readonly #faults: string[] = [];
  /** When a skip was told. */
  readonly #toldBySlot = new Map<number, number>();
  readonly #calls: readonly WalkCall[];
  #sorted: readonly number[] | undefined;

  constructor(month: Month, name: string, start: number) {
    this.#month = month;
    this.#name = name;
    this.#calls = month.calls.filter(({ journey }) => journey === name);
    for (const period of month.periods.filter(({ journey }) => journey === name)) this.#plan(period, start);
    this.#readFates();
    this.#readTold();
  }

  #plan(period: Period, start: number): void {
    for (const slot of slotsIn(period, start, this.#month.end)) {
      this.#periodBySlot.set(slot, period);
      const lastLook = Math.min(period.seenUntil, this.#month.end);
      if (slot + ms(period.entry.jitter) <= lastLook || (period.isSettled && slot <= period.to))
        this.#required.add(slot);
    }
  }

  #slots(): readonly number[] {
    this.#sorted ??= [...this.#periodBySlot.keys()].sort((a, b) => a - b);
    return this.#sorted;
  }

  /** Both ends count. */
  #slotsIn([from, to]: Span): readonly number[] {
    const slots = this.#slots();
    const first = firstFrom(slots, from);
    let end = first;
    while (end < slots.length && slots[end]! <= to) end++;
    return slots.slice(first, end);
  }

  #readFates(): void {
    for (const entry of this.#month.entries.filter(({ journey }) => journey === this.#name)) {
      if (isWalked(entry)) {
        if (!entry.byHand) this.#fates.push({ slot: entry.slotUnixMs, is: 'walked' });
        continue;
      }
      const slots = this.#slotsIn([entry.slotUnixMs, entry.untilSlotUnixMs]);
      const certain = slots.filter((slot) => this.#required.has(slot)).length;
      if (entry.count > slots.length || entry.count < certain)
        this.#fault(`${entry.count} slots are skipped where there are ${slots.length}`, entry.slotUnixMs);
      for (const slot of slots) this.#fates.push({ slot, is: entry.why });
    }
    const state = this.#month.states.find(({ journey }) => journey === this.#name);
    for (const slot of state?.owed ?? []) this.#fates.push({ slot, is: 'owed' });
  }

  #readTold(): void {
    for (const { entry, at } of this.#month.skips.filter(({ entry }) => entry.journey === this.#name))
      for (const slot of this.#slotsIn([entry.slotUnixMs, entry.untilSlotUnixMs]))
        if (!this.#toldBySlot.has(slot)) this.#toldBySlot.set(slot, at);
  }

  #fault(what: string, slot: number): void {
    this.#faults.push(`${this.#name} ${timeOf(slot)}: ${what}`);
  }

  faults(): string[] {
    this.#everySlotHasOneFate();
    this.#callsAreInTurn();
    for (const fate of this.#fates) this.#hasItsReason(fate);
    this.#catchesUpAsSaid();
    return this.#faults;
  }

  #everySlotHasOneFate(): void {
    const count = new Map<number, number>();
    for (const { slot } of this.#fates) count.set(slot, (count.get(slot) ?? 0) + 1);
    for (const slot of this.#required) if (!count.has(slot)) this.#fault('lost', slot);
    for (const [slot, times] of count) {
      if (times > 1) this.#fault(`has ${times} fates`, slot);
      if (!this.#periodBySlot.has(slot)) this.#fault('is no slot', slot);
    }
    const entrySlots = new Set(this.#fates.filter(({ is }) => is === 'walked').map(({ slot }) => slot));
    for (const { slotUnixMs, byHand } of this.#calls)
      if (!byHand && !entrySlots.has(slotUnixMs)) this.#fault('was walked, and nobody remembers', slotUnixMs);
  }

  #callsAreInTurn(): void {
    const calls = [...this.#calls].sort((a, b) => a.from - b.from);
    calls.forEach((call, i) => {
      const before = calls[i - 1];
      if (before && before.to > call.from) this.#fault('overlaps with the run before it', call.slotUnixMs);
      if (call.from < call.slotUnixMs) this.#fault('began too early', call.slotUnixMs);
      // What a slot was owed under may have changed by the time it is walked.
      const asPlanned = this.#month.periods.filter(
        ({ journey, from, to }) =>
          journey === this.#name && (within([from, to], call.from) || within([from, to], call.slotUnixMs)),
      );
      const retries = Math.max(...asPlanned.map(({ entry }) => entry.retries ?? 1));
      if (!call.byHand && call.attempt > retries + 1) this.#fault('was tried too often', call.slotUnixMs);
    });
  }

  #hasItsReason({ slot, is }: Fate): void {
    const period = this.#periodBySlot.get(slot);
    const told = this.#toldBySlot.get(slot);
    if (!period) return;
    if (is === 'walked') this.#isOnTime(slot, period);
    // Killed before it could be told.
    if (told === undefined) return;
    if (told < slot) this.#fault(`was told as ${is} before its time`, slot);
    if (is === 'overlap' && !this.#isBusyAt(told, slot)) this.#fault('overlaps with nothing', slot);
    if (is === 'missed' && !this.#month.away.some(([, to]) => to === told))
      this.#fault(`was missed while everybody was awake (${timeOf(told)})`, slot);
    if (is === 'paused' && !this.#pausedAt(told)) this.#fault('was not paused', slot);
    if ((is === 'changed' || is === 'removed') && !this.#month.changes.includes(told))
      this.#fault(`nothing was changed at ${timeOf(told)}`, slot);
  }

  /**
   * While the machine is awake: what is due while the journey runs is not walked, and with a place for everybody the
   * others begin when they are due.
   */
  #isOnTime(slot: number, { entry, to }: Period): void {
    const due: Span = [slot, slot + ms(entry.jitter)];
    const touches = ([from, until]: Span): boolean => from <= due[1] && until >= due[0];
    const isDisturbed =
      this.#month.away.some(touches) || this.#month.pauses.some(({ span }) => touches(span)) || to <= due[1];
    const isRoomy = this.#placesAt(slot) >= 9 && this.#placesAt(due[1]) >= 9;
    const call = this.#calls.find((one) => !one.byHand && one.slotUnixMs === slot && one.attempt === 1);
    if (isDisturbed || !call) return;
    const isBusyThroughout = this.#calls.some((one) => one.from < due[0] && one.to > due[1]);
    if (isBusyThroughout) this.#fault('was walked, though another run went on when it was due', slot);
    if (!isRoomy) return;
    const isAnothers = this.#calls.some((one) => one !== call && within([one.from, one.to], call.from - 1));
    if (!within(due, call.from) && !isAnothers) this.#fault(`began at ${timeOf(call.from)}`, slot);
  }

  #placesAt(time: number): number {
    return this.#month.concurrencies.filter(({ from }) => from <= time).at(-1)?.places ?? 0;
  }

  #pausedAt(time: number): boolean {
    return this.#month.pauses.some(({ journey, span }) => journey === this.#name && within(span, time));
  }

  /** Something of the journey runs then, or has waited since before. */
  #isBusyAt(time: number, slot: number): boolean {
    const isRunning = this.#calls.some((call) => within([call.from, call.to], time));
    const first = this.#calls.filter(({ attempt, byHand }) => attempt === 1 && !byHand);
    const isWaiting =
      first.some(({ slotUnixMs, from }) => slotUnixMs < slot && from >= time) ||
      this.#fates.some((fate) => fate.is === 'owed' && fate.slot < slot) ||
      this.#fates.some((fate) => fate.slot < slot && this.#waitedAt(time, fate));
    return isRunning || isWaiting;
  }

  /** A pause of the same millisecond comes after the look that found it waiting. */
  #waitedAt(time: number, { slot, is }: Fate): boolean {
    const told = this.#toldBySlot.get(slot) ?? 0;
    return told > time || (told === time && is !== 'overlap');
  }

  #catchesUpAsSaid(): void {
    const fateBySlot = new Map(this.#fates.map(({ slot, is }) => [slot, is]));
    for (const [from, to] of this.#month.away) {
      const missed = this.#slotsIn([from, to]).filter((slot) => {
        const period = this.#periodBySlot.get(slot)!;
        return (
          slot > from && slot + ms(period.entry.jitter) < to - ON_TIME && period.to > to && period.from < from
        );
      });
      const policy = missed[0] === undefined ? undefined : this.#policyAt(missed[0]);
      const walked = missed.filter((slot) => fateBySlot.get(slot) === 'walked');
      if (policy === 'skip' && walked[0])
        this.#fault('was walked, though missed ones are skipped', walked[0]);
      if (policy === 'once' && walked[1])
        this.#fault('was walked after another one of the same sleep', walked[1]);
      // Who has less patience by now may skip what is still owed.
      const skipped = missed.find(
        (slot) =>
          fateBySlot.get(slot) === 'missed' &&
          (this.#toldBySlot.get(slot) ?? Infinity) < this.#periodBySlot.get(slot)!.to,
      );
      if (policy === 'all' && skipped) this.#fault('was missed, though all are caught up', skipped);
    }
    this.#everyMissEndsInARun(fateBySlot);
  }

  #policyAt(slot: number): string {
    return this.#periodBySlot.get(slot)?.entry.catchUp ?? 'once';
  }

  /** `once`: whatever was missed, the last of it is walked, unless somebody paused, changed or removed the journey. */
  #everyMissEndsInARun(fateBySlot: ReadonlyMap<number, Fate['is']>): void {
    const slots = this.#slots().filter((slot) => fateBySlot.has(slot));
    slots.forEach((slot, i) => {
      const is = fateBySlot.get(slot);
      const told = this.#toldBySlot.get(slot) ?? 0;
      // What overlapped with it while it waited had its fate before.
      const next = slots.slice(i + 1).find((later) => (this.#toldBySlot.get(later) ?? told) >= told);
      const period = this.#periodBySlot.get(slot)!;
      if (is !== 'missed' || this.#policyAt(slot) !== 'once' || period.to <= told) return;
      const after = next === undefined ? 'nothing' : fateBySlot.get(next);
      if (after === 'nothing' || after === 'overlap')
        this.#fault(`was missed, and ${after} made up for it`, slot);
    });
  }
}

function twice(calls: readonly WalkCall[]): string[] {
  const seen = new Set<string>();
  return calls.flatMap(({ journey, slotUnixMs, byHand, attempt }) => {
    const key = `${journey} ${timeOf(slotUnixMs)} ${byHand} try ${attempt}`;
    if (seen.has(key)) return [`${key}: walked twice`];
    seen.add(key);
    return [];
  });
}

function tooMany({ calls, concurrencies }: Month): string[] {
  const inOrder = [...calls].sort((a, b) => a.from - b.from || Number(a.to > a.from) - Number(b.to > b.from));
  let running: WalkCall[] = [];
  return inOrder.flatMap((call) => {
    running = running.filter(({ to }) => to > call.from);
    // Whether it began before or after a change of the same millisecond, nobody knows.
    const before = concurrencies.filter(({ from }) => from < call.from).at(-1)?.places ?? 0;
    const places = Math.max(
      before,
      ...concurrencies.filter(({ from }) => from === call.from).map((c) => c.places),
    );
    const isTooMany = call.attempt === 1 && running.length >= places;
    running.push(call);
    return isTooMany ? [`${call.journey} ${timeOf(call.slotUnixMs)}: began as one too many`] : [];
  });
}

/** Index of the first that is not before. */
function firstFrom(sorted: readonly number[], from: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
