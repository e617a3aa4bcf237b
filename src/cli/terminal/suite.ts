/** A suite told in a terminal: each test with its verdict, and where it is drawn. Returns text. */

import { standsOut } from '../../analyse/keeping/stands-out.ts';
import type { RunReport } from '../../model/report.ts';
import type { TestRun } from '../../run/suite.ts';
import { type Colours, layerPaint, plain } from './colour.ts';

/** A longer list is not read: of it only the tests are told that have something to tell. */
const LONG_LIST = 20;
/** What takes seconds to make is announced. */
const MANY_TESTS = 40;

export function renderSuite(runs: readonly TestRun[], colours: Colours): string {
  const tests = new Set(runs.map(({ test }) => test.testId)).size;
  const tries = runs.length === tests ? '' : ` in ${runs.length} tries`;
  const told = runs.length > LONG_LIST ? runs.filter(hasToTell) : runs;
  return [
    colours.bold(`Headwater: ${count(tests, 'test')}${tries}, each a run`),
    ...told.map((run) => renderTest(run, colours)),
    ...restOf(runs.length - told.length, told.length, colours),
  ].join('\n');
}

/** Said before the runs of so many tests are made: those that could not be made while others were on. */
export const makingWords = (tests: number): string | undefined =>
  tests >= MANY_TESTS ? `Headwater is making the runs of ${tests} tests …` : undefined;

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** A retry is told beside the try before it. */
const hasToTell = ({ test, report }: TestRun): boolean =>
  !test.isExpected || test.retry > 0 || standsOut(report);

function restOf(rest: number, told: number, colours: Colours): string[] {
  if (rest === 0) return [];
  const words = told > 0 ? `In ${rest} more nothing stands out` : 'Nothing stands out in any of them';
  return [`  ${colours.green('✓')} ${words}: ${colours.dim(`headwater list --limit ${rest + told}`)}`];
}

function renderTest({ test, report }: TestRun, colours: Colours): string {
  const mark = test.isExpected ? colours.green('✓') : colours.red('✖');
  const retry = test.retry > 0 ? colours.yellow(` (retry ${test.retry})`) : '';
  const dot = layerPaint(colours, report.verdict.layer)('●');
  return [
    `  ${mark} ${colours.bold(plain(test.title))}${retry}`,
    `    ${dot} ${plain(sentenceBelow(test.title, report))}`,
    `    ${colours.dim(report.viewerUrl ?? `headwater show ${report.traceId.slice(0, 12)}`)}`,
  ].join('\n');
}

/** The sentence without its subject, which stands above it. */
function sentenceBelow(title: string, { verdict: { sentence } }: RunReport): string {
  return sentence.startsWith(`${title} `) ? sentence.slice(title.length + 1) : sentence;
}
