/** What a journey's last runs say of its goals that somebody should know. */
import { describe, expect, it } from 'vitest';
import { errorBudgetOf } from '../../../src/analyse/goals/error-budget.ts';
import { goalSignals } from '../../../src/analyse/goals/goal-signals.ts';
import type { JourneyGoals } from '../../../src/model/goals.ts';
import type { RunOutcome } from '../../../src/model/journey.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, outcome, START_MS } from './synthetic-runs.ts';

const EVERY_MS = 5 * MINUTE_MS;
const LOCK = { layer: 'db', component: 'postgresql:5432', cause: 'db.lock_wait' } as const;
const good: Partial<RunOutcome> = {};
const slow: Partial<RunOutcome> = {
  wallNs: 1_500e6,
  healthy: false,
  blamed: LOCK,
  layers: { browser: 400e6, db: 1_100e6 },
};
const failed: Partial<RunOutcome> = {
  status: 'failed',
  healthy: false,
  blamed: LOCK,
  sentence: 'buy failed in step “Pay” after 600 ms: it waited for a lock.',
  steps: [{ name: 'Pay', status: 'failed', wallNs: 600e6, layers: { db: 600e6 } }],
};

/** One run every five minutes, the last one now. */
function signals(goals: JourneyGoals | undefined, ...runs: readonly Partial<RunOutcome>[]) {
  const outcomes = runs.map((more, n) => outcome(n + 1, (n + 1) * EVERY_MS, more));
  return goalSignals('buy', 'shop.example', goals, outcomes, START_MS + runs.length * EVERY_MS);
}
const times = (count: number, more: Partial<RunOutcome>) => Array.from({ length: count }, () => more);
const started = (n: number) => START_MS + n * EVERY_MS;

describe('a journey that fails', () => {
  it('is told of from its second failed run in a row on, with the part that is blamed', () => {
    expect(signals(undefined, good, failed, good, failed)).toEqual([]);
    expect(signals(undefined, good, failed, good, failed, failed)).toEqual([
      {
        kind: 'failing',
        key: '["failing","buy","shop.example",null,""]',
        severity: 'page',
        journey: 'buy',
        site: 'shop.example',
        step: 'Pay',
        guilty: { ...LOCK, component: 'postgresql' },
        sinceUnixMs: started(4),
        sentence: 'buy fails: 2 runs in a row: lock wait in postgresql.',
        evidence: failed.sentence,
        change: '3 of the last 5 runs failed',
        next: expect.stringMatching(/^Compare run 0{8} with 0{8}/),
        traceId: '5'.padStart(32, '0'),
        usualTraceId: '3'.padStart(32, '0'),
      },
    ]);
  });

  it('is well again with the first run that is', () => {
    expect(signals(undefined, failed, failed, failed, good)).toEqual([]);
  });

  it('names nobody when nobody saw why', () => {
    const blind = {
      ...failed,
      blamed: { layer: 'unknown', component: 'nobody saw it', cause: 'unknown' },
    } as const;
    expect(signals(undefined, blind, blind)[0]).not.toHaveProperty('guilty');
  });

  it('counts neither runs under way nor the order they are given in', () => {
    const runs = [failed, failed, { ...good, status: 'running' as const }];
    const outcomes = runs.map((more, n) => outcome(n, n * EVERY_MS, more)).reverse();
    expect(goalSignals('buy', 'shop.example', undefined, outcomes, started(9))).toHaveLength(1);
  });
});

