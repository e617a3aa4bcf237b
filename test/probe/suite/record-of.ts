/** What a worker records of one try of a test, made by hand. */
import type { TestRecord } from '../../../probe/suite/test-record.ts';
import { unixNanoFromMs } from '../../../src/model/time.ts';

export const recordOf = (
  traceId: string,
  title: string,
  windowMs: readonly [startMs: number, endMs: number],
): TestRecord => ({
  traceId,
  run: {
    spanId: 'b'.repeat(16),
    journey: title,
    startUnixNano: unixNanoFromMs(windowMs[0]),
    endUnixNano: unixNanoFromMs(windowMs[1]),
    attributes: {},
  },
  recorder: { steps: [], actions: [] },
  seen: {
    network: { requests: [] },
    headers: { injected: [], methodByNetworkId: new Map() },
    page: { news: [], dropped: [] },
    traceEvents: [],
    pictures: [],
    pageFrameIds: new Set(),
    warnings: [],
  },
  test: { title, testId: title, retry: 0, status: 'passed', isExpected: true },
  netLogPaths: [],
  tracePaths: [],
  windowMs,
});
