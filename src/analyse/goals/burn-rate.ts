/**
 * Multi-window, multi-burn-rate alerts: Google, The Site Reliability Workbook, chapter 5, "Alerting on SLOs"
 * (https://sre.google/workbook/alerting-on-slos/), approach 6 and its table of recommended parameters:
 *
 * | severity | long window | short window | burn rate | budget used up |
 * |----------|-------------|--------------|-----------|----------------|
 * | page     | 1 hour      | 5 minutes    | 14.4      | 2 %            |
 * | page     | 6 hours     | 30 minutes   | 6         | 5 %            |
 * | ticket   | 3 days      | 6 hours      | 1         | 10 %           |
 *
 * The rates are those of 30 days: share × period ÷ long window. For other periods the windows and shares stay, and the
 * rates follow; never below 1, for who burns slower than that keeps the objective.
 */
import type { BurnRate, BurnWindow, Objective } from '../../model/goals.ts';
import type { Severity } from '../../model/signal.ts';
import type { Counted, RunTally } from './run-tally.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/**
 * The workbook counts requests by the thousand; synthetic runs are few. One bad run of twelve in an hour burns 83 times
 * too fast at 99.9 %, and is still one run: it takes two before anybody is told.
 */
export const LEAST_BAD_RUNS = 2;
/**
 * A short window of five minutes holds one run, or none. It reaches back over at least so many (never further than the
 * long one), so that an alert does not go on and off with every other run.
 */
export const LEAST_SHORT_RUNS = 3;

export interface BurnPolicy {
  readonly severity: Severity;
  readonly longMs: number;
  readonly shortMs: number;
  readonly limit: number;
}

interface Recommended extends Omit<BurnPolicy, 'limit'> {
  readonly usedShare: number;
}

/** Fastest first. */
const RECOMMENDED: readonly Recommended[] = [
  { severity: 'page', usedShare: 0.02, longMs: HOUR_MS, shortMs: 5 * MINUTE_MS },
  { severity: 'page', usedShare: 0.05, longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS },
  { severity: 'ticket', usedShare: 0.1, longMs: 3 * DAY_MS, shortMs: 6 * HOUR_MS },
];

export const burnPolicies = (days: number): BurnPolicy[] =>
  RECOMMENDED.map(({ usedShare, ...policy }) => ({
    ...policy,
    limit: Math.max(1, (usedShare * days * DAY_MS) / policy.longMs),
  }));

/** Of all runs, how many may be bad. */
export const badShareOf = ({ okPercent }: Pick<Objective, 'okPercent'>): number => (100 - okPercent) / 100;

/** How fast the budget is being used up at that instant, and who should be told. */
export function burnWindows(tally: RunTally, objective: Objective, nowMs: number): BurnWindow[] {
  const badShare = badShareOf(objective);
  return burnPolicies(objective.days).map((policy) => {
    const { longMs, shortMs, limit } = policy;
    const longPlaces = tally.places(nowMs - longMs, nowMs);
    const [first, end] = tally.places(nowMs - shortMs, nowMs, LEAST_SHORT_RUNS);
    const long = rateOf(tally.count(longPlaces), badShare);
    const short = rateOf(tally.count([Math.max(first, longPlaces[0]), end]), badShare);
    const isFiring = long.bad >= LEAST_BAD_RUNS && long.burn > limit && short.burn > limit;
    return { ...policy, long, short, isFiring, isReachable: limit * badShare < 1 };
  });
}

const rateOf = ({ runs, bad }: Counted, badShare: number): BurnRate => ({
  runs,
  bad,
  burn: runs === 0 ? 0 : bad / runs / badShare,
});
