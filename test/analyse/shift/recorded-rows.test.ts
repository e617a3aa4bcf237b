/** Rows of recorded quiet runs, asked about after every run: the short form of `npm run eval:shift`, with fixed seeds. */
import { describe, expect, it } from 'vitest';
import { isRight, measureFaults } from '../../eval/shift-faults.ts';
import { measureFound, measureQuiet } from '../../eval/shift-measure.ts';
import { WORLDS } from '../../eval/shift-worlds.ts';
import { readRecordedRows } from '../../fixtures/shift-runs.ts';

/** Those that are held out prove what was tuned with the others: npm run eval:shift. */
const HELD_OUT = ['d', 'e', 'f'];
const pool = readRecordedRows()
  .filter(({ name }) => !HELD_OUT.includes(name))
  .flatMap(({ runs }) => runs);

describe.each(WORLDS)('recorded quiet runs (%s)', (world) => {
  const setting = { pool, world, seed: 'test' };

  it('give no false alarm in a hundred', () => {
    const { looks, alarms } = measureQuiet(setting, 100);
    expect(looks).toBe(100);
    expect(alarms.map(({ sentence }) => sentence)).toEqual([]);
  });

  it('show a shift of 100 ms within ten runs, and nearly all within five, in the right layer', () => {
    const found = measureFound(setting, { ms: 100, past: 60, tries: 1 });
    expect(found.planted).toBe(8);
    expect(found.later).toBe(found.planted);
    expect(found.soon).toBeGreaterThanOrEqual(found.planted - 2);
    expect(found.rightLayer).toBe(found.later);
  });
});

describe('real faults of the demo, five runs after they began', () => {
  const some = [
    'dns-slow',
    'tls-no-resumption',
    'lb-queue',
    'service-retry-backoff',
    'db-row-lock',
    'page-redirects',
  ];

  it('are told in the right layer, with their causes', () => {
    const told = measureFaults(pool, some);
    expect(told).toHaveLength(some.length);
    expect(told.filter((one) => !isRight(one))).toEqual([]);
    for (const { fault, first } of told) expect(first!.cause).toBe(fault.expected.cause);
  });
});
