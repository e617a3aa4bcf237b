/** What a suite's folder gives while its tests are on, and what it gives when they are over. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepTestRecord, makeSuiteFolder, type TestRecord } from '../../../probe/suite/test-record.ts';
import { TestResults } from '../../../probe/suite/test-results.ts';
import { recordOf } from './record-of.ts';

let folder: string;
let results: TestResults;

beforeEach(() => {
  folder = makeSuiteFolder();
  results = new TestResults(folder);
});
afterEach(() => {
  results.close();
  rmSync(folder, { recursive: true });
});

const START_MS = 1_795_000_000_000;

/** A test that began so many seconds after the suite, and took one. */
function record(title: string, second: number, browser: Partial<TestRecord> = {}): TestRecord {
  const startMs = START_MS + second * 1_000;
  const traceId = second.toString(16).padStart(32, 'a');
  return { ...recordOf(traceId, title, [startMs, startMs + 1_000]), ...browser };
}
const titlesOf = (made: Iterable<{ test: { title: string } }>) => [...made].map(({ test }) => test.title);

it('gives a test that was watched at its requests as soon as it has ended, once', () => {
  keepTestRecord(folder, record('first', 0));
  expect(titlesOf(results.ready())).toEqual(['first']);
  keepTestRecord(folder, record('second', 1));
  expect(titlesOf(results.ready())).toEqual(['second']);
  expect(titlesOf(results.ready())).toEqual([]);
  expect(titlesOf(results.rest())).toEqual([]);
});

it('waits for the trace of a test that was watched whole', () => {
  const tracePaths = [join(folder, 'traces/1-1.pftrace')];
  keepTestRecord(folder, record('whole', 0, { tracePaths }));
  keepTestRecord(folder, record('requests', 1));
  expect(titlesOf(results.ready())).toEqual(['requests']);
  writeFileSync(tracePaths[0]!, '');
  expect(titlesOf(results.ready())).toEqual(['whole']);
});

it('waits for the NetLog until all that the test asked for has had time to end', () => {
  const netLogPaths = [join(folder, 'netlogs/1-1.json')];
  keepTestRecord(folder, record('whole', 0, { netLogPaths }));
  expect(titlesOf(results.ready())).toEqual([]);
  const line = (second: number) => `{"time":"${START_MS + second * 1_000}","type":1},\n`;
  const head = '{"constants":{"timeTickOffset":0,"logEventTypes":{"REQUEST_ALIVE":1}},\n"events": [\n';
  writeFileSync(netLogPaths[0]!, head + line(0) + line(5.9));
  expect(titlesOf(results.ready())).toEqual([]);
  // A line that is being written says nothing yet.
  writeFileSync(netLogPaths[0]!, head + line(0) + line(5.9) + line(9).slice(0, -5));
  expect(titlesOf(results.ready())).toEqual([]);
  writeFileSync(netLogPaths[0]!, head + line(0) + line(5.9) + line(6));
  expect(titlesOf(results.ready())).toEqual(['whole']);
});

it('waits no longer for the NetLog of a browser that has ended', () => {
  const netLogPaths = [join(folder, 'netlogs/1-1.json')];
  keepTestRecord(folder, record('whole', 0, { netLogPaths }));
  writeFileSync(
    netLogPaths[0]!,
    `{"constants":{"timeTickOffset":0,"logEventTypes":{}},\n"events": [\n{"time":"${START_MS}","type":1}],\n"polledData": {}\n}\n`,
  );
  expect(titlesOf(results.ready())).toEqual(['whole']);
});

it('gives the rest in the order in which they began, with a word where a trace never came', () => {
  keepTestRecord(folder, record('third', 3, { tracePaths: [join(folder, 'traces/never.pftrace')] }));
  keepTestRecord(folder, record('first', 1));
  keepTestRecord(folder, record('second', 2, { netLogPaths: [join(folder, 'netlogs/never.json')] }));
  const rest = [...results.rest()];
  expect(titlesOf(rest)).toEqual(['first', 'second', 'third']);
  expect(rest[2]?.warnings.map(({ code }) => code)).toContain('probe.no_trace');
});

it('leaves a file alone that is being written', () => {
  writeFileSync(join(folder, 'tests', `${'a'.repeat(32)}.part`), 'half');
  expect(titlesOf(results.ready())).toEqual([]);
  expect(titlesOf(results.rest())).toEqual([]);
});
