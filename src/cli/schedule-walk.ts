/** One try of a scheduled journey, walked as `run` walks it. */
import type { RunView } from '../model/report.ts';
import type { Walk, WalkOrder } from '../schedule/walk-slot.ts';
import { sayLoud } from './console.ts';
import type { ObservedWalk } from './observing.ts';
import type { ScheduleConfig } from './schedule-config.ts';
import { messageOf } from './user-error.ts';

/**
 * Called when a run has ended and is kept, a failed try too (`entry.attempt`, `entry.isLastAttempt`). The next run
 * begins when it has returned; what it throws is said, and nothing else.
 */
export type OnRun = (view: RunView, entry: WalkOrder) => Promise<void> | void;

export function scheduledWalk(
  config: () => ScheduleConfig,
  walk: (walk: ObservedWalk) => Promise<RunView>,
  onRun: OnRun | undefined,
): Walk {
  return async (order, signal) => {
    const { name, timeoutMs } = order.journey;
    const found = config().foundByName.get(name);
    if (!found) throw new Error(`The journey "${name}" is not in the configuration any more.`);
    const view = await walk({ ...found, timeout: timeoutMs, signal, heedsTerminal: false });
    await Promise.resolve(onRun?.(view, order)).catch((error: unknown) =>
      sayLoud(`After the run ${view.report.traceId}: ${messageOf(error)}`),
    );
    const { traceId, status, wallNs, verdict } = view.report;
    return { traceId, status, wallNs, sentence: verdict.sentence };
  };
}
