/** What a run, or a step of it, spent of what a budget is about. */
import type { Budget } from '../../model/goals.ts';
import type { StepOutcome } from '../../model/journey.ts';
import type { RunReport, RunSummary } from '../../model/report.ts';
import type { Nanos } from '../../model/time.ts';
import { layersOf } from '../journey/outcome.ts';

export interface SpentRun extends Pick<RunSummary, 'wallNs' | 'layers'> {
  readonly steps: readonly Pick<StepOutcome, 'name' | 'wallNs' | 'layers'>[];
}

/** Of which time something is said. */
export type BudgetAim = Pick<Budget, 'step' | 'of'>;

export const spentOf = ({
  wallNs,
  ledger,
  steps,
}: Pick<RunReport, 'wallNs' | 'ledger' | 'steps'>): SpentRun => ({
  wallNs,
  layers: layersOf(ledger),
  steps: steps.map((step) => ({ name: step.name, wallNs: step.wallNs, layers: layersOf(step.ledger) })),
});

/** Steps of one name are one. @returns undefined when the run has no such step */
export function spentNs(run: SpentRun, { step, of }: BudgetAim): Nanos | undefined {
  const parts = step === null ? [run] : run.steps.filter(({ name }) => name === step);
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, { wallNs, layers }) => sum + (of === 'total' ? wallNs : (layers[of] ?? 0)), 0);
}
