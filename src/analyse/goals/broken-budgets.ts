/** Which budgets a run broke, and which ones several runs broke together. */
import type { BrokenBudget, Budget, JudgedBudget } from '../../model/goals.ts';
import type { StepOutcome } from '../../model/journey.ts';
import type { RunReport, RunSummary } from '../../model/report.ts';
import type { Nanos } from '../../model/time.ts';
import { percentile } from '../journey/percentile.ts';
import { guiltyPiece } from './guilty-piece.ts';
import { type SpentRun, spentNs, spentOf } from './spent.ts';

/** The least of a report that is needed. */
export type BudgetedRun = Pick<RunReport, 'status' | 'wallNs' | 'ledger' | 'steps'>;

/** What took exactly what is allowed is within its budget. */
const isOver = (ns: Nanos, { allowedNs }: Pick<Budget, 'allowedNs'>): boolean => ns > allowedNs;

/** Of one run, whatever became of it. Budgets of steps that it does not have are not broken. */
export function brokenBudgets(report: BudgetedRun, budgets: readonly Budget[]): BrokenBudget[] {
  const run = spentOf(report);
  return brokenBy(run, budgets).map((broken) => {
    const guilty = guiltyPiece(report, broken);
    return { ...broken, ...(guilty && { guilty }) };
  });
}

/** The same of a run of which only the sums by layer are known. */
export const brokenBy = (run: SpentRun, budgets: readonly Budget[]): Omit<BrokenBudget, 'guilty'>[] =>
  budgets.flatMap((budget) => {
    const actualNs = spentNs(run, budget);
    return actualNs !== undefined && isOver(actualNs, budget) ? [{ ...budget, actualNs }] : [];
  });

/**
 * Of several runs, each budget by the median of those that ended well: one slow run among five is no broken budget, and
 * one fast one does not save it. A run that failed early was not fast.
 */
export function judgeBudgets(
  runs: readonly (SpentRun & Pick<RunSummary, 'status'>)[],
  budgets: readonly Budget[],
): JudgedBudget[] {
  return budgets.map((budget) => {
    const eachNs = runs.map((run) => (run.status === 'ok' ? (spentNs(run, budget) ?? null) : null));
    const judgedNs = eachNs.filter((ns) => ns !== null);
    const medianNs = judgedNs.length === 0 ? null : percentile(judgedNs, 50);
    return {
      ...budget,
      eachNs,
      medianNs,
      over: judgedNs.filter((ns) => isOver(ns, budget)).length,
      isBroken: medianNs !== null && isOver(medianNs, budget),
    };
  });
}

/** With the guilty piece of the run that stands in the middle. */
export function judgeReports(reports: readonly BudgetedRun[], budgets: readonly Budget[]): JudgedBudget[] {
  const runs = reports.map((report) => ({ ...spentOf(report), status: report.status }));
  return judgeBudgets(runs, budgets).map((judged) => {
    const middle = judged.isBroken ? reports[middleOf(judged)] : undefined;
    const guilty = middle && guiltyPiece(middle, judged);
    return { ...judged, ...(guilty && { guilty }) };
  });
}

/** Place of the run that is nearest to the median. */
function middleOf({ eachNs, medianNs }: JudgedBudget): number {
  const away = eachNs.map((ns) => (ns === null ? Number.POSITIVE_INFINITY : Math.abs(ns - (medianNs ?? 0))));
  return away.indexOf(Math.min(...away));
}

/** Names of steps that budgets speak of and no run has: a slip of the pen would guard nothing. */
export function unknownSteps(
  runs: readonly { readonly steps: readonly Pick<StepOutcome, 'name'>[] }[],
  budgets: readonly Budget[],
): string[] {
  const known = new Set(runs.flatMap(({ steps }) => steps.map(({ name }) => name)));
  const named = budgets.flatMap(({ step }) => step ?? []);
  return [...new Set(named)].filter((step) => !known.has(step));
}
