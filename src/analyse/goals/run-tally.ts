/** Good and bad runs, counted once, so that any window of time is told at once. */
import type { GoalRun, Objective } from '../../model/goals.ts';

/** A run that is under way is neither. */
export const isBad = ({ status, wallNs }: GoalRun, { withinNs }: Objective): boolean =>
  status === 'failed' || (status === 'ok' && withinNs !== undefined && wallNs > withinNs);

/** To the microsecond: a double holds today's nanoseconds to 256 of them, and is read ten times as fast as a bigint. */
export const startMsOf = ({ startUnixNano }: Pick<GoalRun, 'startUnixNano'>): number =>
  Math.round(Number(startUnixNano) / 1e3) / 1e3;

export interface Counted {
  readonly runs: number;
  readonly bad: number;
}

export class RunTally<Run extends GoalRun = GoalRun> {
  /** Oldest first. */
  readonly runs: readonly Run[];
  readonly #startsMs: readonly number[];
  /** Bad ones among the first n, by n. */
  readonly #badBefore: readonly number[];

  constructor(runs: readonly Run[], objective: Objective) {
    const timed = runs
      .filter(({ status }) => status !== 'running')
      .map((run) => ({ run, startMs: startMsOf(run) }))
      .sort((a, b) => a.startMs - b.startMs);
    this.runs = timed.map(({ run }) => run);
    this.#startsMs = timed.map(({ startMs }) => startMs);
    const badBefore = [0];
    for (const run of this.runs) badBefore.push(badBefore.at(-1)! + (isBad(run, objective) ? 1 : 0));
    this.#badBefore = badBefore;
  }

  /**
   * Places [first, end) of the runs that began in a window; with `atLeast`, of so many runs before its end.
   * ```
   * // runs     x    x    x    x    x
   * // window             |----------|     after its beginning, up to and with its end
   * // places         first         end
   * ```
   */
  places(afterMs: number, untilMs: number, atLeast = 0): readonly [first: number, end: number] {
    const end = this.#firstAfter(untilMs);
    return [Math.max(0, Math.min(this.#firstAfter(afterMs), end - atLeast)), end];
  }

  count([first, end]: readonly [number, number]): Counted {
    return { runs: end - first, bad: this.#badBefore[end]! - this.#badBefore[first]! };
  }

  badIn([first, end]: readonly [number, number]): Run[] {
    const isBadAt = (place: number): boolean => this.#badBefore[place + 1]! > this.#badBefore[place]!;
    return this.runs.slice(first, end).filter((_, i) => isBadAt(first + i));
  }

  #firstAfter(t: number): number {
    let [low, high] = [0, this.#startsMs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#startsMs[middle]! > t) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
