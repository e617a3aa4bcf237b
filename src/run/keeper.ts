/**
 * Keeps a store within its policy: after each scheduled run and every few minutes, a short sweep. What does not fit into
 * one is left for the next; writes make their own room meanwhile (store/make-room.ts).
 */
import type { DiskUse, Drop, KeepPolicy } from '../model/keeping.ts';
import type { Store } from '../store/store.ts';
import { agreeOnNeeded, agreeOnPolicy } from './agreed.ts';

/** Shares of the limit: from the first on it is swept for size, down to the second. */
const SWEPT_FROM = 0.9;
const SWEPT_DOWN_TO = 0.8;
/** A process that serves or walks journeys does nothing else meanwhile. */
const SWEEP_MS = 100;
/** Dropped between two looks at the clock. */
const DROPS_AT_ONCE = 8;
/** There is a report for every run of the last months; looking at all of them is for the quiet hours. */
const REPORTS_EVERY_MS = 3_600_000;
/** Given back in one sweep: the pages at the end of the file have to be moved. */
const SHRUNK_AT_ONCE_BYTES = 2_000_000;

export interface KeeperOptions {
  readonly store: Store;
  readonly policy: KeepPolicy;
  /** Unix ms. */
  readonly now?: () => number;
  /** Trace IDs that must stay whole: those that open alerts name. */
  readonly needed?: () => Iterable<string>;
}

export interface Sweep {
  readonly dropped: readonly Drop[];
  /** Nothing is left to do now. */
  readonly isDone: boolean;
  /** So much is over the limit's share, and may not go. */
  readonly shortBytes: number;
}

export class Keeper {
  readonly #store: Store;
  readonly #policy: KeepPolicy;
  readonly #now: () => number;
  readonly #needed: () => Iterable<string>;
  #reportsAtMs = Number.NEGATIVE_INFINITY;

  constructor({ store, policy, now = Date.now, needed = () => [] }: KeeperOptions) {
    this.#store = store;
    this.#policy = policy;
    this.#now = now;
    this.#needed = needed;
    agreeOnPolicy(policy, store);
  }

  sweep({ withinMs = SWEEP_MS } = {}): Sweep {
    agreeOnNeeded(this.#needed(), this.#store);
    const endMs = performance.now() + withinMs;
    const drops = this.#planned();
    let done = 0;
    while (done < drops.length && performance.now() < endMs) {
      this.#store.drop(drops.slice(done, done + DROPS_AT_ONCE), this.#now());
      done = Math.min(done + DROPS_AT_ONCE, drops.length);
    }
    const hasShrunk = this.#shrink();
    const shortBytes = done === drops.length ? overBytes(this.#store.diskUse()) : 0;
    return {
      dropped: drops.slice(0, done),
      isDone: done === drops.length && !hasShrunk && (shortBytes === 0 || done === 0),
      shortBytes: done === 0 ? shortBytes : 0,
    };
  }

  /** @returns whether the file is smaller now, and may be smaller still after the next sweep */
  #shrink(): boolean {
    const before = this.#store.diskUse();
    const excess = excessBytes(before);
    if (excess <= 0) return false;
    this.#store.shrink(Math.min(excess, SHRUNK_AT_ONCE_BYTES));
    return this.#store.diskUse().file < before.file;
  }

  #planned(): Drop[] {
    const nowMs = this.#now();
    const withReports = nowMs - this.#reportsAtMs >= REPORTS_EVERY_MS;
    if (withReports) {
      this.#reportsAtMs = nowMs;
      this.#store.trimWarnings();
    }
    return this.#store.planned(this.#policy, nowMs, overBytes(this.#store.diskUse()), withReports);
  }
}

/** What sweeps would drop by this policy, which need not be the one that holds. */
export const plannedDrops = (store: Store, policy: KeepPolicy, nowUnixMs: number): Drop[] =>
  store.planned(policy, nowUnixMs, overBytes({ ...store.diskUse(), limit: policy.sizeBytes }), true);

/** What must go so that there is room for what comes. */
function overBytes({ file, log, free, limit }: DiskUse): number {
  const used = file - free;
  return used + log > limit * SWEPT_FROM ? Math.max(0, used - limit * SWEPT_DOWN_TO) : 0;
}

/** What the files should be smaller by. Free pages are used again, so a file that is small enough stays as it is. */
const excessBytes = ({ file, log, limit }: DiskUse): number =>
  file + log > limit * SWEPT_FROM ? file - limit * SWEPT_DOWN_TO : 0;
