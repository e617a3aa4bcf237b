/** Writes docs/accuracy.md, its figures as JSON and its picture. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults } from '../../scenarios/faults/index.ts';
import { PACKAGE_ROOT } from '../../src/cli/package-root.ts';
import { accuracyPage, type Evaluation, PICTURE } from './accuracy-page.ts';
import { drawConfusion } from './confusion-matrix.ts';
import type { Judged } from './judge.ts';
import { describeMachine } from './machine.ts';
import type { Result } from './results.ts';
import { median } from './statistics.ts';
import { comparedOf, type Summary, summaryOf } from './summary.ts';

/** @returns the folder that holds them */
export async function publish(
  results: readonly Result[],
  command: string,
  docsDir = join(PACKAGE_ROOT, 'docs'),
): Promise<string> {
  const summary = summaryOf(results);
  const compared = summaryOf(comparedOf(results));
  const ran = new Set(summary.rows.map(({ fault }) => fault));
  const evaluation: Evaluation = {
    summary,
    compared,
    usualRuns: results.filter(({ judged }) => judged?.kind === 'usual').length,
    machine: await describeMachine(),
    command,
    commit: commitsOf(results),
    day: new Date(Math.max(0, ...results.map(({ atUnixMs }) => atUnixMs))).toISOString().slice(0, 10),
    waitingForCpu: median(results.flatMap((result) => result.waitingForCpu ?? [])),
    notRun: Object.keys(faults).filter((name) => !ran.has(name)),
  };
  writeFileSync(join(docsDir, 'accuracy.md'), accuracyPage(evaluation));
  writeFileSync(join(docsDir, PICTURE), drawConfusion(summary.confusion));
  writeFileSync(
    join(docsDir, 'accuracy.json'),
    `${JSON.stringify(figuresOf(evaluation, results), null, 1)}\n`,
  );
  return docsDir;
}

const commitsOf = (results: readonly Result[]): string =>
  [...new Set(results.flatMap(({ commit }) => commit || []))].join(', ');

function figuresOf({ summary, compared, ...made }: Evaluation, results: readonly Result[]) {
  return {
    version: 2,
    ...made,
    ...sumsIn(summary),
    broken: summary.broken,
    compared: sumsIn(compared),
    results: results.map(rowOf),
  };
}

const sumsIn = ({ runs, criteria, rows, sizes, confusion }: Summary) => ({
  ...{ runs, criteria, sizes, confusion },
  faults: rows,
});

/** A run in short; the sentences stay in the results file. */
function rowOf({ key, judged, compared, broken }: Result) {
  if (!judged) return { key, broken };
  const { verdict, faults: blamed, falseCauses } = compared ?? {};
  return {
    key,
    ...figuresIn(judged),
    ...(compared && { compared: { verdict, faults: blamed, falseCauses } }),
  };
}

function figuresIn({ sentence: _, wallMs, unknownShare, ...figures }: Judged) {
  return { ...figures, wallMs: rounded(wallMs), unknownShare: rounded(unknownShare) };
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
