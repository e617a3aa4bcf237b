/** Runs of which something was dropped: what can be told of them, and why there is no more. */
import type { RunView } from '../model/report.ts';
import { leftOver } from '../run/left.ts';
import type { Store } from '../store/store.ts';

/** The run as it was judged when its spans were there. Undefined when they are. */
export function keptWithoutSpans(traceId: string, store: Store): RunView | undefined {
  const kept = store.summary(traceId)?.dropped?.spans && store.outline(traceId);
  return kept || undefined;
}

export const noSpans = (traceId: string, store: Store): string =>
  leftOver(store.summary(traceId) ?? { traceId }) ?? `Trace ${traceId} has no spans in the store.`;
