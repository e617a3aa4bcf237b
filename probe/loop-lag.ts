/**
 * How late this process may have noticed what just happened. An answer that arrives while the event loop is busy is
 * seen when the loop comes round:
 * ```
 * // ticks   |  |  |                    |       the loop was busy in between
 * // answer          ^ arrived           ^ seen: anything up to the gap late
 * ```
 */

const TICK_MS = 2;

export class LoopLag {
  private timer: NodeJS.Timeout | undefined;
  private watchers = 0;
  private tickedMs = 0;
  /** How much later than planned the latest tick came. */
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
    this.lateMs = Math.max(0, nowMs - this.tickedMs - TICK_MS);
    this.tickedMs = nowMs;
  }
}
