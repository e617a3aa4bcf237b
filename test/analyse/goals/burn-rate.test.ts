/**
 * Burn-rate alerts over synthetic months, against the formulas of the SRE workbook, chapter 5 ("Alerting on SLOs"):
 *
 *   detection time = (1 − SLO) ÷ error ratio × long window × burn rate        (never, when the error ratio is too low)
 *   reset time     = short window × (1 − burn rate × (1 − SLO) ÷ error ratio)  after the last error
 *
 * The second follows from "the short window's average drops below the threshold".
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  burnPolicies,
  burnWindows,
  LEAST_BAD_RUNS,
  LEAST_SHORT_RUNS,
} from '../../../src/analyse/goals/burn-rate.ts';
import { RunTally, startMsOf } from '../../../src/analyse/goals/run-tally.ts';
import type { Objective } from '../../../src/model/goals.ts';
import { DAY_MS, HOUR_MS, type Incident, MINUTE_MS, month, run, START_MS } from './synthetic-runs.ts';

/** The workbook's table for 99.9 % over 30 days, as it is printed. */
const WORKBOOK = [
  { severity: 'page', longMs: HOUR_MS, shortMs: 5 * MINUTE_MS, limit: 14.4 },
  { severity: 'page', longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS, limit: 6 },
  { severity: 'ticket', longMs: 3 * DAY_MS, shortMs: 6 * HOUR_MS, limit: 1 },
];
const near = (limit: number) => expect.closeTo(limit, 9) as number;

describe('the policies', () => {
  it('are those of the workbook for 30 days', () => {
    expect(burnPolicies(30)).toEqual(WORKBOOK.map((row) => ({ ...row, limit: near(row.limit) })));
  });

  it('keep their windows and follow the period with their rates, never below 1', () => {
    const limits = (days: number) => burnPolicies(days).map(({ limit }) => limit);
    expect(limits(28)).toEqual([13.44, 5.6, 1].map(near));
    expect(limits(7)).toEqual([3.36, 1.4, 1].map(near));
    expect(limits(90)).toEqual([43.2, 18, 3].map(near));
  });
});

/** When each policy fires and is over again, looked at every so often. Since START_MS. */
function firings(incidents: readonly Incident[], objective: Objective, everyMs: number) {
  const tally = new RunTally(month(objective.days, everyMs, incidents), objective);
  const found: { fromMs: number; untilMs?: number }[][] = burnPolicies(objective.days).map(() => []);
  for (let atMs = everyMs; atMs <= objective.days * DAY_MS; atMs += everyMs)
    for (const [i, { isFiring }] of burnWindows(tally, objective, START_MS + atMs).entries()) {
      const last = found[i]!.at(-1);
      const wasFiring = last !== undefined && last.untilMs === undefined;
      if (isFiring && !wasFiring) found[i]!.push({ fromMs: atMs });
      if (!isFiring && wasFiring) last.untilMs = atMs;
    }
  return found;
}

