import { describe, expect, it } from 'vitest';
import { compareWithUsual } from '../../../src/analyse/compare/usual.ts';
import { normalOf } from '../../../src/analyse/normal.ts';
import type { Layer } from '../../../src/model/layer.ts';
import type { LedgerEntry } from '../../../src/model/report.ts';
import { runView } from '../../fixtures/run-view.ts';

const entry = (layer: Layer, cause: string, ms: number): LedgerEntry => ({
  layer,
  component: `${layer}:80`,
  cause,
  ns: ms * 1e6,
  evidence: 'measured',
  spanIds: ['s1'],
});
const runOf = (ledger: readonly LedgerEntry[]) => {
  const wallNs = ledger.reduce((sum, { ns }) => sum + ns, 0);
  const step = { name: 'Buy', spanId: 's0', status: 'ok' as const, startNs: 0, wallNs, ledger };
  const { report } = runView();
  return { report: { ...report, wallNs, ledger, steps: [step] } };
};
const earlier = [100, 101, 102, 103, 104].map(
  (db, i) =>
    runOf([
      entry('db', 'db.query', db),
      entry('dns', 'dns.resolve', 10 - i),
      entry('service', 'service.work', 50),
    ]).report,
);
const normal = normalOf(earlier)!;

describe('a run against what is usual', () => {
  const comparison = compareWithUsual(
    runOf([
      entry('db', 'db.query', 402),
      entry('service', 'service.work', 50),
      entry('tls', 'tls.handshake', 8),
    ]),
    normal,
  );

  it('says what is more than the median, and what is missing', () => {
    const deltas = comparison.parts.map(({ cause, deltaNs }) => [cause, deltaNs / 1e6]);
    expect(deltas).toEqual([
      ['db.query', 300],
      ['dns.resolve', -8],
      ['tls.handshake', 8],
      ['service.work', 0],
    ]);
    expect(comparison.sentence).toBe(
      'This run took 460 ms, 300 ms slower than what is usual (160 ms): +300 ms db in db; 100 % of the shift.'.replace(
        'db in db',
        'query in db',
      ),
    );
  });

  it('knows no spans, and says so by having none', () => {
    expect(comparison.spans).toBeNull();
    expect(comparison.b).toMatchObject({ kind: 'usual', traceId: null, runs: 5 });
  });

  it('tells what medians leave over instead of hiding it', () => {
    const parts = comparison.parts.reduce((sum, { deltaNs }) => sum + deltaNs, 0);
    expect(parts + comparison.restNs).toBe(comparison.deltaNs);
    const uneven = normalOf(
      [
        [10, 90],
        [20, 10],
        [30, 50],
        [40, 20],
        [90, 40],
      ].map(
        ([db = 0, dns = 0]) => runOf([entry('db', 'db.query', db), entry('dns', 'dns.resolve', dns)]).report,
      ),
    )!;
    const rest = compareWithUsual(runOf([entry('db', 'db.query', 30)]), uneven);
    expect(rest.restNs).not.toBe(0);
    expect(rest.parts.reduce((sum, { deltaNs }) => sum + deltaNs, 0) + rest.restNs).toBe(rest.deltaNs);
  });

  it('goes step by step', () => {
    expect(comparison.steps).toMatchObject([{ name: 'Buy', kind: 'both', aNs: 460e6, bNs: 160e6 }]);
  });
});
