/** An error budget that is used up too fast. One signal, however many windows say so: the most severe of them. */
import type { BurnWindow, Objective } from '../../model/goals.ts';
import type { RunOutcome } from '../../model/journey.ts';
import type { Signal } from '../../model/signal.ts';
import { formatDuration } from '../../model/time.ts';
import { burnWindows, DAY_MS } from './burn-rate.ts';
import { errorBudgetOf } from './error-budget.ts';
import { badInWords, burnInWords, percentInWords, windowInWords } from './goal-words.ts';
import { RunTally } from './run-tally.ts';
import { becauseOf, factsOf, type GoalPast, signalKey } from './signal-facts.ts';

export function burnSignals(past: GoalPast, objective: Objective): Signal[] {
  const { journey, site, runs, nowMs } = past;
  const tally = new RunTally<RunOutcome>(runs, objective);
  const [burning] = burnWindows(tally, objective, nowMs).filter(({ isFiring }) => isFiring);
  if (!burning) return [];
  const bad = tally.badIn(tally.places(nowMs - burning.longMs, nowMs));
  return [
    {
      kind: 'burn_rate',
      // Not the severity: a page that becomes a ticket is the same matter.
      key: signalKey('burn_rate', past, null),
      severity: burning.severity,
      journey,
      site,
      step: null,
      ...factsOf(bad, runs),
      sentence: `${journey} uses up its error budget ${burnInWords(burning.long.burn)} too fast${becauseOf(bad)}.`,
      evidence: `${badInWords(burning)} were bad (${aimInWords(objective)}); ${lastsInWords(burning, objective)}`,
      change: leftInWords(past, objective),
    },
  ];
}

/** `99.5 % must end well within 2.00 s`. */
export const aimInWords = ({ okPercent, withinNs }: Objective): string =>
  `${okPercent} % must end well${withinNs === undefined ? '' : ` within ${formatDuration(withinNs)}`}`;

/** At this rate the whole budget of the period lasts so long. */
function lastsInWords({ long, limit, shortMs }: BurnWindow, { days }: Objective): string {
  const lastsDays = days / long.burn;
  const lasts = lastsDays >= 1 ? `${Math.round(lastsDays * 10) / 10} d` : `${Math.round(lastsDays * 24)} h`;
  return `at this rate the budget of ${windowInWords(days * DAY_MS)} lasts ${lasts}. Told above ${burnInWords(limit)}, and as long as the last ${windowInWords(shortMs)} are as bad.`;
}

function leftInWords({ runs, nowMs }: GoalPast, objective: Objective): string {
  const { leftShare, bad, allowed } = errorBudgetOf(runs, objective, nowMs);
  const used = `${bad} bad runs of ${Math.round(allowed * 10) / 10} allowed`;
  return leftShare > 0
    ? `${percentInWords(leftShare)} of the error budget is left (${used})`
    : `the error budget is used up (${used})`;
}
