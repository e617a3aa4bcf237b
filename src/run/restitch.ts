/** Makes a run's report from what the store holds now: spans may have come after it was first made. */
import type { RunView } from '../model/report.ts';
import type { Store } from '../store/store.ts';
import { makeRunView } from './run-view.ts';

export function restitch(
  traceId: string,
  store: Pick<Store, 'spans' | 'run' | 'warnings' | 'fileNames' | 'file'>,
): RunView | undefined {
  const earlier = store.run(traceId)?.report;
  return makeRunView(traceId, store, {
    error: earlier?.error,
    overhead: earlier?.overhead,
    viewerUrl: earlier?.viewerUrl,
  });
}
