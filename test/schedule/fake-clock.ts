/** Time that passes when a test says so. A machine that sleeps is a clock that jumps. */
import type { Clock } from '../../src/schedule/walk-slot.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(unixMs: number) {
    this.#now = unixMs;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        resolve();
      });
    });
  }

  /** Everything that sleeps until then wakes at its time, one after the other. */
  async passTo(unixMs: number, isOver: () => boolean = () => false): Promise<void> {
    await settled();
    for (;;) {
      const next = this.#sleepers.reduce<Sleeper | undefined>(
        (first, one) => (first && first.at <= one.at ? first : one),
        undefined,
      );
      if (!next || next.at > unixMs || isOver()) break;
      this.#now = Math.max(this.#now, next.at);
      this.#sleepers = this.#sleepers.filter((one) => one !== next);
      next.wake();
      await settled();
    }
    if (!isOver()) this.#now = Math.max(this.#now, unixMs);
  }

  /** Nothing wakes: the machine is asleep. */
  jumpTo(unixMs: number): void {
    this.#now = unixMs;
  }

  /** Whoever sleeps never wakes: its program has ended. */
  forget(): void {
    this.#sleepers = [];
  }
}

/** Everything that follows without time passing has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
