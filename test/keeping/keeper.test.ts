/** A store that gets more than it may hold: what stays of it, and how large it becomes. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEEP_ALL, type KeepPolicy } from '../../src/model/keeping.ts';
import type { Span, Trace } from '../../src/model/trace.ts';
import { agreeOnPolicy } from '../../src/run/agreed.ts';
import { Keeper } from '../../src/run/keeper.ts';
import { startSweeping } from '../../src/run/sweeping.ts';
import { usualFrom } from '../../src/run/usual.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { keepRun, sizeOnDisk, traceIdOf, viewOf } from './fill.ts';
import { watchSize } from './watch-size.ts';

const LIMIT = 24_000_000;
const POLICY: KeepPolicy = { ...KEEP_ALL, sizeBytes: LIMIT };
const RUNS = 120;
const FAILED_EVERY = 20;
const START_MS = Date.now() - 10 * 86_400_000;
let folder = '';
let opened = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-keeping-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const newPath = () => join(folder, `${++opened}`, 'headwater.db');

const fill = (store: Store, after: () => void = () => {}) => {
  for (let n = 1; n <= RUNS; n++) {
    const failed = n % FAILED_EVERY === 0;
    keepRun(store, n, { atUnixMs: START_MS + n * 60_000, failed, pictureBytes: 100_000, spanBytes: 500_000 });
    after();
  }
};

/** What a later run would be judged by. */
function usualNow(store: Store) {
  const { trace } = viewOf(traceIdOf(RUNS + 1), { atUnixMs: Date.now() });
  const [root, request] = trace.spans as [Span, Span];
  const later: Trace = {
    ...trace,
    spans: [
      { ...root, attributes: { 'headwater.journey': 'look' } },
      { ...request, attributes: { 'headwater.type': 'request', 'server.address': 'shop.example' } },
    ],
    originUnixNano: `${Date.now()}000000`,
  };
  return usualFrom(store)({ trace: later });
}

describe.each([
  ['by writes alone', () => () => {}],
  [
    'by a sweep after each run',
    (store: Store) => {
      const keeper = new Keeper({ store, policy: POLICY });
      return () => void keeper.sweep();
    },
  ],
])('four times as much as the limit, kept within it %s', (_, sweeping) => {
  it('is never over it, keeps what failed, all summaries, and knows what is normal', async () => {
    const path = newPath();
    const store = openStore(path);
    agreeOnPolicy(POLICY, store);
    const watched = watchSize(path);
    fill(store, sweeping(store));
    const { most, looks } = await watched();
    expect(most).toBeLessThanOrEqual(LIMIT);
    expect(most).toBeGreaterThan(LIMIT / 2);
    expect(looks).toBeGreaterThan(RUNS);

    const failed = store.runs(RUNS, { status: 'failed' });
    expect(failed).toHaveLength(RUNS / FAILED_EVERY);
    expect(failed.filter(({ dropped }) => dropped?.spans)).toEqual([]);
    const all = store.outcomes(RUNS + 1, {});
    expect(all).toHaveLength(RUNS);
    expect(all.filter(({ dropped }) => dropped?.spans).length).toBeGreaterThan(RUNS / 3);
    expect(store.totals()[0]?.statuses.ok?.count).toBe(RUNS - RUNS / FAILED_EVERY);
    expect(usualNow(store)?.runs).toBeGreaterThanOrEqual(10);
    store.close();
  });
});

