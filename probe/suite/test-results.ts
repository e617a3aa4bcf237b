/** Makes runs of the records that a suite's workers left, when its browsers have ended. */
import { readFileSync } from 'node:fs';
import { type NetLog, NO_NETLOG, readNetLog } from '../../src/import/netlog.ts';
import type { Warning } from '../../src/model/span.ts';
import { readPerfettoTrace } from '../cdp/perfetto-trace.ts';
import { reportedSpan } from '../reported-span.ts';
import type { JourneyResult } from '../run-journey.ts';
import { emitSpans } from '../spans/emit.ts';
import { runSpans } from '../spans/run-spans.ts';
import { netLogPart } from './netlog-part.ts';
import { type TestRecord, type TestTry, testRecordsIn } from './test-record.ts';
import { tracePart } from './trace-part.ts';

export interface TestResult extends JourneyResult {
  readonly test: TestTry;
}

/**
 * One after the other, in the order in which the tests began: what a browser wrote is read once for all of its tests.
 */
export function* testResults(folder: string): Generator<TestResult> {
  const netLogOf = readOnce((file) => readNetLog(file.toString('utf8')));
  const traceOf = readOnce(readPerfettoTrace);
  for (const record of testRecordsIn(folder)) {
    // Of several browsers in one test the first is read: their sockets have the same numbers.
    const [path] = record.netLogPaths;
    const netLog = path === undefined ? NO_NETLOG : netLogOf(path);
    const isLost = record.tracePaths.some((each) => traceOf(each).length === 0);
    const seen = {
      ...record.seen,
      traceEvents: record.tracePaths.flatMap((each) => tracePart(traceOf(each), record)),
      warnings: [...record.seen.warnings, ...(isLost ? [NO_TRACE] : [])],
    };
    yield resultOf({ ...record, seen }, netLog);
  }
}

/** A file that is not there reads as an empty one. */
function readOnce<T>(read: (file: Buffer) => T): (path: string) => T {
  const known = new Map<string, T>();
  return (path) => {
    const value = known.get(path) ?? read(fileAt(path));
    known.set(path, value);
    return value;
  };
}

function resultOf(record: TestRecord, netLog: NetLog): TestResult {
  const { traceId, run, test } = record;
  const made = runSpans(record, netLogPart(netLog, record.windowMs, traceId), []);
  return {
    traceId,
    test,
    status: run.error === undefined ? 'ok' : 'failed',
    ...(run.error !== undefined && { error: run.error }),
    spans: emitSpans(traceId, made.drafts).map(reportedSpan),
    warnings: [...made.warnings],
    overhead: { ...made.counts },
  };
}

function fileAt(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

const NO_TRACE: Warning = {
  code: 'probe.no_trace',
  where: 'browser',
  message: "The browser did not hand over its trace: what the page's main thread did is not known.",
};
