/** `--budget`, `--junit` and `--summary`: runs that are judged by what was agreed on for their journey. */
import { appendFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type JudgedJourney, judgedJourney } from '../analyse/goals/judged-journey.ts';
import type { Normal } from '../analyse/normal.ts';
import { goalsIn } from '../config/goals.ts';
import { budgetMarkdown } from '../export/budget-markdown.ts';
import { junitXml } from '../export/junit.ts';
import type { GoalsOf } from '../model/goals.ts';
import type { RunReport } from '../model/report.ts';
import { readConfig } from './configured.ts';
import { print, say, sayDone, sayLoud, stdoutColours } from './console.ts';
import { renderBudgets } from './terminal/budgets.ts';
import { EXIT, messageOf, UserError } from './user-error.ts';

export interface BudgetOptions {
  readonly budget?: boolean;
  readonly junit?: string;
  readonly summary?: string;
  readonly json?: boolean;
}

export const addBudgeting = (command: Command): Command =>
  command
    .option('--budget', "judge the runs by the journey's budgets in headwater.config.ts; exit 1 over them")
    .option('--junit <file>', 'write what was judged as JUnit XML')
    .option('--summary <file>', 'append Markdown for a pull request; - is standard output');

/** Runs of one journey, and what was usual before them. */
export interface Judged {
  readonly journey: string;
  readonly reports: readonly RunReport[];
  readonly normal?: Normal;
}

export interface Judge {
  /** Prints, writes the files. @returns the exit code, 0 when all is well */
  tell(journeys: readonly Judged[]): number;
}

/**
 * @param journey known before it runs: that it has no budgets is said before a browser is started
 * @returns undefined when nothing of the kind was asked for
 */
export async function judgeFor(options: BudgetOptions, journey?: string): Promise<Judge | undefined> {
  const { budget, junit, summary, json } = options;
  if (!budget && junit === undefined && summary === undefined) return undefined;
  if (json && summary === '-')
    throw new UserError('--json and --summary - both want standard output: give --summary a file.');
  const goalsOf: GoalsOf = budget ? await readGoals() : () => undefined;
  if (budget && journey !== undefined && !goalsOf(journey)?.budgets.length) throw noBudgets(journey);
  return { tell: (journeys) => tellJudged(judgeAll(journeys, goalsOf), options) };
}

/** What the configuration in this folder agreed on. */
export async function readGoals(): Promise<GoalsOf> {
  const { journeys } = await readConfig();
  return (journey) => goalsIn(journeys, journey);
}

const noBudgets = (journey: string): UserError =>
  new UserError(
    `No budgets are set for the journey "${journey}". In headwater.config.ts: journeys: { ${JSON.stringify(journey)}: { budgets: { total: '2s' } } }`,
  );

const judgeAll = (journeys: readonly Judged[], goalsOf: GoalsOf): JudgedJourney[] =>
  journeys.map(({ journey, reports, normal }) =>
    judgedJourney(journey, reports, goalsOf(journey)?.budgets ?? [], normal),
  );

function tellJudged(journeys: readonly JudgedJourney[], options: BudgetOptions): number {
  const budgeted = journeys.filter(({ budgets }) => budgets.length > 0);
  for (const journey of budgeted) {
    (options.json ? say : print)(`\n${renderBudgets(journey, stdoutColours)}`);
    for (const step of journey.unknownSteps) sayLoud(unknownStep(step, journey));
  }
  writeFiles(journeys, options);
  if (options.budget && budgeted.length === 0) throw noBudgets(journeys[0]?.journey ?? '…');
  if (budgeted.some(({ budgets }) => budgets.some(({ isBroken }) => isBroken))) return EXIT.failed;
  return budgeted.some(({ unknownSteps }) => unknownSteps.length > 0) ? EXIT.usage : EXIT.fine;
}

function unknownStep(step: string, { journey, reports }: JudgedJourney): string {
  const known = [...new Set(reports.flatMap(({ steps }) => steps.map(({ name }) => `"${name}"`)))];
  const has = known.length > 0 ? `its steps are ${known.join(', ')}` : 'it has none';
  return `A budget of ${journey} speaks of a step "${step}", and ${has}.`;
}

function writeFiles(journeys: readonly JudgedJourney[], { junit, summary }: BudgetOptions): void {
  if (junit !== undefined) keep(junit, () => writeFileSync(junit, junitXml(journeys)));
  if (summary === '-') print(budgetMarkdown(journeys));
  // CI servers gather the summaries of several steps in one file: what is there stays.
  else if (summary !== undefined) keep(summary, () => appendFileSync(summary, budgetMarkdown(journeys)));
}

function keep(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UserError(`${file} cannot be written: ${messageOf(error)}.`);
  }
  sayDone('written', file);
}