describe('with dense traffic, a run every ten seconds for 30 days', () => {
  const EVERY_MS = 10_000;
  const objective: Objective = { okPercent: 99.9, days: 30 };
  const allowed = 0.001;
  /**
   * Four days apart at least, so that the longest window has forgotten the one before. So frequent that each short
   * window holds more than one bad run: with fewer, whole runs are too coarse for an average.
   */
  const incidents: Incident[] = [
    [4, 10 * MINUTE_MS, 1],
    [8, 40 * MINUTE_MS, 0.15],
    [12, 2 * HOUR_MS, 0.05],
    [17, 9 * HOUR_MS, 0.0125],
    [22, 18 * HOUR_MS, 0.005],
    // Below what is allowed: nobody is told, ever.
    [27, 60 * HOUR_MS, 0.0009],
  ].map(([day = 0, forMs = 0, errorRate = 0]) => ({
    fromMs: day * DAY_MS,
    untilMs: day * DAY_MS + forMs,
    errorRate,
  }));
  const found = firings(incidents, objective, EVERY_MS);

  it.each(WORKBOOK.map((row, i) => ({ ...row, i })))(
    'the $severity at $limit × fires and resolves when the workbook says',
    ({ i, longMs, shortMs, limit }) => {
      const threshold = limit * allowed;
      const expected = incidents
        .filter(({ errorRate }) => errorRate > threshold)
        .map(({ fromMs, untilMs, errorRate }) => ({
          errorRate,
          fromMs: fromMs + (allowed / errorRate) * longMs * limit,
          untilMs: untilMs + shortMs * (1 - threshold / errorRate),
        }));
      expect(found[i]!.length).toBe(expected.length);
      for (const [n, { errorRate, ...times }] of expected.entries()) {
        // Runs are whole: the one bad run more that it takes comes this much later.
        const spacingMs = EVERY_MS / errorRate + EVERY_MS;
        expect(Math.abs(found[i]![n]!.fromMs - times.fromMs)).toBeLessThanOrEqual(spacingMs);
        expect(Math.abs(found[i]![n]!.untilMs! - times.untilMs)).toBeLessThanOrEqual(spacingMs);
      }
    },
  );

  it('finds a full outage in the minutes of the table: 0.9, 2.2 and 4.3', () => {
    const minutes = found.map(([first]) => (first!.fromMs - incidents[0]!.fromMs) / MINUTE_MS);
    expect(minutes).toEqual([1, 2 + 1 / 6, 4 + 1 / 3].map(near));
  });
});

describe('with one run every five minutes', () => {
  const EVERY_MS = 5 * MINUTE_MS;
  const outage: Incident = { fromMs: 10 * DAY_MS, untilMs: 10 * DAY_MS + 12 * HOUR_MS, errorRate: 1 };

  it.each([
    { okPercent: 99.9, days: 30 },
    { okPercent: 99.5, days: 28 },
    { okPercent: 99, days: 30 },
    { okPercent: 95, days: 30 },
    { okPercent: 90, days: 28 },
  ])('an outage under $okPercent % of $days days fires with the run that is one too many', (objective) => {
    const allowed = (100 - objective.okPercent) / 100;
    const found = firings([outage], objective, EVERY_MS);
    for (const [i, { longMs, shortMs, limit }] of burnPolicies(objective.days).entries()) {
      const threshold = limit * allowed;
      if (threshold >= 1) {
        expect(found[i]).toEqual([]);
        continue;
      }
      // How many of the window's runs are one more than it may hold, and how many the short one may still hold.
      const needed = Math.max(LEAST_BAD_RUNS, Math.floor(threshold * (longMs / EVERY_MS) + 1e-9) + 1);
      const shortRuns = Math.max(LEAST_SHORT_RUNS, shortMs / EVERY_MS);
      const wellAgain = Math.ceil(shortRuns * (1 - threshold) - 1e-9);
      expect(found[i]).toEqual([
        { fromMs: outage.fromMs + needed * EVERY_MS, untilMs: outage.untilMs + wellAgain * EVERY_MS },
      ]);
      // Never earlier than with dense traffic, and later by two runs at most.
      const lateMs = needed * EVERY_MS - allowed * longMs * limit;
      expect(lateMs).toBeGreaterThan(0);
      expect(lateMs).toBeLessThanOrEqual(LEAST_BAD_RUNS * EVERY_MS);
    }
  });

  it('a single bad run in a month is told to nobody, whatever the objective', () => {
    const single = { fromMs: 10 * DAY_MS, untilMs: 10 * DAY_MS + EVERY_MS, errorRate: 1 };
    expect(firings([single], { okPercent: 99.99, days: 30 }, EVERY_MS)).toEqual([[], [], []]);
  });

  it('every second run bad is one alert, not one each ten minutes', () => {
    const flapping = { ...outage, errorRate: 0.5 };
    const found = firings([flapping], { okPercent: 99.5, days: 28 }, EVERY_MS);
    expect(found.map((alerts) => alerts.length)).toEqual([1, 1, 1]);
  });

  it.each([4, 5, 6])(
    'one bad run in %i is one page from its third on, for the six hours hold what the hour forgets',
    (n) => {
      const objective = { okPercent: 99.5, days: 28 };
      const tally = new RunTally(month(28, EVERY_MS, [{ ...outage, errorRate: 1 / n }]), objective);
      const isPaging = (atMs: number) =>
        burnWindows(tally, objective, START_MS + atMs).some((one) => one.isFiring && one.severity === 'page');
      const thirdMs = outage.fromMs + 3 * n * EVERY_MS;
      expect(isPaging(thirdMs - EVERY_MS)).toBe(false);
      for (let atMs = thirdMs; atMs <= outage.untilMs; atMs += EVERY_MS) expect(isPaging(atMs)).toBe(true);
    },
  );

  it('a slow burn that keeps the objective is told to nobody', () => {
    const slow = { fromMs: 0, untilMs: 28 * DAY_MS, errorRate: 0.004 };
    expect(firings([slow], { okPercent: 99.5, days: 28 }, EVERY_MS)).toEqual([[], [], []]);
  });
});

