/**
 * `headwater/playwright-reporter`: when the suite has ended, its runs are made and each test's verdict is printed, and
 * added to its result as an annotation and an attachment for the reporters that come after it.
 *
 * ```ts
 * reporter: [['list'], ['headwater/playwright-reporter', { settleMs: 2_000 }], ['html']],
 * ```
 */
import type { FullResult, Reporter, Suite, TestCase } from '@playwright/test/reporter';
import { makeSuiteFolder } from '../../probe/suite/test-record.ts';
import { SUITE_FOLDER_VARIABLE, SUITE_OPTIONS_VARIABLE } from '../../probe/suite/variables.ts';
import type { GivenOptions } from '../../probe/suite/with-headwater.ts';
import type { TestRun } from '../run/suite.ts';
import { SuiteFinisher } from '../run/suite-finisher.ts';
import { print, say, sayLoud, stdoutColours } from './console.ts';
import { renderSuite } from './terminal/suite.ts';

export interface HeadwaterReporterOptions {
  /** How long to wait for the servers' reports after the suite; 0 unless given: late ones join when a run is shown. */
  readonly settleMs?: number;
  /** Where a `headwater serve` may be up. */
  readonly port?: number;
}

/** Besides what they were told already. */
function tellWorkers(options: GivenOptions): void {
  const told = JSON.parse(process.env[SUITE_OPTIONS_VARIABLE] ?? '{}') as GivenOptions;
  process.env[SUITE_OPTIONS_VARIABLE] = JSON.stringify({ ...told, ...options });
}

/** Whoever waits for longer is told for what. */
const LONG_MS = 1_000;

export default class HeadwaterReporter implements Reporter {
  private readonly options: HeadwaterReporterOptions;
  private readonly testById = new Map<string, TestCase>();
  private folder: string | undefined;
  private finisher: SuiteFinisher | undefined;

  constructor(options: HeadwaterReporterOptions = {}) {
    this.options = options;
  }

  /** Under `headwater run` that command makes the runs, and tells of them. */
  onBegin(_config: unknown, suite: Suite): void {
    const tests = suite.allTests();
    for (const test of tests) this.testById.set(test.id, test);
    if (process.env[SUITE_FOLDER_VARIABLE] || tests.length === 0) return;
    this.folder = makeSuiteFolder();
    process.env[SUITE_FOLDER_VARIABLE] = this.folder;
    const { port } = this.options;
    if (port !== undefined) tellWorkers({ port });
    this.finisher = new SuiteFinisher({ folder: this.folder, port });
  }

  async onEnd(_result: FullResult): Promise<void> {
    const { folder, finisher } = this;
    if (!folder || !finisher) return;
    delete process.env[SUITE_FOLDER_VARIABLE];
    const late = setTimeout(() => say('Headwater is making the last runs …'), LONG_MS);
    try {
      const tests = await finisher.finish({ settleMs: this.options.settleMs });
      for (const told of tests) this.annotate(told);
      if (tests.length > 0) print(`\n${renderSuite(tests, stdoutColours)}`);
    } catch (error) {
      // The suite's own result stands, whatever happens to its traces.
      sayLoud(`Headwater could not keep this suite's runs: ${(error as Error).message}`);
    } finally {
      clearTimeout(late);
    }
  }

  printsToStdio(): boolean {
    return false;
  }

  private annotate({ test, report }: TestRun): void {
    const result = this.testById.get(test.testId)?.results.find(({ retry }) => retry === test.retry);
    if (!result) return;
    const address = report.viewerUrl ?? `headwater show ${report.traceId}`;
    const annotation = { type: 'headwater', description: `${report.verdict.sentence} ${address}` };
    const known = result.annotations?.find(({ type }) => type === 'headwater');
    if (known) Object.assign(known, annotation);
    else result.annotations?.push(annotation);
    const body = Buffer.from(JSON.stringify(report));
    result.attachments.push({ name: 'headwater', contentType: 'application/json', body });
  }
}
