/**
 * When is a run complete? The journey has ended, and its servers have been quiet for a while.
 *
 * ```
 * // journey   |--------|
 * // reports      *  *     *   *      *
 * //                    |<- at least ->|     services export in batches: the OpenTelemetry SDK's default is 5 s
 * //                               |quiet|   complete, unless somebody is awaited still (awaited.ts)
 * ```
 * What comes later is stored too, and is part of the trace the next time it is shown (reopen.ts).
 */
import type { Store } from '../store/store.ts';

export interface SettleOptions {
  /** Complete when nothing came for this long. */
  readonly quietMs: number;
  /** Wait at least this long after the journey, for batches that have not been sent yet. */
  readonly atLeastMs: number;
  /** Give up waiting after this long. */
  readonly atMostMs: number;
  /** Is a source awaited that should have spoken? Asked when all are quiet, and again when something came. */
  readonly isWaiting?: () => boolean;
  readonly signal?: AbortSignal;
  /** Reads what is still in flight inside this process (files that are followed). */
  readonly flush?: () => Promise<void>;
}

const POLL_MS = 50;

export async function settle(
  traceId: string,
  store: Pick<Store, 'lastAppend'>,
  options: SettleOptions,
): Promise<void> {
  const startMs = performance.now();
  let chunks = -1;
  let changedMs = startMs;
  let lookedAt = -1;
  for (;;) {
    await options.flush?.();
    const nowMs = performance.now();
    const last = store.lastAppend(traceId).chunks;
    if (last !== chunks) [chunks, changedMs] = [last, nowMs];
    const waitedMs = nowMs - startMs;
    if (options.signal?.aborted || waitedMs >= options.atMostMs) return;
    const isQuiet = waitedMs >= options.atLeastMs && nowMs - changedMs >= options.quietMs;
    if (isQuiet && lookedAt !== chunks) {
      lookedAt = chunks;
      if (!options.isWaiting?.()) return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
