/** Fills a store with runs of known size, for tests of keeping. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import type { RunView } from '../../src/model/report.ts';
import { unixNanoFromMs } from '../../src/model/time.ts';
import type { Store } from '../../src/store/store.ts';
import { runView } from '../store/run-view.ts';
import { reportedSpan } from '../store/spans.ts';

export const traceIdOf = (n: number): string => n.toString(16).padStart(32, '0');

export interface Filled {
  readonly journey?: string;
  readonly atUnixMs: number;
  readonly failed?: boolean;
  /** Bytes that cannot be packed any smaller. */
  readonly pictureBytes?: number;
  readonly spanBytes?: number;
}

/** One finished run of so much: spans as they came, a picture, a view. */
export function keepRun(store: Store, n: number, run: Filled): void {
  const traceId = traceIdOf(n);
  const { pictureBytes = 0, spanBytes = 0 } = run;
  if (spanBytes > 0) {
    const blob = randomBytes(spanBytes / 2).toString('base64');
    store.append([reportedSpan({ traceId, attributes: { blob } })]);
  }
  if (pictureBytes > 0)
    store.attach(traceId, [
      { name: 'frames/1.jpg', mediaType: 'image/jpeg', body: randomBytes(pictureBytes) },
    ]);
  store.saveRun(viewOf(traceId, run));
}

export function viewOf(traceId: string, { journey = 'look', atUnixMs, failed }: Filled): RunView {
  const view = runView(traceId, 20);
  const { report } = view;
  const ledger = report.ledger.map((entry) => ({
    ...entry,
    cause: 'browser.script',
    layer: 'browser' as const,
  }));
  return {
    ...view,
    site: 'shop.example',
    madeOf: 1,
    report: {
      ...report,
      journey,
      ledger,
      status: failed ? 'failed' : 'ok',
      startUnixNano: String(unixNanoFromMs(atUnixMs)),
    },
  };
}
export const sizeOnDisk = (path: string): number =>
  [path, `${path}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
