/** Makes imported traces appear where runs appear: on the list, in the viewer. */
import type { RunReport, RunView } from '../model/report.ts';
import type { RunExtras } from '../model/run-extras.ts';
import type { ReportedPicture, Warning } from '../model/span.ts';
import type { Store } from '../store/store.ts';
import { hostSamplesOf } from './host-samples.ts';
import { restitch } from './restitch.ts';

/** A load balancer's log of a day holds a trace a line: the list is for people. */
export const MAX_IMPORTED_RUNS = 1_000;

/**
 * @param traceIds in the order they were met; of more than `MAX_IMPORTED_RUNS`, the last ones are put on the list
 * @param extras what the files told of these runs beside their spans
 * @returns the views that were made
 */
export function keepImported(
  traceIds: ReadonlySet<string>,
  store: Store,
  onView: (view: RunView) => void = () => {},
  extras: readonly RunExtras[] = [],
): number {
  const extrasByTrace = new Map(extras.map((told) => [told.traceId, told]));
  const running = new Set(
    store.runs(MAX_IMPORTED_RUNS).flatMap((run) => (run.status === 'running' ? run.traceId : [])),
  );
  let count = 0;
  for (const traceId of [...traceIds].slice(-MAX_IMPORTED_RUNS)) {
    // whoever runs it makes its view when it has ended, with these spans in it
    const told = extrasByTrace.get(traceId);
    if (told) keepExtras(told, store);
    const view = running.has(traceId) ? undefined : restitch(traceId, store, undefined, told);
    if (!view) continue;
    store.saveRun(view);
    onView(view);
    count++;
  }
  return count;
}

/** What `keepImported` takes of a run beside its spans. Pictures stay behind. */
export function extrasOf({ traceId, error, overhead }: RunReport, store: Store): RunExtras {
  const samples = store.fileNames(traceId).filter((name) => HOST_FILE.test(name));
  return {
    traceId,
    ...(error !== undefined && { error }),
    overhead,
    warnings: store.warnings(traceId),
    files: Object.fromEntries(
      samples.flatMap((name) => {
        const body = store.file(traceId, name)?.body;
        return body ? [[name, new TextDecoder().decode(body)]] : [];
      }),
    ),
  };
}

/** Another's file may not put just anything beside a run: samples of hosts, when they are such. */
function keepExtras({ traceId, warnings, files }: RunExtras, store: Store): void {
  keepNewWarnings(traceId, warnings, store);
  const samples = Object.entries(files).filter(
    ([name, body]) => HOST_FILE.test(name) && hostSamplesOf(body) !== undefined,
  );
  store.attach(
    traceId,
    samples.map(([name, body]) => ({
      name,
      mediaType: 'application/json',
      body: new TextEncoder().encode(body),
    })),
  );
}

const HOST_FILE = /^hosts\/[\w.-]{1,200}\.json$/;

/** Where a run's view looks for its filmstrip. */
export function keepPictures(pictures: readonly ReportedPicture[], store: Store): void {
  for (const { traceId, timeUnixNano, mediaType, body } of pictures)
    store.attach(traceId, [{ name: `frames/${timeUnixNano}.jpg`, mediaType, body }]);
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
