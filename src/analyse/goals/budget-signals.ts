/** A budget that most of the last runs break. */
import type { Budget } from '../../model/goals.ts';
import type { RunOutcome } from '../../model/journey.ts';
import type { Signal } from '../../model/signal.ts';
import { formatDuration } from '../../model/time.ts';
import { signedDuration } from '../compare/sentence.ts';
import { judgeBudgets } from './broken-budgets.ts';
import { budgetInWords } from './goal-words.ts';
import { factsOf, type GoalPast, signalKey } from './signal-facts.ts';
import { spentNs } from './spent.ts';

/** A budget is judged over so many last runs that ended well: an hour or less of most schedules. */
export const RUNS_JUDGED = 5;
/** So many of them must be over it: most of five. Fewer runs than that tell nothing. */
export const OVER_TO_TELL = 3;

export function budgetSignals(past: GoalPast, budgets: readonly Budget[]): Signal[] {
  const well = past.runs.filter(({ status }) => status === 'ok');
  return budgets.flatMap((budget) => budgetSignal(past, well, budget) ?? []);
}

function budgetSignal(past: GoalPast, well: readonly RunOutcome[], budget: Budget): Signal | undefined {
  const last = well.slice(-RUNS_JUDGED);
  const [judged] = judgeBudgets(last, [budget]);
  if (!judged || judged.over < OVER_TO_TELL || judged.medianNs === null) return undefined;
  const { journey, site } = past;
  const what = budgetInWords(budget);
  const allowed = formatDuration(budget.allowedNs);
  const median = formatDuration(judged.medianNs);
  const { guilty, ...facts } = factsOf(overSince(well, budget), past.runs);
  // The verdict may blame another layer than the one that is over its budget.
  const isGuilty = guilty && (budget.of === 'total' || guilty.layer === budget.of);
  return {
    kind: 'budget',
    key: signalKey('budget', past, budget.step, budget.of),
    severity: 'ticket',
    journey,
    site,
    step: budget.step,
    ...(isGuilty && { guilty }),
    ...facts,
    sentence: `${journey} is over its budget for ${what}: ${median}, and ${allowed} is allowed.`,
    evidence: `${judged.over} of the last ${last.length} runs that ended well took more; ${median} is their median.`,
    change: `${signedDuration(judged.medianNs - budget.allowedNs)} over the budget`,
  };
}

/**
 * The runs over the budget, back to where two in a row were within it: one good run among bad ones ends nothing.
 */
function overSince(well: readonly RunOutcome[], budget: Budget): RunOutcome[] {
  const found: RunOutcome[] = [];
  let within = 0;
  for (const run of well.toReversed()) {
    const ns = spentNs(run, budget);
    if (ns !== undefined && ns > budget.allowedNs) {
      found.unshift(run);
      within = 0;
    } else if (++within === 2 && found.length >= OVER_TO_TELL) break;
  }
  return found;
}
