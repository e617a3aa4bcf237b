/**
 * What a worker saw of one try of one test, kept in the suite's folder until the browser has ended and the spans can
 * be made. One file a try, written with V8's own serialisation: it is read by the same Node.js minutes later.
 *
 * ```
 * HEADWATER_SUITE/
 *   tests/TRACE-ID       one try of a test
 *   netlogs/PID-N.json   one browser
 *   traces/PID-N.pftrace what its main threads did, over many tests
 * ```
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { RunRecord } from '../spans/run-spans.ts';

export interface TestTry {
  /** `[project] › file › describe › title` */
  readonly title: string;
  /** Playwright's own id of the test, the same for each try. */
  readonly testId: string;
  readonly retry: number;
  readonly status: string;
  readonly isExpected: boolean;
}
export interface TestRecord extends RunRecord {
  readonly test: TestTry;
  /** Of the browsers that the test used, as far as they wrote one. */
  readonly netLogPaths: readonly string[];
  /** Of the same; what they hold goes beyond this test. */
  readonly tracePaths: readonly string[];
  /** Unix ms from which and to which the browsers were the test's own. */
  readonly windowMs: readonly [number, number];
}

export function makeSuiteFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-suite-'));
  mkdirSync(join(folder, 'tests'));
  mkdirSync(join(folder, 'netlogs'));
  mkdirSync(join(folder, 'traces'));
  return folder;
}

export const removeSuiteFolder = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });

export const netLogPathIn = (folder: string, n: number): string =>
  join(folder, 'netlogs', `${process.pid}-${n}.json`);
export const tracePathIn = (folder: string, n: number): string =>
  join(folder, 'traces', `${process.pid}-${n}.pftrace`);

export function keepTestRecord(folder: string, record: TestRecord): void {
  const path = join(folder, 'tests', record.traceId);
  writeFileSync(unfinished(path), serialize(record));
  renameSync(unfinished(path), path);
}

const UNFINISHED = '.part';
/** Where a file is written: whoever looks into the folder meanwhile finds it whole under its name, or not at all. */
export const unfinished = (path: string): string => path + UNFINISHED;

const recordNamesIn = (folder: string): string[] =>
  readdirSync(join(folder, 'tests')).filter((name) => !name.endsWith(UNFINISHED));

export const countTestRecords = (folder: string): number => recordNamesIn(folder).length;

/** @param known trace ids of those that need not be read again */
export const testRecordsIn = (folder: string, known: ReadonlySet<string>): TestRecord[] =>
  recordNamesIn(folder)
    .filter((traceId) => !known.has(traceId))
    .map((traceId) => deserialize(readFileSync(join(folder, 'tests', traceId))) as TestRecord);
