/** Budgets told in a terminal: what is allowed, what the runs took, and who is guilty. Returns text. */
import { signedDuration } from '../../analyse/compare/sentence.ts';
import { budgetInWords, guiltyInWords } from '../../analyse/goals/goal-words.ts';
import type { JudgedJourney } from '../../analyse/goals/judged-journey.ts';
import type { JudgedBudget } from '../../model/goals.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';
import { type Colours, plain, toWidth } from './colour.ts';

const NAME_WIDTH = 28;
const FIGURE_WIDTH = 9;
/** More columns than this do not fit beside each other; the median has seen them all. */
const MOST_RUNS = 7;

export function renderBudgets({ journey, budgets, reports }: JudgedJourney, colours: Colours): string {
  const well = reports.filter(({ status }) => status === 'ok').length;
  const by =
    well === 0
      ? 'not judged: no run ended well'
      : well === 1
        ? 'judged by one run'
        : `judged by the median of ${well} runs`;
  const head = ['allowed', ...(reports.length > 1 ? ['median'] : []), ...runHeads(reports.length)];
  return [
    colours.bold(`Budgets of ${plain(journey)}, ${by}`),
    colours.dim(`    ${toWidth('', NAME_WIDTH)}${head.map(right).join('')}`),
    ...budgets.flatMap((budget) => budgetLines(budget, reports.length, colours)),
  ].join('\n');
}

const right = (text: string): string => text.padStart(FIGURE_WIDTH);

function runHeads(runs: number): string[] {
  if (runs === 1) return ['the run'];
  const heads = Array.from({ length: Math.min(runs, MOST_RUNS) }, (_, i) => `run ${i + 1}`);
  return runs > MOST_RUNS ? [...heads, `+${runs - MOST_RUNS}`] : heads;
}

function budgetLines(budget: JudgedBudget, runs: number, colours: Colours): string[] {
  const { allowedNs, medianNs, eachNs, isBroken, guilty } = budget;
  const mark = medianNs === null ? colours.yellow('?') : isBroken ? colours.red('✖') : colours.green('✓');
  const each = eachNs.slice(0, MOST_RUNS).map((ns) => figure(ns, allowedNs, colours));
  const median = runs > 1 ? figure(medianNs, allowedNs, colours) : '';
  const line = `  ${mark} ${toWidth(budgetInWords(budget), NAME_WIDTH)}${right(formatDuration(allowedNs))}${median}${each.join('')}`;
  if (!isBroken || medianNs === null) return [line];
  const who = guilty ? `: ${formatDuration(guilty.ns)} ${plain(guiltyInWords(guilty))}` : '';
  return [line, `      ${colours.red(`${signedDuration(medianNs - allowedNs)} over`)}${who}`];
}

/** Padded before it is coloured: colours have no width. */
function figure(ns: Nanos | null, allowedNs: Nanos, colours: Colours): string {
  if (ns === null) return colours.dim(right('–'));
  const text = right(formatDuration(ns));
  return ns > allowedNs ? colours.red(text) : text;
}
