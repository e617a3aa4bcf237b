/** What may become a label, and how many series there may be: whatever runs are called. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countRun } from '../../src/metrics/count-run.ts';
import { Guard, type SeriesLimits } from '../../src/metrics/guard.ts';
import { LONGEST_VALUE, labelValue } from '../../src/metrics/label.ts';
import { type JourneyTotals, seriesOf } from '../../src/metrics/totals.ts';
import type { RunOutcome } from '../../src/model/journey.ts';
import { LAYERS } from '../../src/model/layer.ts';

describe('a label’s value', () => {
  it.each([
    ['Pay', 'Pay'],
    ['buy twice, step 2', 'buy twice, step 2'],
    ['GET /item/4711?page=2&sort=asc', 'GET /item/{n}?page&sort'],
    [
      'Open https://u:p@shop.example:8443/item/4711?token=abc#top',
      'Open https://shop.example/item/{n}?token',
    ],
    ['pay invoice 1000234', 'pay invoice {n}'],
    ['run 3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'run {id}'],
    ['trace 4bf92f3577b34da6a3ce929d0e0e4736 again', 'trace {id} again'],
    ['key sk_live_51Hq8Zx2eZvKYlo', 'key {id}'],
    ['two\nlines\u0000', 'two lines'],
    ['half \ud83d of a face', 'half \ufffd of a face'],
  ])('of %j is %j', (name, value) => {
    expect(labelValue(name)).toBe(value);
  });

  const anyId = fc.oneof(
    fc.uuid(),
    fc.uuid().map((id) => id.replaceAll('-', '')),
    fc.integer({ min: 10_000, max: 2 ** 31 }).map(String),
  );
  const anyName = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .tuple(fc.string({ maxLength: 10 }), anyId, fc.string({ maxLength: 10 }))
      .map((parts) => parts.join(' ')),
    fc.tuple(fc.webUrl({ withQueryParameters: true }), anyId).map((parts) => parts.join('/')),
  );

  it('is short, of one line and well formed, and the same when it is asked for again', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const value = labelValue(name);
        expect([...value].length).toBeLessThanOrEqual(LONGEST_VALUE);
        expect(value).not.toMatch(/[\p{Cc}\u2028]/u);
        expect(new TextDecoder().decode(new TextEncoder().encode(value))).toBe(value);
      }),
    );
  });

  it('holds no ID', () => {
    fc.assert(
      fc.property(fc.constantFrom('run ', 'GET /a/', 'https://x.example/a?b='), anyId, (before, id) => {
        expect(labelValue(`${before}${id}`)).not.toContain(id);
        expect(labelValue(`${before}${id}`)).not.toMatch(/\d{5}|[0-9a-f]{32}/);
      }),
    );
  });
});

const anyOutcome: fc.Arbitrary<RunOutcome> = fc.record({
  traceId: fc.constant('a'.repeat(32)),
  journey: fc.constantFrom('a', 'b', 'c', 'd', '__proto__'),
  site: fc.constantFrom('x', 'y', 'z'),
  status: fc.constantFrom('ok', 'failed'),
  startUnixNano: fc.constant('1795333153872950123'),
  wallNs: fc.nat(200e9),
  layers: fc.constant({}),
  sentence: fc.constant(''),
  healthy: fc.boolean(),
  steps: fc.array(
    fc.record({
      name: fc.constantFrom('1', '2', '3', '4', '__proto__', 'constructor'),
      status: fc.constantFrom('ok', 'failed'),
      wallNs: fc.nat(1e9),
      layers: fc.dictionary(fc.constantFrom(...LAYERS), fc.nat(1e9)),
    }),
    { maxLength: 5 },
  ),
});

/** Counts all of them, and tells the totals after each. */
function counted(runs: readonly RunOutcome[], limits: SeriesLimits) {
  const all = new Map<string, JourneyTotals>();
  const refused: string[] = [];
  const after = runs.map((run) => {
    const key = JSON.stringify([run.journey, run.site]);
    const guard = new Guard(() => [...all.values()], limits);
    const totals = countRun(run, all.get(key), guard);
    if (totals) all.set(key, totals);
    refused.push(...guard.refused.map(({ label }) => label));
    return [...all.values()];
  });
  return { all: [...all.values()], after, refused };
}

const PLENTY: SeriesLimits = { maxSeries: 1e6, maxValues: 1e6 };
const runsOf = (all: readonly JourneyTotals[]) =>
  all.reduce((sum, { statuses }) => sum + (statuses.ok?.count ?? 0) + (statuses.failed?.count ?? 0), 0);

describe('the guard', () => {
  it('lets in no more than the bounds, and says no to something when runs are missing', () => {
    fc.assert(
      fc.property(
        fc.array(anyOutcome, { maxLength: 30 }),
        fc.record({ maxSeries: fc.integer({ min: 1, max: 120 }), maxValues: fc.integer({ min: 1, max: 4 }) }),
        (runs, limits) => {
          const { all, refused } = counted(runs, limits);
          const values = (of: (totals: JourneyTotals) => readonly string[]) => new Set(all.flatMap(of)).size;
          expect(all.reduce((sum, totals) => sum + seriesOf(totals), 0)).toBeLessThanOrEqual(
            limits.maxSeries,
          );
          expect(values(({ journey }) => [journey])).toBeLessThanOrEqual(limits.maxValues);
          expect(values(({ site }) => [site])).toBeLessThanOrEqual(limits.maxValues);
          expect(values(({ steps }) => steps.map(({ step }) => step))).toBeLessThanOrEqual(limits.maxValues);
          expect(runsOf(all) < runs.length).toBe(refused.some((label) => /journey|site|status/.test(label)));
        },
      ),
    );
  });

  it('counts all when there is room, and never takes anything back', () => {
    fc.assert(
      fc.property(fc.array(anyOutcome, { minLength: 1, maxLength: 30 }), (runs) => {
        const { all, after, refused } = counted(runs, PLENTY);
        expect(refused).toEqual([]);
        expect(runsOf(all)).toBe(runs.length);
        const wallNs = runs.reduce((sum, run) => sum + run.wallNs, 0);
        const sums = all.flatMap(({ statuses }) => Object.values(statuses).map(({ sumNs }) => sumNs));
        expect(sums.reduce((a, b) => a + b, 0)).toBe(wallNs);
        after.slice(1).forEach((totals, i) => {
          expect(runsOf(totals)).toBe(runsOf(after[i]!) + 1);
          for (const before of after[i]!)
            for (const { step, layers } of before.steps)
              for (const { layer, sumNs } of layers) {
                const own = totals.find(
                  ({ journey, site }) => journey === before.journey && site === before.site,
                );
                const now = own?.steps
                  .find((one) => one.step === step)
                  ?.layers.find((one) => one.layer === layer);
                expect(now?.sumNs).toBeGreaterThanOrEqual(sumNs);
              }
        });
      }),
    );
  });

  it('names the label that has too many values before the sum of all', () => {
    const run = (site: string): RunOutcome => ({
      ...fc.sample(anyOutcome, 1)[0]!,
      journey: 'a',
      site,
      steps: [],
    });
    expect(counted([run('x'), run('y')], { ...PLENTY, maxValues: 1 }).refused).toEqual(['site']);
    expect(counted([run('x'), run('y')], { ...PLENTY, maxSeries: 16 }).refused).toEqual(['site']);
  });
});
