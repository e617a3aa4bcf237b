/** Several runs of one journey, judged together: its budgets, and what moved against what is usual. */
import type { Comparison } from '../../model/comparison.ts';
import type { Budget, JudgedBudget } from '../../model/goals.ts';
import type { RunReport } from '../../model/report.ts';
import { compareWithUsual } from '../compare/usual.ts';
import { percentile } from '../journey/percentile.ts';
import type { Normal } from '../normal.ts';
import { judgeReports, unknownSteps } from './broken-budgets.ts';

export interface JudgedJourney {
  readonly journey: string;
  /** In the order in which they ran. */
  readonly reports: readonly RunReport[];
  readonly budgets: readonly JudgedBudget[];
  /** Steps that budgets speak of and no run has; none are told of runs that failed, which may not have come so far. */
  readonly unknownSteps: readonly string[];
  /** The run in the middle against what is usual; undefined when that is not known, or no run ended well. */
  readonly moved?: Comparison;
}

/** @param normal from before these runs */
export function judgedJourney(
  journey: string,
  reports: readonly RunReport[],
  budgets: readonly Budget[],
  normal: Normal | undefined,
): JudgedJourney {
  const well = reports.filter(({ status }) => status === 'ok');
  const middle = middleRun(well);
  return {
    journey,
    reports,
    budgets: judgeReports(reports, budgets),
    unknownSteps: well.length > 0 ? unknownSteps(reports, budgets) : [],
    ...(normal && middle && { moved: compareWithUsual({ report: middle }, normal) }),
  };
}

/** The one whose wall time is nearest to the median. */
function middleRun(well: readonly RunReport[]): RunReport | undefined {
  const medianNs = percentile(
    well.map(({ wallNs }) => wallNs),
    50,
  );
  const away = ({ wallNs }: RunReport): number => Math.abs(wallNs - medianNs);
  return [...well].sort((a, b) => away(a) - away(b))[0];
}
