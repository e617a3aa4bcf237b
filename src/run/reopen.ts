/**
 * A store whose runs are open for what comes late: a run that was made of fewer spans than there are now is made anew
 * when somebody asks for it, and kept.
 */
import { alertSource } from '../alert/send/alert-source.ts';
import type { Counts } from '../metrics/families.ts';
import type { RunFilter } from '../model/journey.ts';
import type { RunView } from '../model/report.ts';
import type { Store } from '../store/store.ts';
import { liveRun } from './live.ts';
import { hasMore } from './named-traces.ts';
import { restitch } from './restitch.ts';
import { usualFrom } from './usual.ts';

/** All that `/metrics` tells. */
export const countsOf = (store: Pick<Store, 'totals' | 'sums' | 'diskUse'>): Counts => ({
  totals: store.totals(),
  ...store.sums(),
  disk: store.diskUse(),
});

export const reopening = (store: Store) => ({
  runs: (limit?: number, filter?: RunFilter) => store.runs(limit, filter),
  journeys: (recent: number) => store.journeys(recent),
  live: (traceId: string) => liveRun(traceId, store),
  outcomes: (limit: number, filter: RunFilter) => store.outcomes(limit, filter),
  goalRuns: (filter: RunFilter) => store.goalRuns(filter),
  run: (traceId: string) => reopened(traceId, store),
  columns: (traceId: string) => store.columns(traceId),
  file: (traceId: string, name: string) => store.file(traceId, name),
  summary: (traceId: string) => store.summary(traceId),
  counts: () => countsOf(store),
  findTrace: (prefix: string) => store.findTrace(prefix),
  usual: usualFrom(store),
  alerts: alertSource(store),
});

/**
 * A view of an older Headwater, which does not say what it was made of, stays as it is; so does one whose spans were
 * dropped, whatever comes late of them.
 */
export function reopened(traceId: string, store: Store): RunView | undefined {
  const kept = store.run(traceId);
  if (
    kept?.madeOf === undefined ||
    kept.dropped?.spans !== undefined ||
    (kept.madeOf === store.lastAppend(traceId).chunks && !(kept.named && hasMore(kept.named, store)))
  )
    return kept;
  const view = restitch(traceId, store, usualFrom(store));
  if (!view) return kept;
  store.saveRun(view);
  return view;
}
