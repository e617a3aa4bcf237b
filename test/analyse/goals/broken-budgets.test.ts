/** Which budgets runs break, and who is guilty. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  brokenBudgets,
  judgeBudgets,
  judgeReports,
  unknownSteps,
} from '../../../src/analyse/goals/broken-budgets.ts';
import { spentNs, spentOf } from '../../../src/analyse/goals/spent.ts';
import type { Budget } from '../../../src/model/goals.ts';
import { LAYERS } from '../../../src/model/layer.ts';
import type { LedgerEntry, StepReport } from '../../../src/model/report.ts';
import { readRun, viewOf } from '../../fixtures/recorded-run.ts';

const entry = (
  layer: LedgerEntry['layer'],
  ms: number,
  cause = `${layer}.other`,
  component: string = layer,
): LedgerEntry => ({ layer, component, cause, ns: ms * 1e6, evidence: 'measured', spanIds: [] });

const step = (name: string, ...ledger: LedgerEntry[]): StepReport => ({
  name,
  spanId: name,
  status: 'ok',
  startNs: 0,
  wallNs: ledger.reduce((sum, { ns }) => sum + ns, 0),
  ledger,
});

function report(...steps: StepReport[]) {
  const ledger = steps.flatMap((one) => one.ledger);
  return {
    status: 'ok' as 'ok' | 'failed',
    wallNs: ledger.reduce((sum, { ns }) => sum + ns, 0),
    ledger,
    steps,
  };
}
const budget = (of: Budget['of'], ms: number, inStep: string | null = null): Budget => ({
  step: inStep,
  of,
  allowedNs: ms * 1e6,
});

/** 1.5 s: a lock of 400 ms in Pay, twice as much normal work of a service in Open. */
const run = report(
  step('Open', entry('browser', 100), entry('service', 900)),
  step('Pay', entry('db', 400, 'db.lock_wait', 'postgresql'), entry('db', 50), entry('browser', 50)),
);

describe('a run', () => {
  it('breaks what it is over, with what it took', () => {
    const broken = brokenBudgets(run, [
      budget('total', 1_400),
      budget('db', 450),
      budget('db', 449, 'Pay'),
      budget('total', 600, 'Pay'),
      budget('dns', 1),
    ]);
    expect(broken.map(({ step, of, actualNs }) => [step, of, actualNs / 1e6])).toEqual([
      [null, 'total', 1_500],
      ['Pay', 'db', 450],
    ]);
  });

  it('blames a known problem before normal work that is not far more', () => {
    const [total, browser] = brokenBudgets(run, [budget('total', 1_000), budget('browser', 1)]);
    expect(total?.guilty).toEqual({
      layer: 'db',
      component: 'postgresql',
      cause: 'db.lock_wait',
      ns: 400e6,
    });
    expect(browser?.guilty).toMatchObject({ layer: 'browser', ns: 150e6 });
  });

  it('does not blame the visitor’s time to think for the whole', () => {
    const thinking = report(step('Read', entry('think', 900), entry('browser', 100)));
    const [total, think] = brokenBudgets(thinking, [budget('total', 500), budget('think', 500)]);
    expect([total?.guilty?.layer, think?.guilty?.layer]).toEqual(['browser', 'think']);
  });

  it('counts steps of one name as one, and does not break a budget of a step that it has not', () => {
    const twice = report(step('Pay', entry('db', 300)), step('Pay', entry('db', 300)));
    const budgets = [budget('total', 500, 'Pay'), budget('total', 1, 'Paid')];
    expect(brokenBudgets(twice, budgets).map(({ actualNs }) => actualNs / 1e6)).toEqual([600]);
    expect(unknownSteps([twice], budgets)).toEqual(['Paid']);
  });

  it('recorded with a lock breaks the database’s budget by the lock', () => {
    const { report: recorded } = viewOf(readRun('db-row-lock'));
    const [broken] = brokenBudgets(recorded, [budget('db', 10)]);
    expect(broken?.guilty).toMatchObject({ layer: 'db', cause: 'db.lock_wait' });
  });

  it('spends in its layers exactly what it took', () => {
    const anyLedger = fc.array(
      fc
        .tuple(fc.constantFrom(...LAYERS), fc.integer({ min: 0, max: 5_000 }))
        .map(([layer, ms]) => entry(layer, ms)),
    );
    fc.assert(
      fc.property(anyLedger, anyLedger, (open, pay) => {
        const spent = spentOf(report(step('Open', ...open), step('Pay', ...pay)));
        for (const inStep of [null, 'Open', 'Pay']) {
          const layers = LAYERS.map((of) => spentNs(spent, { step: inStep, of }) ?? 0);
          expect(layers.reduce((a, b) => a + b, 0)).toBe(spentNs(spent, { step: inStep, of: 'total' }));
        }
      }),
    );
  });
});

describe('several runs', () => {
  const took = (...ms: number[]) => ms.map((each) => report(step('Open', entry('service', each))));
  const [total] = [budget('total', 1_000)];

  it('are judged by their median: one slow run among five breaks nothing', () => {
    const [judged] = judgeReports(took(900, 900, 5_000, 900, 950), [total]);
    expect(judged).toMatchObject({ medianNs: 900e6, over: 1, isBroken: false });
    expect(judged).not.toHaveProperty('guilty');
  });

  it('break it together, and the run in the middle names the guilty one', () => {
    const [judged] = judgeReports(took(900, 1_100, 1_200), [total]);
    expect(judged).toMatchObject({ medianNs: 1_100e6, over: 2, isBroken: true });
    expect(judged?.guilty).toMatchObject({ layer: 'service', ns: 1_100e6 });
  });

  it('that failed are not judged: they were not fast, they stopped early', () => {
    const [slow, failed] = [took(1_100)[0]!, { ...took(10)[0]!, status: 'failed' as const }];
    const [judged] = judgeReports([failed, slow, failed], [total]);
    expect(judged).toMatchObject({ eachNs: [null, 1_100e6, null], medianNs: 1_100e6, isBroken: true });
    expect(judgeReports([failed], [total])[0]).toMatchObject({ medianNs: null, isBroken: false });
  });

  it('break a budget exactly when more than half of an odd number do', () => {
    const anyRuns = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(anyRuns, (ms) => {
        fc.pre(ms.length % 2 === 1);
        const runs = took(...ms).map((one) => ({ ...spentOf(one), status: one.status }));
        const [judged] = judgeBudgets(runs, [total]);
        expect(judged?.isBroken).toBe(judged!.over * 2 > ms.length);
      }),
    );
  });
});