describe('the limit', () => {
  it('holds for every process, whoever wrote it down, and while another one sweeps', async () => {
    const path = newPath();
    const store = openStore(path);
    const keeper = new Keeper({ store, policy: POLICY });
    const watched = watchSize(path);
    const script = join(import.meta.dirname, 'write-runs.ts');
    const writer = (first: number) =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', script, path, String(first), '60']);
    let isOver = false;
    const writers = Promise.all([writer(1), writer(1_001)]).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      keeper.sweep();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await writers;
    expect((await watched()).most).toBeLessThanOrEqual(LIMIT);
    expect(store.outcomes(1_000, {})).toHaveLength(120);
    expect(store.diskUse().runs.spans).toBeLessThan(120);
    store.close();
  });

  it('refuses, with what to do, what is larger than all that may go, and keeps what was there', () => {
    const store = openStore(newPath());
    agreeOnPolicy(POLICY, store);
    keepRun(store, 1, { atUnixMs: Date.now(), spanBytes: 1_000 });
    expect(() => keepRun(store, 2, { atUnixMs: Date.now(), pictureBytes: 30_000_000 })).toThrow(
      'The store may take 24 MB, and there is no room for 30 MB more: what is left may not go. Raise keep.size.',
    );
    expect(store.fileNames(traceIdOf(2))).toEqual([]);
    expect(store.summary(traceIdOf(1))?.dropped).toBeUndefined();
    keepRun(store, 3, { atUnixMs: Date.now(), spanBytes: 1_000 });
    expect(store.run(traceIdOf(3))).toBeDefined();
    store.close();
  });

  it('that was lowered is reached by sweeps, each a short one', () => {
    const path = newPath();
    const store = openStore(path);
    fill(store);
    expect(sizeOnDisk(path)).toBeGreaterThan(LIMIT);
    const keeper = new Keeper({ store, policy: POLICY });
    let sweeps = 1;
    while (!keeper.sweep({ withinMs: 5 }).isDone) if (++sweeps > 200) break;
    expect(sweeps).toBeGreaterThan(1);
    expect(sizeOnDisk(path)).toBeLessThanOrEqual(LIMIT);
    store.close();
  });

  it('is swept for while a process is up, and a sweep that fails is told and tried again', async () => {
    const troubles: string[] = [];
    let sweeps = 0;
    const keeper = {
      sweep: () => {
        if (++sweeps === 1) throw new Error('disk I/O error');
        return { dropped: [], isDone: true, shortBytes: 0 };
      },
    };
    const stop = startSweeping(keeper, (sentence) => troubles.push(sentence), 1);
    while (sweeps < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    stop();
    expect(troubles).toEqual(['The store could not be swept: disk I/O error']);
  });

  it('holds while somebody reads for long, so that the log cannot be emptied, and writes go on after that', () => {
    const path = newPath();
    const store = openStore(path);
    agreeOnPolicy(POLICY, store);
    const keep = (n: number) =>
      keepRun(store, n, { atUnixMs: START_MS + n * 60_000, pictureBytes: 2_000_000, spanBytes: 1_000 });
    keep(1);
    const reader = new Database(path);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM runs').get();
    let n = 1;
    expect(() => {
      while (n < 50) keep(++n);
    }).toThrow(/Raise keep\.size/);
    expect(n).toBeGreaterThan(3);
    expect(sizeOnDisk(path)).toBeLessThanOrEqual(LIMIT);
    reader.exec('COMMIT');
    keep(51);
    expect(sizeOnDisk(path)).toBeLessThanOrEqual(LIMIT);
    reader.close();
    store.close();
  });

  it('holds for what shrinking itself writes, too', () => {
    const path = newPath();
    const store = openStore(path);
    for (let n = 1; n <= 60; n++) keepRun(store, n, { atUnixMs: START_MS + n, pictureBytes: 300_000 });
    const reader = new Database(path);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM runs').get();
    // the first half: what is left must move to the front before the file can be cut
    const files = Array.from({ length: 30 }, (_, i) => ({
      traceId: traceIdOf(i + 1),
      part: 'files' as const,
    }));
    store.drop(
      files.map((drop) => ({ ...drop, by: 'size', bytes: 1 })),
      1,
    );
    const sizeBytes = sizeOnDisk(path) + 2_500_000;
    agreeOnPolicy({ ...KEEP_ALL, sizeBytes }, store);
    store.shrink(Number.POSITIVE_INFINITY);
    expect(sizeOnDisk(path)).toBeLessThanOrEqual(sizeBytes);
    reader.exec('COMMIT');
    reader.close();
    store.shrink(Number.POSITIVE_INFINITY);
    expect(sizeOnDisk(path)).toBeLessThan(sizeBytes / 2 + 2_500_000);
    store.close();
  });

  it('lets what somebody needs stay', () => {
    const store = openStore(newPath());
    const keeper = new Keeper({
      store,
      policy: { ...POLICY, days: 1, failedDays: 2 },
      needed: () => [traceIdOf(1)],
    });
    for (const n of [1, 2]) keepRun(store, n, { atUnixMs: START_MS, spanBytes: 100, pictureBytes: 100 });
    keeper.sweep();
    expect(store.run(traceIdOf(1))?.dropped).toBeUndefined();
    expect(store.run(traceIdOf(2))?.dropped).toMatchObject({ spans: { by: 'failedDays' } });
    store.close();
  });

  it('is reached by a store of an older version too, when it is written anew', () => {
    const path = join(folder, 'older.db');
    copyFileSync(join(import.meta.dirname, '../fixtures/store/version-5.db'), path);
    const store = openStore(path);
    fill(store);
    new Keeper({ store, policy: { ...POLICY, days: 1, failedDays: 1 } }).sweep({ withinMs: 10_000 });
    store.shrink(Number.POSITIVE_INFINITY);
    expect(sizeOnDisk(path)).toBeGreaterThan(LIMIT);
    store.rebuild();
    expect(sizeOnDisk(path)).toBeLessThan(LIMIT);
    expect(store.diskUse().runs.summary).toBe(RUNS + 1);
    store.close();
  });
});
