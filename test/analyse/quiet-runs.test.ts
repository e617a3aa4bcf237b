/**
 * Recorded quiet runs, with the noise of a machine that has other things to do: they blame nobody, whatever their past,
 * and a real slowdown of plain work is still found among their noise.
 */
import { describe, expect, it } from 'vitest';
import { faults } from '../../scenarios/faults/index.ts';
import { excessesOf } from '../../src/analyse/excess.ts';
import { type JudgedRun, normalOf } from '../../src/analyse/normal.ts';
import { treeOf } from '../../src/analyse/tree.ts';
import { verdictOf } from '../../src/analyse/verdict.ts';
import type { LedgerEntry } from '../../src/model/report.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { drawPast, type Past } from '../eval/pasts.ts';
import { plant } from '../eval/planted.ts';
import { randomFrom } from '../eval/random.ts';
import { type RecordedRun, readQuietRuns } from '../fixtures/quiet-runs.ts';
import { readRun, viewOf } from '../fixtures/recorded-run.ts';
import { reported } from '../stitch/reported.ts';

const MS = 1e6;
const runs = readQuietRuns();
const tree = treeOf(stitch([reported('run', undefined, 0, 1, { type: 'run', layer: 'browser' })])!);

/** Ten earlier runs for each, ten times. */
function* besidePasts(
  past: Past,
): Generator<{ run: RecordedRun; normal: NonNullable<ReturnType<typeof normalOf>> }> {
  for (const [i, run] of runs.entries())
    for (let draw = 0; draw < 10; draw++) {
      const normal = normalOf(drawPast(past, runs, run, 10, randomFrom(`${past} ${i} ${draw}`)));
      if (normal) yield { run, normal };
    }
}

const largest = ({ ledger }: JudgedRun, cause: string): LedgerEntry =>
  ledger.filter((entry) => entry.cause === cause).sort((a, b) => b.ns - a.ns)[0]!;

describe.each(['in a row', 'scattered'] as const)('recorded quiet runs beside earlier ones (%s)', (past) => {
  const all = [...besidePasts(past)];

  it('blame nobody', () => {
    expect(all.length).toBeGreaterThan(200);
    const blamed = all.filter(({ run, normal }) => verdictOf(run, tree, normal).confidence !== undefined);
    expect(blamed.length / all.length).toBeLessThanOrEqual(0.01);
  });

  it.each([
    ['service.work', 300, 0.8],
    ['db.execute', 300, 0.8],
    ['network.back', 300, 0.8],
    ['service.work', 200, 0.65],
    ['db.execute', 200, 0.65],
    ['service.work', 100, 0.3],
  ])(
    '%s of %i ms more is found in a share of %f at least, and nothing else is blamed',
    (cause, ms, share) => {
      const found = all.flatMap(({ run, normal }) => {
        const slower = plant(run, largest(run, cause), ms * MS);
        const verdict = verdictOf(slower, tree, normal);
        return verdict.confidence === undefined ? [] : [verdict.cause];
      });
      expect(found.filter((blamed) => blamed === cause).length / all.length).toBeGreaterThanOrEqual(share);
      expect(found.filter((blamed) => blamed !== cause).length / all.length).toBeLessThanOrEqual(0.01);
    },
  );

  it('a known problem of 50 ms comes before all that took longer by chance', () => {
    for (const { run, normal } of all) {
      const entry: LedgerEntry = {
        layer: 'db',
        cause: 'db.lock_wait',
        component: 'postgresql shop',
        ns: 50 * MS,
        evidence: 'measured',
        spanIds: [],
      };
      const locked = { ...run, wallNs: run.wallNs + entry.ns, ledger: [...run.ledger, entry] };
      expect(verdictOf(locked, tree, normal).cause).toBe('db.lock_wait');
    }
  });

  it('a run in which all took longer alike blames nobody', () => {
    for (const { run, normal } of all) {
      const longer = (ledger: readonly LedgerEntry[]) =>
        ledger.map((e) => ({ ...e, ns: Math.round(e.ns * 1.8) }));
      const slow = {
        ...run,
        ledger: longer(run.ledger),
        steps: run.steps.map((s) => ({ ...s, ledger: longer(s.ledger) })),
      };
      expect(excessesOf(slow, normal, true)).toEqual([]);
    }
  });
});

const allRuns = normalOf(runs)!;

describe.each(Object.values(faults))(
  'a recorded run with $name beside quiet ones of another day',
  ({ name, expected }) => {
    it(`is blamed on ${expected.cause}`, () => {
      const { report, trace, lanes } = viewOf(readRun(name));
      const { layer, cause, component, ns, usual } = verdictOf(report, treeOf(trace, lanes), allRuns);
      expect({ layer, cause }).toEqual({ layer: expected.layer, cause: expected.cause });
      if (expected.component !== undefined) expect(component).toContain(expected.component);
      if (usual) expect(ns).toBeGreaterThan(0);
    });
  },
);