describe('with few runs', () => {
  const objective: Objective = { okPercent: 99, days: 28 };
  const windows = (runs: ReturnType<typeof month>, atMs: number) =>
    burnWindows(new RunTally(runs, objective), objective, START_MS + atMs);

  it('an hourly journey pages through six hours, with its second bad run', () => {
    const runs = month(28, HOUR_MS, [{ fromMs: 5 * DAY_MS, untilMs: 6 * DAY_MS, errorRate: 1 }]);
    const firing = (hours: number) =>
      windows(runs, 5 * DAY_MS + hours * HOUR_MS).map(({ isFiring }) => isFiring);
    expect(firing(1)).toEqual([false, false, false]);
    expect(firing(2)).toEqual([false, true, true]);
  });

  it('an alert does not outlive its long window when no run comes any more', () => {
    const runs = [run(0, 'failed'), run(MINUTE_MS, 'failed')];
    expect(windows(runs, MINUTE_MS)[0]?.isFiring).toBe(true);
    expect(windows(runs, HOUR_MS + 2 * MINUTE_MS)[0]).toMatchObject({ isFiring: false, long: { runs: 0 } });
  });

  it('without any run nothing burns', () => {
    expect(windows([], 0).map(({ long }) => long.burn)).toEqual([0, 0, 0]);
  });

  it('says which alerts cannot come under a low objective', () => {
    const low = burnWindows(new RunTally([], objective), { okPercent: 90, days: 28 }, START_MS);
    expect(low.map(({ isReachable }) => isReachable)).toEqual([false, true, true]);
  });
});

describe('a tally', () => {
  it('counts any window as a look at every run would', () => {
    const anyRun = fc
      .record({ atMs: fc.integer({ min: 0, max: 50 }), isBad: fc.boolean(), isOn: fc.boolean() })
      .map(({ atMs, isBad, isOn }) => run(atMs, isOn ? 'running' : isBad ? 'failed' : 'ok'));
    const edge = fc.integer({ min: -5, max: 60 });
    fc.assert(
      fc.property(fc.array(anyRun), edge, edge, (runs, after, until) => {
        fc.pre(after <= until);
        const inside = runs.filter(
          (one) =>
            one.status !== 'running' &&
            startMsOf(one) > START_MS + after &&
            startMsOf(one) <= START_MS + until,
        );
        const tally = new RunTally(runs, { okPercent: 99, days: 28 });
        const places = tally.places(START_MS + after, START_MS + until);
        const bad = inside.filter(({ status }) => status === 'failed');
        expect(tally.count(places)).toEqual({ runs: inside.length, bad: bad.length });
        expect(tally.badIn(places).length).toBe(bad.length);
      }),
    );
  });

  it('counts what took too long as bad, and what took exactly as long not', () => {
    const runs = [600e6, 601e6].map((wallNs, i) => run(i, 'ok', { wallNs }));
    const tally = new RunTally(runs, { okPercent: 99, withinNs: 600e6, days: 28 });
    expect(tally.badIn([0, 2]).map(({ wallNs }) => wallNs)).toEqual([601e6]);
  });
});
