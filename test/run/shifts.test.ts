/** What has changed in a journey, from a store: the right runs, few of them, each read once. */
import { describe, expect, it } from 'vitest';
import type { ShiftRun } from '../../src/model/shift.ts';
import { dropMarks, keepMark, marksIn } from '../../src/run/marks.ts';
import { runConditions } from '../../src/run/run-conditions.ts';
import { shiftRuns } from '../../src/run/shift-runs.ts';
import { journeyNormal, shiftsOf } from '../../src/run/shifts.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { runAt, startOf } from '../analyse/shift/made-runs.ts';
import { reported } from '../stitch/reported.ts';
import { viewOfShiftRun } from './shift-view.ts';

const SLOW_DB = { parts: { 'Pay|db|postgresql|db.seq_scan': 100 } };

function storeWith(runs: readonly ShiftRun[]): Store {
  const store = openStore(':memory:');
  for (const run of runs) store.saveRun(viewOfShiftRun(run));
  return store;
}

const row = (count: number, changedFrom = count) =>
  Array.from({ length: count }, (_, at) => runAt(at < changedFrom ? { at } : { at, ...SLOW_DB }));

describe('shifts of a journey in a store', () => {
  it('are found, and told by the mark before them', () => {
    const store = storeWith(row(60, 54));
    keepMark({ name: 'v1.4.2', unixMs: startOf(54) - 1_000 }, store);
    const [shift, ...others] = shiftsOf('checkout', 'shop.example', store, startOf(60));
    expect(others).toEqual([]);
    expect(shift).toMatchObject({
      layer: 'db',
      step: 'Pay',
      mark: { name: 'v1.4.2' },
      sinceUnixMs: startOf(54),
    });
  });

  it('are those of that time', () => {
    const store = storeWith(row(60, 54));
    expect(shiftsOf('checkout', 'shop.example', store, startOf(53))).toEqual([]);
  });

  it('are not those of another site, nor of another journey', () => {
    const store = storeWith(row(60, 54));
    expect(shiftsOf('checkout', 'staging.example', store, startOf(60))).toEqual([]);
    expect(shiftsOf('look', 'shop.example', store, startOf(60))).toEqual([]);
  });

  it('need few runs, however many are kept, and read each of them once', () => {
    const store = storeWith(row(1_200));
    const read: string[] = [];
    const counted = {
      runs: store.runs.bind(store),
      records: store.records.bind(store),
      lastAppend: store.lastAppend.bind(store),
      spans: store.spans.bind(store),
      outline: (traceId: string) => {
        read.push(traceId);
        return store.outline(traceId);
      },
    };
    shiftsOf('checkout', 'shop.example', counted, startOf(1_200));
    expect(read.length).toBeGreaterThan(160);
    expect(read.length).toBeLessThan(330);
    read.length = 0;
    shiftsOf('checkout', 'shop.example', counted, startOf(1_200));
    expect(read).toEqual([]);
  });

  it('look at runs by time, the oldest first, none twice', () => {
    const runs = shiftRuns('checkout', 'shop.example', storeWith(row(1_200)), startOf(1_200));
    const starts = runs.map(({ startUnixNano }) => Number(startUnixNano));
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(new Set(runs.map(({ traceId }) => traceId)).size).toBe(runs.length);
  });
});

describe('what is usual', () => {
  it('is told for cold and warm runs apart, the wall first', () => {
    const store = storeWith(
      Array.from({ length: 20 }, (_, at) => runAt({ at, conditions: at % 2 === 0 ? 'cold' : 'warm' })),
    );
    const { usual, shifts } = journeyNormal('checkout', 'shop.example', store, startOf(20));
    expect(shifts).toEqual([]);
    expect(usual.map(({ conditions, runs }) => [conditions, runs])).toEqual([
      ['cold', 10],
      ['warm', 10],
    ]);
    expect(usual[0]!.rows.slice(0, 3).map(({ step, layer }) => [step, layer])).toEqual([
      [null, null],
      [null, 'browser'],
      [null, 'dns'],
    ]);
    const db = usual[0]!.rows.find(({ step, layer }) => step === 'Pay' && layer === 'db')!;
    expect(db.medianNs / 1e6).toBeCloseTo(25, -0.5);
    expect(db.p95Ns).toBeGreaterThanOrEqual(db.p75Ns);
  });

  it('of a layer that changed is what it took since', () => {
    const { usual } = journeyNormal('checkout', 'shop.example', storeWith(row(60, 50)), startOf(60));
    const rows = usual[0]!.rows.filter(({ step }) => step === 'Pay');
    expect(rows.find(({ layer }) => layer === 'db')).toMatchObject({ runs: 10 });
    expect(rows.find(({ layer }) => layer === 'service')).toMatchObject({ runs: 60 });
  });
});

describe('marks', () => {
  it('are kept once, listed newest first, and forgotten by name', () => {
    const store = openStore(':memory:');
    for (const unixMs of [1_000, 3_000, 3_000]) keepMark({ name: 'v1', unixMs }, store);
    keepMark({ name: 'v2', unixMs: 2_000 }, store);
    expect(marksIn(store).map(({ name, unixMs }) => `${name} ${unixMs}`)).toEqual([
      'v1 3000',
      'v2 2000',
      'v1 1000',
    ]);
    expect(dropMarks('v1', store)).toBe(2);
    expect(marksIn(store)).toEqual([{ name: 'v2', unixMs: 2_000 }]);
  });
});

describe('conditions of a run', () => {
  const run = (conditions?: object) =>
    reported('run', undefined, 0, 100, {
      type: 'run',
      layer: 'browser',
      attributes: conditions ? { 'headwater.run.conditions': JSON.stringify(conditions) } : {},
    });

  it.each([
    [undefined, 'unknown'],
    [{ cache: 'cold', dns: 'forward', viewport: { width: 1, height: 1 }, trusted: ['a'] }, 'cold'],
    [{ cache: 'cold', dns: 'iterative=127.0.0.1:5353' }, 'cold, DNS iterative'],
    [{ cache: 'warm', connections: 'cold', cpuSlowdown: 4 }, 'cold, cache warm, CPU 4× slower'],
    [
      { cache: 'off', network: { latencyMs: 40, downloadBytesPerS: 1000, uploadBytesPerS: -1 } },
      'off, network +40 ms, 1000/-1 B/s',
    ],
  ])('%o: %s', (conditions, words) => expect(runConditions([run(conditions)])).toBe(words));
});
