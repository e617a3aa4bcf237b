/** What was reached, as a page for people (docs/accuracy.md). Pure. */
import type { Machine } from './machine.ts';
import { wilson } from './statistics.ts';
import { type Criterion, type FaultRow, percent, type SizeRow, type Summary } from './summary.ts';

export interface Evaluation {
  /** Each run by itself. */
  readonly summary: Summary;
  /** Each beside earlier quiet runs. */
  readonly compared: Summary;
  /** How many quiet runs showed what is usual. */
  readonly usualRuns: number;
  readonly machine: Machine;
  readonly command: string;
  readonly commit: string;
  readonly day: string;
  /** Median over the runs: percent of the time in which some task waited for a CPU. */
  readonly waitingForCpu?: number;
  /** Faults that were not run at all. */
  readonly notRun: readonly string[];
}

export const PICTURE = 'images/accuracy-confusion.svg';

export function accuracyPage(evaluation: Evaluation): string {
  const { summary, compared, usualRuns, machine, command, commit, day, notRun } = evaluation;
  const { rows, sizes, criteria, runs, wrong, broken } = summary;
  return `# Accuracy

How often Headwater blames the right part, and by how many milliseconds the blame is wrong. Faults of known size are
injected into the demo shop by its real parts (a database lock, a name server that waits, a full queue), each part that
makes a visitor wait notes by its own clock for how long, and the verdict is compared with that. Sizes move by ±10 % and the
order is shuffled, so that no threshold can be fitted to them. No run is repeated because its answer was wrong.

Each run is judged twice: as the first of its journey, with nothing to compare it with, and beside ${usualRuns || 'no'} quiet runs that
were made before (they count for nothing else). Then the verdict speaks of what was more than usual.

\`\`\`
${command}
\`\`\`

${runs} runs on ${day}, code ${commit || 'of no commit'}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}; ${versionsOf(machine)}.
${busyLine(evaluation)}This page, \`accuracy.json\` and the picture are written by that command.

## Promised and reached

| | promised | a first run | 95 % interval | with earlier runs to compare with | 95 % interval |
|---|---|---|---|---|---|
${criteria.map((criterion, i) => criterionLine(criterion, compared.criteria[i])).join('\n')}

Layer and cause count as right only when the verdict itself names both. The time of a first run is all that the ledger
gives to the expected cause; with earlier runs it is what the verdict says was more than usual; both against what the part noted.

## Injected against blamed

![Confusion matrix: a row for each injected cause, a column for each blamed one](${PICTURE})

## Fault by fault

The last four columns are the same runs beside earlier ones.

| fault | expected | runs | layer right | cause right | component right | error, median | error, 95 % | false causes | cause right | error, median | error, 95 % | false causes |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
${rows.map((row) => faultLine(row, compared.rows)).join('\n')}

The error is blamed minus injected time; its sign is kept for the median (a plus: too much blamed), the 95th percentile
is of its size. ~ marks faults whose time no part of ours can note: there the asked time stands for it. Failed
journeys count for the blame only. "False causes": runs in which another cause had 20 ms or more too, or was told
beside earlier runs.

| asked | runs | right | size of the error, median | 95 % |
|---:|---:|---:|---:|---:|
${sizes.map(sizeLine).join('\n')}
${section('Wrong verdicts of first runs', wrongLines(wrong))}${section('Wrong verdicts beside earlier runs', wrongLines(compared.wrong))}${section('Not run', notRunLines(notRun, broken))}
## What this does not cover

- One shop, one journey, one machine: browser, servers and database share its processors and its clock, so clock offsets
  are zero here (they are tested with synthetic traces).
- Networks are loopback: delays on the way are made by relays, loss by the kernel's own queues, not by a real long line.
- Two faults at most at the same time, of different layers.
- Nginx, Caddy and MariaDB are run with \`--proxy\` and \`--database\`, and are not part of the figures above.
- What is usual was learnt on the same day from a shop that had not changed; a journey's real past is less even.
`;
}

const busyLine = ({ waitingForCpu }: Evaluation): string =>
  waitingForCpu === undefined
    ? ''
    : `In the middle of the runs, some task waited for a processor during ${Math.round(waitingForCpu)} % of the time.\n`;

const versionsOf = ({ versions }: Machine): string =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');

function criterionLine(alone: Criterion, compared: Criterion | undefined): string {
  return `| ${alone.name} | ${alone.promise} | ${reachedIn(alone)} | ${compared ? reachedIn(compared) : ' | '} |`;
}

/** `✅ 100 % (100 of 100) | 96 % – 100 %` */
function reachedIn({ reached, isKept, hits, total }: Criterion): string {
  const sign = isKept === undefined ? '·' : isKept ? '✅' : '❌';
  return `${sign} ${reached} | ${intervalOf(hits, total)}`;
}

function intervalOf(hits: number | undefined, total: number | undefined): string {
  if (hits === undefined || total === undefined) return '';
  const { low, high } = wilson(hits, total);
  return `${percent(low)} – ${percent(high)}`;
}

function faultLine(row: FaultRow, compared: readonly FaultRow[]): string {
  const of = (right: number | undefined, runs = row.runs) =>
    right === undefined ? '' : right === runs ? `${right}` : `**${right}**`;
  const beside = compared.find(({ fault }) => fault === row.fault);
  const cells = [
    `\`${row.fault}\``,
    `\`${row.cause}\``,
    row.broken > 0 ? `${row.runs} (${row.broken} broken)` : row.runs,
    of(row.layerRight),
    of(row.causeRight),
    of(row.componentRight),
    signed(row.medianErrorMs, row),
    inMs(row.p95ErrorMs),
    row.falseCauses || '',
    of(beside?.causeRight, beside?.runs),
    beside ? signed(beside.medianErrorMs, beside) : '',
    inMs(beside?.p95ErrorMs),
    beside?.falseCauses || '',
  ];
  return `| ${cells.join(' | ')} |`;
}

const inMs = (ms: number | undefined): string => (ms === undefined ? '' : `${ms.toFixed(1)} ms`);

const sizeLine = ({ sizeMs, runs, right, medianErrorMs, p95ErrorMs }: SizeRow): string =>
  `| ${sizeMs} ms | ${runs} | ${right === runs ? right : `**${right}**`} | ${inMs(medianErrorMs)} | ${inMs(p95ErrorMs)} |`;

function signed(errorMs: number | undefined, row: FaultRow): string {
  if (errorMs === undefined) return '';
  const sign = errorMs > 0 ? '+' : errorMs < 0 ? '−' : '';
  return `${row.noted === 0 ? '~' : ''}${sign}${Math.abs(errorMs).toFixed(1)} ms`;
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `\n## ${title}\n\n${lines.join('\n')}\n`;

const wrongLines = (wrong: Summary['wrong']): string[] =>
  wrong.map(
    ({ key, blamed, sentence }) => `- \`${key}\`: blamed ${blamed}. “${sentence.replaceAll('|', '\\|')}”`,
  );

const notRunLines = (notRun: readonly string[], broken: Summary['broken']): string[] => [
  ...(notRun.length > 0
    ? [`- Not part of this evaluation: ${notRun.map((name) => `\`${name}\``).join(', ')}`]
    : []),
  ...broken.map(({ key, reason }) => `- \`${key}\`: ${reason.split('\n', 1)[0]}`),
];
