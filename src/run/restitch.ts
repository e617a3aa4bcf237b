/** Makes a run's report from what the store holds now: spans may have come after it was first made. */
import { analyse } from '../analyse/analyse.ts';
import type { RunView } from '../model/report.ts';
import { stitch } from '../stitch/stitch.ts';
import type { Store } from '../store/store.ts';

export function restitch(
  traceId: string,
  store: Pick<Store, 'spans' | 'run' | 'warnings'>,
): RunView | undefined {
  const earlier = store.run(traceId)?.report;
  const trace = stitch(store.spans(traceId), store.warnings(traceId));
  if (!trace) return undefined;
  const { report, path } = analyse(trace, {
    error: earlier?.error,
    overhead: earlier?.overhead,
    viewerUrl: earlier?.viewerUrl,
  });
  return { report, path, trace };
}
