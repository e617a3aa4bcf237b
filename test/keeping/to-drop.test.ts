/** What goes, in which order, and what never does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOf } from '../../src/analyse/keeping/notable.ts';
import { standsOut } from '../../src/analyse/keeping/stands-out.ts';
import { FRESH_RUNS, toDrop } from '../../src/analyse/keeping/to-drop.ts';
import { type Drop, KEEP_ALL, KEPT_PARTS, type KeepPolicy, type KeptRun } from '../../src/model/keeping.ts';
import type { RunReport } from '../../src/model/report.ts';
import { traceIdOf, viewOf } from './fill.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1_795_333_153_000;
const POLICY: KeepPolicy = { days: 30, failedDays: 90, ordinary: 0, sizeBytes: 1e9 };

const run = (n: number, daysAgo: number, rest: Partial<KeptRun> = {}): KeptRun => ({
  traceId: traceIdOf(n),
  journey: 'look',
  site: 'shop.example',
  status: 'ok',
  healthy: true,
  standsOut: false,
  atUnixMs: NOW_MS - daysAgo * DAY_MS,
  bytes: { files: 100, spans: 10, report: 1 },
  ...rest,
});
/** As many as hide what is older from being fresh. */
const fresh = Array.from({ length: FRESH_RUNS }, (_, i) => run(1_000 + i, 0.001 * i));
const told = (drops: readonly Drop[]) =>
  drops.map(({ traceId, part, by }) => `${Number.parseInt(traceId, 16)} ${part} ${by}`);
const goes = (runs: readonly KeptRun[], policy = POLICY, given = {}) =>
  told(toDrop([...fresh, ...runs], policy, NOW_MS, given));

describe('by age and share', () => {
  it('ordinary runs keep their report, and their spans when they are in the share', () => {
    expect(goes([run(1, 1)])).toEqual(['1 files ordinary', '1 spans ordinary']);
    expect(goes([run(1, 1)], { ...POLICY, ordinary: 1 })).toEqual([]);
    expect(goes([run(1, 31)], { ...POLICY, ordinary: 1 })).toEqual(['1 files days', '1 spans days']);
  });

  it('what failed, had a problem or came first after a mark is kept longer', () => {
    const failed = run(1, 31, { status: 'failed', healthy: false, standsOut: true });
    const slow = run(2, 31, { standsOut: true });
    expect(goes([failed, slow, run(3, 31)])).toEqual(['3 files days', '3 spans days']);
    const markedUnixMs = [NOW_MS - 50 * DAY_MS];
    const marked = Array.from({ length: 7 }, (_, i) => run(i + 1, 40 - i));
    expect(goes(marked, POLICY, { markedUnixMs })).toEqual(
      [6, 7].flatMap((n) => [`${n} files days`, `${n} spans days`]),
    );
    expect(goes([run(1, 91, { status: 'failed', healthy: false, standsOut: true })])).toEqual([
      '1 files failedDays',
      '1 spans failedDays',
      '1 report failedDays',
    ]);
  });

  it('the last runs of each journey at each site stay, in the end with their report alone', () => {
    const old = Array.from({ length: 2 }, (_, i) => run(i, 80 + i, { journey: 'rare' }));
    expect(goes(old)).toEqual([]);
    expect(goes([run(7, 400, { site: 'staging.example' })])).toEqual([
      '7 files failedDays',
      '7 spans failedDays',
    ]);
  });

  it('a live run stays, one that a process left a day ago does not; loose spans wait for an hour', () => {
    const running = { status: 'running', healthy: false } as const;
    expect(goes([run(1, 0.5, running), run(2, 91, running)])).toEqual([
      '2 files failedDays',
      '2 spans failedDays',
      '2 report failedDays',
    ]);
    const loose = {
      status: 'loose',
      healthy: false,
      journey: '',
      bytes: { files: 0, spans: 5, report: 0 },
    } as const;
    expect(goes([run(1, 0.01, loose), run(2, 1, loose), run(3, 31, loose)])).toEqual(['3 spans days']);
    expect(goes([run(1, 0.01, loose), run(2, 1, loose)], POLICY, { overBytes: 1 })).toEqual(['2 spans size']);
  });

  it('what an open alert names stays', () => {
    const given = { needed: new Set([traceIdOf(1)]), overBytes: 1e6 };
    const drops = goes([run(1, 400), run(2, 400)], POLICY, given);
    expect(drops.filter((drop) => drop.startsWith('1 '))).toEqual([]);
    expect(drops).toContain('2 report failedDays');
  });
});

describe('by size', () => {
  const bad = { status: 'failed', healthy: false, standsOut: true } as const;
  const runs = [run(1, 3, bad), run(2, 2), run(3, 1), run(4, 4)];
  const over = (overBytes: number) => goes(runs, KEEP_ALL, { overBytes });

  it('artifacts go before spans, ordinary before failed, oldest first, and no more than must', () => {
    expect(over(1)).toEqual(['4 files size']);
    expect(over(301)).toEqual(['4 files size', '2 files size', '3 files size', '4 spans size']);
    expect(over(430).slice(6)).toEqual(['1 files size']);
    expect(over(431).slice(6)).toEqual(['1 files size', '1 spans size']);
    expect(over(441).slice(8)).toEqual(['4 report size']);
  });

  it('the last runs give their files and spans when nothing else is left, and never the reports normal is learned from', () => {
    const all = toDrop(fresh, KEEP_ALL, NOW_MS, { overBytes: 1e9 });
    expect(all.filter(({ part }) => part === 'report')).toEqual([]);
    expect(all).toHaveLength(2 * FRESH_RUNS);
  });
});

