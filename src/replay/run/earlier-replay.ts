/** A script holds no times: its later replays are held against the first one that is stored. */

import type { RunView } from '../../model/report.ts';
import { RUN_RECORDING } from '../../model/run-conditions.ts';
import type { Store } from '../../store/store.ts';

/** Nobody replays one recording more often, and looks so far back. */
const RUNS_LOOKED_AT = 200;

export function firstReplay(journey: string, digest: string, store: Store): RunView | undefined {
  const runs = store.runs(RUNS_LOOKED_AT, { journey }).filter(({ status }) => status === 'ok');
  for (const { traceId } of runs.reverse()) {
    const view = store.run(traceId);
    const root = view?.trace.spans.find(({ spanId }) => spanId === view.trace.rootId);
    if (root?.attributes[RUN_RECORDING] === digest) return view;
  }
  return undefined;
}
