/** What a journey's runs say of its goals, for the list of journeys and for its history. */
import { brokenBy, judgeBudgets } from '../analyse/goals/broken-budgets.ts';
import { RUNS_JUDGED } from '../analyse/goals/budget-signals.ts';
import { DAY_MS } from '../analyse/goals/burn-rate.ts';
import { errorBudgetOf } from '../analyse/goals/error-budget.ts';
import type { BudgetMark, GoalsState, JourneyGoals } from '../model/goals.ts';
import type { JourneyRow, RunFilter } from '../model/journey.ts';
import { unixNanoFromMs } from '../model/time.ts';
import type { RunSource } from './run-source.ts';

type At = Required<Pick<RunFilter, 'journey' | 'site'>>;

/** @returns undefined when nothing is budgeted, or no run ended well yet */
export function budgetMark(
  { journey, site }: At,
  { budgets }: JourneyGoals,
  store: RunSource,
): BudgetMark | undefined {
  if (budgets.length === 0) return undefined;
  const [run] = store.outcomes?.(1, { journey, site, status: 'ok' }) ?? [];
  if (!run) return undefined;
  const total = budgets.find(({ step, of }) => step === null && of === 'total');
  return {
    traceId: run.traceId,
    budgets: budgets.length,
    ...(total && { total: { allowedNs: total.allowedNs, actualNs: run.wallNs } }),
    broken: brokenBy(run, budgets),
  };
}

export const markedRow = (row: JourneyRow, goals: JourneyGoals | undefined, store: RunSource): JourneyRow => {
  const budget = goals && budgetMark(row, goals, store);
  return budget ? { ...row, budget } : row;
};

export function goalsState(
  { journey, site }: At,
  { budgets, objective }: JourneyGoals,
  store: RunSource,
  nowMs: number,
): GoalsState {
  const last =
    budgets.length === 0 ? [] : (store.outcomes?.(RUNS_JUDGED, { journey, site, status: 'ok' }) ?? []);
  const sinceUnixNano = objective && unixNanoFromMs(nowMs - objective.days * DAY_MS);
  const runs = sinceUnixNano ? (store.goalRuns?.({ journey, site, sinceUnixNano }) ?? []) : [];
  return {
    budgets: judgeBudgets(last.toReversed(), budgets),
    ...(objective && { errorBudget: errorBudgetOf(runs, objective, nowMs) }),
  };
}
