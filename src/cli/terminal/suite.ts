/** A suite told in a terminal: each test with its verdict, and where it is drawn. Returns text. */
import type { TestRun } from '../../run/suite.ts';
import { type Colours, layerPaint, plain } from './colour.ts';

export function renderSuite(runs: readonly TestRun[], colours: Colours): string {
  const tests = new Set(runs.map(({ test }) => test.testId)).size;
  const tries = runs.length === tests ? '' : ` in ${runs.length} tries`;
  const head = `Headwater: ${tests} test${tests === 1 ? '' : 's'}${tries}, each a run`;
  return [colours.bold(head), ...runs.map((run) => renderTest(run, colours))].join('\n');
}

function renderTest({ test, report }: TestRun, colours: Colours): string {
  const mark = test.isExpected ? colours.green('✓') : colours.red('✖');
  const retry = test.retry > 0 ? colours.yellow(` (retry ${test.retry})`) : '';
  const dot = layerPaint(colours, report.verdict.layer)('●');
  return [
    `  ${mark} ${colours.bold(plain(test.title))}${retry}`,
    `    ${dot} ${plain(report.verdict.sentence)}`,
    `    ${colours.dim(report.viewerUrl ?? `headwater show ${report.traceId.slice(0, 12)}`)}`,
  ].join('\n');
}
