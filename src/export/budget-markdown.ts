/** Budgets and what moved against what is usual, as Markdown for a pull request. */
import { partInWords, signedDuration } from '../analyse/compare/sentence.ts';
import { budgetInWords, guiltyInWords } from '../analyse/goals/goal-words.ts';
import type { JudgedJourney } from '../analyse/goals/judged-journey.ts';
import type { Change, Comparison } from '../model/comparison.ts';
import type { JudgedBudget } from '../model/goals.ts';
import { LAYER_NAME } from '../model/layer.ts';
import { formatDuration } from '../model/time.ts';
import { inline } from './markdown-text.ts';

/** More rows than this nobody reads beside a diff. */
const MOST_PARTS = 5;
/** A change below this is not worth a row. */
const WORTH_A_ROW_NS = 1e6;

export const budgetMarkdown = (journeys: readonly JudgedJourney[]): string =>
  `${journeys.map(journeyMarkdown).join('\n\n')}\n`;

function journeyMarkdown(judged: JudgedJourney): string {
  return [
    `## ${inline(judged.journey)}: ${headline(judged)}`,
    judgedFrom(judged),
    judged.budgets.length > 0 ? budgetTable(judged.budgets) : '',
    ...judged.unknownSteps.map((step) => `⚠️ No run has a step “${inline(step)}”: its budgets guard nothing.`),
    ...failures(judged),
    movedText(judged),
    traces(judged),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function headline({ budgets, reports }: JudgedJourney): string {
  const failed = reports.filter(({ status }) => status === 'failed').length;
  const broken = budgets.filter(({ isBroken }) => isBroken).length;
  const parts = [
    ...(failed > 0 ? [`${failed} of ${reports.length} runs failed`] : []),
    ...(broken > 0 ? [`${broken} of ${budgets.length} budgets broken`] : []),
  ];
  if (parts.length > 0) return `❌ ${parts.join(', ')}`;
  if (budgets.length === 0) return 'ended well';
  return `✅ ${budgets.length === 1 ? 'its budget is' : `all ${budgets.length} budgets are`} kept`;
}

function judgedFrom({ reports, budgets }: JudgedJourney): string {
  const well = reports.filter(({ status }) => status === 'ok').length;
  if (budgets.length === 0) return '';
  if (well === 0) return 'No run ended well: nothing was judged.';
  return well === 1 ? 'Judged by one run.' : `Judged by the median of ${well} runs.`;
}

function budgetTable(budgets: readonly JudgedBudget[]): string {
  const rows = budgets.map((budget) => {
    const { medianNs, allowedNs, isBroken, guilty } = budget;
    const mark = medianNs === null ? '–' : isBroken ? '❌' : '✅';
    const median = medianNs === null ? 'not judged' : formatDuration(medianNs);
    const change = medianNs === null ? '' : signedDuration(medianNs - allowedNs);
    const why = guilty ? `${formatDuration(guilty.ns)} ${inline(guiltyInWords(guilty))}` : '';
    return `| ${mark} | ${inline(budgetInWords(budget))} | ${formatDuration(allowedNs)} | ${median} | ${change} | ${why} |`;
  });
  return [
    '| | Budget | Allowed | Median | Against it | Most of it |',
    '|---|---|--:|--:|--:|---|',
    ...rows,
  ].join('\n');
}

const failures = ({ reports }: JudgedJourney): string[] => {
  const sentences = reports
    .filter(({ status }) => status === 'failed')
    .map(({ verdict }) => `- ${inline(verdict.sentence)}`);
  return sentences.length === 0 ? [] : [[...new Set(sentences)].join('\n')];
};

function movedText({ moved, reports }: JudgedJourney): string {
  if (!moved)
    return reports.some(({ status }) => status === 'ok')
      ? '_What moved against normal is not known: that takes five earlier runs in the store that ended well and without a problem._'
      : '';
  const { sentence, b } = moved;
  return [
    `### Against normal (median of ${b.runs} earlier runs)`,
    inline(sentence),
    changeTable('Layer', layersOf(moved)),
    changeTable('Part', partsOf(moved)),
  ]
    .filter(Boolean)
    .join('\n\n');
}

type Row = readonly [name: string, change: Change];

const isWorthARow = ({ deltaNs }: Change): boolean => Math.abs(deltaNs) >= WORTH_A_ROW_NS;
const layersOf = ({ layers }: Comparison): Row[] =>
  layers.filter(isWorthARow).map((change) => [LAYER_NAME[change.layer], change]);
const partsOf = ({ parts }: Comparison): Row[] =>
  parts
    .filter(isWorthARow)
    .slice(0, MOST_PARTS)
    .map((change) => [partInWords(change), change]);

function changeTable(what: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map(
    ([name, { aNs, bNs, deltaNs }]) =>
      `| ${inline(name)} | ${formatDuration(aNs)} | ${formatDuration(bNs)} | ${signedDuration(deltaNs)} |`,
  );
  return [`| ${what} | now | normal | change |`, '|---|--:|--:|--:|', ...lines].join('\n');
}

const traces = ({ reports }: JudgedJourney): string =>
  `Runs: ${reports.map(({ traceId }) => `\`${traceId.slice(0, 8)}\``).join(' ')} (\`headwater show ${reports[0]?.traceId.slice(0, 8) ?? 'TRACE'}\`)`;
