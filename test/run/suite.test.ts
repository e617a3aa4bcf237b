/** When the runs of a suite's tests are made: soon, and not before their servers could tell. */
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CdpRequest } from '../../probe/cdp/network-recorder.ts';
import { keepTestRecord, makeSuiteFolder } from '../../probe/suite/test-record.ts';
import { SuiteKeeper } from '../../src/run/suite.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { recordOf } from '../probe/suite/record-of.ts';
import { idOf, ORIGIN, reported } from '../stitch/reported.ts';

const START_MS = Number(ORIGIN / 1_000_000n);
const THEIRS = 'e'.repeat(32);
const TRACES = ['a', 'b'].map((digit) => digit.repeat(32)) as [string, string];

let folder: string;
let store: Store;
let keeper: SuiteKeeper;
let nowMs: number;

beforeEach(() => {
  folder = makeSuiteFolder();
  store = openStore(':memory:');
  nowMs = 0;
  keeper = new SuiteKeeper({ folder, store, nowMs: () => nowMs });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const page: CdpRequest = {
  requestId: 'r',
  hop: 0,
  url: 'https://shop.example/cart',
  method: 'GET',
  resourceType: 'Document',
  initiatorType: 'other',
  issuedS: 1,
  issuedUnixS: START_MS / 1_000,
  finishedS: 1.05,
  statusCode: 200,
  decodedBytes: 0,
};

/** A test with one request. */
function ended(traceId: string, title: string, request: Partial<CdpRequest>): void {
  const record = recordOf(traceId, title, [START_MS, START_MS + 100]);
  const seen = { ...record.seen, network: { requests: [{ ...page, ...request }] } };
  keepTestRecord(folder, { ...record, seen });
}
const NAMED = { traceresponse: `00-${THEIRS}-${idOf('web')}-01` };
const told = { ...reported('web', undefined, 10, 40, { source: 'otlp', kind: 'server' }), traceId: THEIRS };
const madeAt = async (ms: number) => {
  nowMs = ms;
  await keeper.keepReady();
  return store.runs().map(({ journey }) => journey);
};

it('makes a run at once where no server has anything to tell', async () => {
  ended(TRACES[0], 'alone', {});
  expect(await madeAt(0)).toEqual(['alone']);
});

it('makes one whose servers may tell once they have', async () => {
  ended(TRACES[0], 'named', NAMED);
  expect(await madeAt(0)).toEqual([]);
  store.append([told]);
  expect(await madeAt(900)).toEqual([]);
  expect(await madeAt(1_000)).toEqual(['named']);
  expect(store.run(TRACES[0])?.trace.spans.map(({ name }) => name)).toContain('web');
});

it('makes it without them when they had the time to, and again when they tell in the end', async () => {
  ended(TRACES[0], 'named', NAMED);
  ended(TRACES[1], 'alone', {});
  expect(await madeAt(0)).toEqual(['alone']);
  expect(await madeAt(5_900)).toEqual(['alone']);
  expect((await madeAt(6_000)).sort()).toEqual(['alone', 'named']);
  store.append([told]);
  const runs = await keeper.finish();
  expect(runs.map(({ test }) => test.title).sort()).toEqual(['alone', 'named']);
  expect(store.run(TRACES[0])?.trace.spans.map(({ name }) => name)).toContain('web');
});

it('leaves no test without a run when the suite is over before', async () => {
  ended(TRACES[0], 'named', NAMED);
  expect(await madeAt(0)).toEqual([]);
  expect((await keeper.finish()).map(({ test }) => test.title)).toEqual(['named']);
});

it('links a request to the trace that its answer names, but for a copy out of a cache and the run’s own', async () => {
  const own = `00-${TRACES[1]}-${idOf('web')}-01`;
  ended(TRACES[0], 'copy', { ...NAMED, fromCache: 'memory' });
  ended(TRACES[1], 'own', { traceresponse: own });
  ended('d'.repeat(32), 'other', NAMED);
  await keeper.finish();
  const linked = [...TRACES, 'd'.repeat(32)].map((traceId) =>
    store.spans(traceId).flatMap(({ links }) => links.map((link) => link.traceId)),
  );
  expect(linked).toEqual([[], [], [THEIRS]]);
});
