/**
 * How late this process may have noticed what just happened. An answer that arrives while the event loop is busy is
 * seen when the loop comes round:
 * ```
 * // ticks   |  |  |                    |       the loop was busy in between
 * // answer          ^ arrived           ^ seen: anything up to the gap late
 * ```
 */

/** The shortest that a timer can be. */
const TICK_MS = 1;
/** A tick may be so late for the timer's own rounding; nobody kept the loop from coming round. */
const PUNCTUAL_MS = 1;

export class LoopLag {
  private timer: NodeJS.Timeout | undefined;
  private watchers = 0;
  private tickedMs = 0;
  /**
   * How long before the latest tick an answer may have come: not at all when the tick was punctual, for then the loop
   * lay in wait; else since the tick before.
   */
  private lateMs = 0;

  /** Ticks only while somebody waits for an answer. */
  start(): void {
    this.watchers++;
    if (this.timer) return;
    this.tickedMs = performance.now();
    this.lateMs = 0;
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  stop(): void {
    this.watchers--;
    if (this.watchers > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Upper bound, ms, of how long ago the event that is being handled now may really have been. */
  boundMs(): number {
    return performance.now() - this.tickedMs + this.lateMs;
  }

  private tick(): void {
    const nowMs = performance.now();
    const gapMs = nowMs - this.tickedMs;
    this.lateMs = gapMs - TICK_MS <= PUNCTUAL_MS ? Math.max(0, gapMs - TICK_MS) : gapMs;
    this.tickedMs = nowMs;
  }
}
