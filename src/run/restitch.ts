/** Makes a run's report from what the store holds now: spans may have come after it was first made. */
import type { RunFacts } from '../analyse/analyse.ts';
import type { RunView } from '../model/report.ts';
import type { Store } from '../store/store.ts';
import { makeRunView } from './run-view.ts';
import type { Usual } from './usual.ts';

/** @param facts what is known of a run that was not made before */
export function restitch(
  traceId: string,
  store: Pick<Store, 'spans' | 'append' | 'run' | 'warnings' | 'fileNames' | 'file' | 'lastAppend'>,
  usual?: Usual,
  facts?: RunFacts,
): RunView | undefined {
  const earlier = store.run(traceId)?.report ?? facts;
  const { error, overhead, viewerUrl } = earlier ?? {};
  return makeRunView(traceId, store, { error, overhead, viewerUrl }, usual);
}
