/** Makes imported traces appear where runs appear: on the list, in the viewer. */
import type { RunView } from '../model/report.ts';
import type { Warning } from '../model/span.ts';
import type { Store } from '../store/store.ts';
import { restitch } from './restitch.ts';

/** A load balancer's log of a day holds a trace a line: the list is for people. */
export const MAX_IMPORTED_RUNS = 1_000;

/**
 * @param traceIds in the order they were met; of more than `MAX_IMPORTED_RUNS`, the last ones are put on the list
 * @returns the views that were made
 */
export function keepImported(
  traceIds: ReadonlySet<string>,
  store: Store,
  onView: (view: RunView) => void = () => {},
): number {
  const running = new Set(
    store.runs(MAX_IMPORTED_RUNS).flatMap((run) => (run.status === 'running' ? run.traceId : [])),
  );
  let count = 0;
  for (const traceId of [...traceIds].slice(-MAX_IMPORTED_RUNS)) {
    // whoever runs it makes its view when it has ended, with these spans in it
    const view = running.has(traceId) ? undefined : restitch(traceId, store);
    if (!view) continue;
    store.saveRun(view);
    onView(view);
    count++;
  }
  return count;
}

/** A file that is read again brings the same warnings again. */
export function keepNewWarnings(traceId: string | null, warnings: readonly Warning[], store: Store): void {
  const keyOf = ({ code, where, message }: Warning) => `${code}\n${where}\n${message}`;
  const known = new Set(store.warnings(traceId).map(keyOf));
  store.warn(
    traceId,
    warnings.filter((warning) => !known.has(keyOf(warning))),
  );
}
