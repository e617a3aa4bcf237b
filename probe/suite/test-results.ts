/**
 * Makes runs of the records that a suite's workers leave: while its tests are on of those of which all is known, of the
 * rest when its browsers have ended.
 *
 * ```
 * // tests    |--1--|--2--|--3--|--4--|
 * // trace    |===========|===========|    handed over after a number of tests
 * // NetLog   - - - - - - - - - - - - -    written all the time
 * // ready                     1 2     3 4
 * ```
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Fields } from '../../src/import/netlog/events.ts';
import { type NetLog, NO_NETLOG, readNetLog } from '../../src/import/netlog.ts';
import type { Warning } from '../../src/model/span.ts';
import type { UnixNano } from '../../src/model/time.ts';
import { readPerfettoTrace } from '../cdp/perfetto-trace.ts';
import { reportedSpan } from '../reported-span.ts';
import type { JourneyResult } from '../run-journey.ts';
import { emitSpans } from '../spans/emit.ts';
import { runSpans } from '../spans/run-spans.ts';
import { NetLogFile } from './netlog-file.ts';
import { EARLY_MS, netLogPart } from './netlog-part.ts';
import { type TestRecord, type TestTry, testRecordsIn } from './test-record.ts';
import { tracePart } from './trace-part.ts';

export interface TestResult extends JourneyResult {
  readonly test: TestTry;
  readonly startUnixNano: UnixNano;
}

/** As many tests have their browser's NetLog read at once: it holds some 700 kB of each. */
const TESTS_A_PART = 50;

/**
 * What browsers wrote is read when it is needed and forgotten afterwards: of a thousand tests it would not fit.
 */
export class TestResults {
  private readonly folder: string;
  private readonly files = new NetLogFiles();
  private readonly given = new Set<string>();
  /** Their browsers have not told all of them yet. */
  private readonly waiting = new Map<string, TestRecord>();

  constructor(folder: string) {
    this.folder = folder;
  }

  close(): void {
    this.files.close();
  }

  /** Of tests that ended since it was last asked, and of whose browsers nothing more is to come. */
  ready(): Generator<TestResult> {
    return this.made((record) => this.isTold(record));
  }

  /** Of all others, when the suite is over. */
  rest(): Generator<TestResult> {
    return this.made(() => true);
  }

  private isTold({ tracePaths, netLogPaths: [netLogPath], windowMs: [, toMs] }: TestRecord): boolean {
    if (!tracePaths.every((path) => existsSync(path))) return false;
    return netLogPath === undefined || this.files.at(netLogPath)?.tellsUntil(toMs) === true;
  }

  /** One after the other, in the order in which the tests began. */
  private *made(isWanted: (record: TestRecord) => boolean): Generator<TestResult> {
    for (const record of testRecordsIn(this.folder, new Set([...this.given, ...this.waiting.keys()])))
      this.waiting.set(record.traceId, record);
    const records = [...this.waiting.values()].filter(isWanted).sort(byStart);
    const netLogs = new NetLogs(records, this.files);
    const traceOf = tracesOf(records);
    for (const record of records) {
      this.waiting.delete(record.traceId);
      this.given.add(record.traceId);
      const netLog = netLogs.of(record);
      const traces = record.tracePaths.map((path) => traceOf(path, record));
      const isLost = traces.some(({ length }) => length === 0);
      const seen = {
        ...record.seen,
        traceEvents: traces.flatMap((trace) => tracePart(trace, record)),
        warnings: [...record.seen.warnings, ...(isLost ? [NO_TRACE] : [])],
      };
      yield resultOf({ ...record, seen }, netLog);
    }
  }
}

const byStart = (a: TestRecord, b: TestRecord): number =>
  a.run.startUnixNano < b.run.startUnixNano ? -1 : 1;

/** Of several browsers in one test the first is read: their sockets have the same numbers. */
const netLogPathOf = ({ netLogPaths: [path] }: TestRecord): string => path ?? '';

class NetLogFiles {
  private readonly fileByPath = new Map<string, NetLogFile>();

  at(path: string): NetLogFile | undefined {
    try {
      const file = this.fileByPath.get(path) ?? new NetLogFile(path);
      this.fileByPath.set(path, file);
      return file;
    } catch {
      return undefined;
    }
  }

  close(): void {
    for (const file of this.fileByPath.values()) file.close();
    this.fileByPath.clear();
  }
}

/** What a browser wrote of some tests of its own, one after the other. */
interface Part {
  readonly fromMs: number;
  toMs: number;
  /** Those that have not been made into runs yet. */
  tests: number;
  netLog?: NetLog;
}

class NetLogs {
  private readonly partByTest = new Map<TestRecord, Part>();
  private readonly files: NetLogFiles;

  constructor(records: readonly TestRecord[], files: NetLogFiles) {
    this.files = files;
    const latest = new Map<string, Part>();
    for (const record of records) {
      const [fromMs, toMs] = record.windowMs;
      let part = latest.get(netLogPathOf(record));
      if (!part || part.tests === TESTS_A_PART) part = { fromMs: fromMs - EARLY_MS, toMs, tests: 0 };
      part.tests++;
      part.toMs = Math.max(part.toMs, toMs);
      latest.set(netLogPathOf(record), part);
      this.partByTest.set(record, part);
    }
  }

  of(record: TestRecord): NetLog {
    const path = netLogPathOf(record);
    const part = this.partByTest.get(record);
    if (path === '' || !part) return NO_NETLOG;
    const netLog = part.netLog ?? this.files.at(path)?.part(part.fromMs, part.toMs) ?? NO_FILE;
    part.tests--;
    part.netLog = part.tests > 0 ? netLog : undefined;
    return netLog;
  }
}

/** A file that is not there reads as an empty one. */
const NO_FILE = readNetLog('');

function tracesOf(records: readonly TestRecord[]): (path: string, record: TestRecord) => readonly Fields[] {
  const lastUse = new Map(
    records.flatMap((record) => record.tracePaths.map((path) => [path, record] as const)),
  );
  const known = new Map<string, readonly Fields[]>();
  return (path, record) => {
    const events = known.get(path) ?? readPerfettoTrace(fileAt(path));
    if (lastUse.get(path) === record) known.delete(path);
    else known.set(path, events);
    return events;
  };
}

function resultOf(record: TestRecord, netLog: NetLog): TestResult {
  const { traceId, run, test } = record;
  const made = runSpans(record, netLogPart(netLog, record.windowMs, traceId), []);
  return {
    traceId,
    test,
    startUnixNano: run.startUnixNano,
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