const anyRun = fc.record({
  traceId: fc.integer({ min: 0, max: 60 }).map(traceIdOf),
  journey: fc.constantFrom('look', 'buy', ''),
  site: fc.constantFrom('a', 'b'),
  status: fc.constantFrom('ok', 'failed', 'running', 'loose'),
  healthy: fc.boolean(),
  standsOut: fc.boolean(),
  atUnixMs: fc.integer({ min: NOW_MS - 200 * DAY_MS, max: NOW_MS }),
  bytes: fc.record({ files: fc.nat(100), spans: fc.nat(100), report: fc.nat(10) }),
});
const anyRuns = fc.uniqueArray(anyRun, { selector: ({ traceId }) => traceId, maxLength: 60 });
const anyPolicy = fc.record({
  days: fc.integer({ min: 1, max: 60 }),
  failedDays: fc.integer({ min: 60, max: 180 }),
  ordinary: fc.double({ min: 0, max: 1, noNaN: true }),
  sizeBytes: fc.constant(1e9),
});

describe('whatever there is', () => {
  it('nothing goes twice, nothing that is not there, and the order of the runs does not matter', () => {
    fc.assert(
      fc.property(anyRuns, anyPolicy, fc.nat(5_000), (runs, policy, overBytes) => {
        const drops = toDrop(runs, policy, NOW_MS, { overBytes });
        expect(new Set(drops.map(({ traceId, part }) => `${traceId} ${part}`)).size).toBe(drops.length);
        for (const { traceId, part, bytes } of drops) {
          expect(runs.find((one) => one.traceId === traceId)?.bytes[part]).toBe(bytes);
          expect(bytes).toBeGreaterThan(0);
        }
        expect(toDrop([...runs].reverse(), policy, NOW_MS, { overBytes })).toEqual(drops);
      }),
    );
  });

  it('enough goes, or all that may', () => {
    fc.assert(
      fc.property(anyRuns, fc.nat(8_000), (runs, overBytes) => {
        const drops = toDrop(runs, KEEP_ALL, NOW_MS, { overBytes });
        const all = toDrop(runs, KEEP_ALL, NOW_MS, { overBytes: Number.POSITIVE_INFINITY });
        const bytes = drops.reduce((sum, drop) => sum + drop.bytes, 0);
        if (bytes < overBytes) expect(drops).toEqual(all);
        const last = drops.at(-1);
        if (last) expect(bytes - last.bytes).toBeLessThan(overBytes);
      }),
    );
  });

  it('when it is done, there is nothing more to do', () => {
    fc.assert(
      fc.property(anyRuns, anyPolicy, (runs, policy) => {
        const gone = new Set(toDrop(runs, policy, NOW_MS).map(({ traceId, part }) => `${traceId} ${part}`));
        const left = runs.map((one) => {
          const bytes = KEPT_PARTS.map((part) => [
            part,
            gone.has(`${one.traceId} ${part}`) ? 0 : one.bytes[part],
          ]);
          return { ...one, bytes: Object.fromEntries(bytes) };
        });
        expect(toDrop(left, policy, NOW_MS)).toEqual([]);
      }),
    );
  });
});

describe('what stands out', () => {
  const { report } = viewOf(traceIdOf(1), { atUnixMs: NOW_MS });
  const verdict = (rest: Partial<RunReport['verdict']>) => ({
    ...report,
    verdict: { ...report.verdict, ...rest },
  });
  const slow = {
    layer: 'db',
    component: 'postgresql',
    cause: 'db.lock_wait',
    ns: 90e6,
    evidence: 'measured',
  } as const;

  it('is not what went well and as usual', () => {
    expect(standsOut(report)).toBe(false);
    expect(standsOut(verdict({ usual: { runs: 9, wallNs: report.wallNs, ns: 1 } }))).toBe(false);
  });

  it.each([
    ['failed', { ...report, status: 'failed' as const }],
    ['had a problem', { ...report, ledger: [{ ...slow, spanIds: [] }] }],
    ['blames somebody for more than usual', verdict({ confidence: 'likely' })],
    ['was slower than usual', verdict({ usual: { runs: 9, wallNs: report.wallNs / 2, ns: 1 } })],
  ])('is what %s', (_, odd) => {
    expect(standsOut(odd)).toBe(true);
  });
});

describe('the share', () => {
  it.each([0.1, 0.5])('of %d is about that many, also of IDs that are counted up', (share) => {
    const kept = Array.from({ length: 5_000 }, (_, n) => shareOf(traceIdOf(n))).filter((own) => own < share);
    expect(Math.abs(kept.length / 5_000 - share)).toBeLessThan(0.02);
  });

  it('is a number of its own for each trace, always the same', () => {
    fc.assert(
      fc.property(fc.nat(), (n) => {
        const own = shareOf(traceIdOf(n));
        expect(own).toBeGreaterThanOrEqual(0);
        expect(own).toBeLessThan(1);
        expect(shareOf(traceIdOf(n))).toBe(own);
      }),
    );
  });
});