describe('a budget', () => {
  const goals: JourneyGoals = {
    budgets: [
      { step: null, of: 'total', allowedNs: 1_000e6 },
      { step: null, of: 'browser', allowedNs: 390e6 },
    ],
  };
  const onlyTotal = { budgets: goals.budgets.slice(0, 1) };

  it('broken once, or twice of five, is told to nobody', () => {
    expect(signals(onlyTotal, ...times(9, good), slow)).toEqual([]);
    expect(signals(onlyTotal, ...times(9, good), slow, slow)).toEqual([]);
  });

  it('broken by most of the last runs is one ticket each, since the first of them', () => {
    const found = signals(onlyTotal, ...times(5, good), slow, good, slow, slow);
    expect(found).toMatchObject([
      {
        kind: 'budget',
        key: '["budget","buy","shop.example",null,"total"]',
        severity: 'ticket',
        step: null,
        guilty: { ...LOCK, component: 'postgresql' },
        sinceUnixMs: started(6),
        sentence: 'buy is over its budget for the whole run: 1.50 s, and 1.00 s is allowed.',
        evidence: '3 of the last 5 runs that ended well took more; 1.50 s is their median.',
        change: '+500 ms over the budget',
        usualTraceId: '5'.padStart(32, '0'),
      },
    ]);
  });

  it('of a layer blames only that layer', () => {
    const [total, browser] = signals(goals, ...times(5, good), ...times(5, slow));
    expect(total?.guilty?.layer).toBe('db');
    expect(browser).toMatchObject({
      sentence: expect.stringContaining('browser: 400 ms, and 390 ms is allowed'),
    });
    expect(browser).not.toHaveProperty('guilty');
  });

  it('is kept again when most of the last runs are', () => {
    expect(signals(onlyTotal, ...times(9, slow), good, good)).toHaveLength(1);
    expect(signals(onlyTotal, ...times(9, slow), good, good, good)).toEqual([]);
  });

  it('is not judged by runs that failed', () => {
    const quick = { ...failed, wallNs: 2_000e6 };
    expect(signals(onlyTotal, slow, slow, quick, good).map(({ kind }) => kind)).toEqual([]);
  });
});

describe('an error budget', () => {
  const goals: JourneyGoals = { budgets: [], objective: { okPercent: 99.5, withinNs: 1_000e6, days: 28 } };

  it('that burns is one signal under one key, a page first and a ticket later', () => {
    const outage = [...times(600, good), ...times(12, slow)];
    const [page, ...more] = signals(goals, ...outage);
    expect(more).toEqual([]);
    expect(page).toMatchObject({
      kind: 'burn_rate',
      severity: 'page',
      guilty: { ...LOCK, component: 'postgresql' },
      sinceUnixMs: started(601),
      sentence: 'buy uses up its error budget 200 × too fast: lock wait in postgresql.',
      evidence: expect.stringMatching(
        /^12 of 12 runs in 1 h were bad \(99\.5 % must end well within 1\.00 s\); /,
      ),
      change: expect.stringMatching(/^the error budget is used up \(12 bad runs of 3\.1 allowed\)$/),
    });
    const [ticket] = signals(goals, ...outage, ...times(40, good));
    expect(ticket).toMatchObject({ severity: 'ticket', key: page?.key });
    expect(signals(goals, ...outage, ...times(80, good))).toEqual([]);
  });

  it('says what is left, and which layer took what is gone', () => {
    const runs = Array.from({ length: 8_000 }, (_, n) => {
      const more =
        n % 500 === 0 ? slow : n === 7_777 ? failed : n === 100 ? { ...failed, blamed: undefined } : good;
      return outcome(n, n * EVERY_MS, more as Partial<RunOutcome>);
    });
    const budget = errorBudgetOf(runs, goals.objective!, START_MS + 8_000 * EVERY_MS);
    expect(budget).toMatchObject({ runs: 8_000, bad: 18, allowed: expect.closeTo(40, 9) });
    expect(budget.leftShare).toBeCloseTo(0.55, 9);
    expect(budget.layers).toEqual([
      { layer: 'db', bad: 17, share: expect.closeTo(17 / 40, 9) },
      { layer: 'unknown', bad: 1, share: expect.closeTo(1 / 40, 9) },
    ]);
    const used = budget.layers.reduce((sum, { share }) => sum + share, 0);
    expect(budget.leftShare).toBeCloseTo(1 - used, 9);
  });

  it('forgets what is older than its days, and is whole when nothing ran', () => {
    const old = [outcome(1, 0, failed), outcome(2, HOUR_MS, good)];
    const at = (days: number) => errorBudgetOf(old, goals.objective!, START_MS + days * DAY_MS);
    expect(at(1)).toMatchObject({ runs: 2, bad: 1, leftShare: expect.closeTo(-99, 6) });
    expect(at(28)).toMatchObject({ runs: 1, bad: 0, leftShare: 1 });
    expect(at(30)).toMatchObject({ runs: 0, bad: 0, leftShare: 1, layers: [] });
  });
});
