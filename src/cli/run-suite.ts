/** `headwater run my.spec.ts`: the suite's own Playwright Test, observed; every try of every test becomes a run. */
import { spawn } from 'node:child_process';
import { countTestRecords, makeSuiteFolder, removeSuiteFolder } from '../../probe/suite/test-record.ts';
import {
  PLAYWRIGHT_TEST_VARIABLE,
  SUITE_FOLDER_VARIABLE,
  SUITE_OPTIONS_VARIABLE,
} from '../../probe/suite/variables.ts';
import type { GivenOptions } from '../../probe/suite/with-headwater.ts';
import { forward } from '../export/exporters.ts';
import { findPlaywrightTest, type PlaywrightTest, playwrightArguments } from '../run/playwright-command.ts';
import { LOWEST_PRIORITY, prioritise, USUAL_PRIORITY } from '../run/priority.ts';
import { SuiteKeeper, type TestRun } from '../run/suite.ts';
import { usualFrom } from '../run/usual.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { type Judged, judgeFor } from './budget-options.ts';
import { print, printJson, say, sayLoud, stdoutColours } from './console.ts';
import { onInterrupt, withCleanup } from './interrupt.ts';
import { isServing } from './receivers.ts';
import { type RunOptions, receive } from './run.ts';
import { makingWords, renderSuite } from './terminal/suite.ts';
import { backendWitnesses } from './traces-from.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

export async function runSuite(named: readonly string[], options: RunOptions): Promise<void> {
  const playwright = findPlaywrightTest(named[0] ?? '.');
  if (!playwright)
    throw new UserError(
      `${named[0]} is a Playwright Test file, and @playwright/test is not installed beside it: npm install --save-dev @playwright/test`,
      EXIT.environment,
    );
  const judge = await judgeFor(options);
  for (const one of ignoredOptions(options)) sayLoud(`${one} does not apply to a Playwright suite.`);
  const interrupt = onInterrupt();
  const code = await withCleanup(async (later) => {
    const store = await withExitCode(EXIT.environment, () => openStore());
    later(() => store.close());
    const isUp = await isServing(options.port);
    const collector = await receive(store, options, isUp);
    if (collector) later(() => collector.stop());
    const folder = makeSuiteFolder();
    later(() => removeSuiteFolder(folder));
    const sinceChunk = store.lastChunk();
    const keeper = new SuiteKeeper({
      folder,
      store,
      ...(isUp ? { viewerUrl: (traceId) => `http://127.0.0.1:${options.port}/run/${traceId}` } : {}),
    });
    const tests = playwrightEnded(playwright, named, folder, options);
    prioritise(process.pid, LOWEST_PRIORITY);
    const ended = await keeper.keepUntil(tests).finally(() => prioritise(process.pid, USUAL_PRIORITY));
    const making = makingWords(countTestRecords(folder) - keeper.count);
    if (making) say(making);
    const runs = await keeper.finish({
      sinceChunk,
      witnesses: backendWitnesses(options.tracesFrom ?? [], store),
      settle: {
        quietMs: Math.min(1_000, options.settle),
        atLeastMs: options.settle,
        atMostMs: options.settle * 2,
        signal: interrupt.signal,
        ...(collector ? { flush: () => collector.flush() } : {}),
      },
      onSettling: () => {
        if (options.settle >= 1_000)
          say(`Waiting up to ${options.settle / 1_000} s for the servers' reports (--settle 0 does not) …`);
      },
    });
    for (const { report } of runs)
      for (const note of await forward(store.spans(report.traceId), options)) say(note);
    tell(runs, options.json);
    const judged = runs.length > 0 ? judge?.tell(judgedTests(runs, store)) : undefined;
    return exitCodeOf(ended, runs) || (judged ?? EXIT.fine);
  });
  interrupt.release();
  process.exitCode = code;
}

/** By journey: the last try of each test, as Playwright judges it; `--repeat-each` makes several tests of one name. */
function judgedTests(runs: readonly TestRun[], store: Store): Judged[] {
  const last = new Map(runs.map((run) => [run.test.testId, run]));
  const byJourney = new Map<string, TestRun[]>();
  for (const run of last.values()) {
    const { journey } = run.report;
    byJourney.set(journey, [...(byJourney.get(journey) ?? []), run]);
  }
  return [...byJourney].map(([journey, tests]) => {
    const view = store.run(tests[0]!.report.traceId);
    const normal = view && usualFrom(store)(view);
    return { journey, reports: tests.map(({ report }) => report), ...(normal && { normal }) };
  });
}

function ignoredOptions(options: RunOptions): string[] {
  const given: [unknown, string][] = [
    [options.url, '--url'],
    [options.repeat > 1, '--repeat (-- --repeat-each N does)'],
    [options.pin?.length, '--pin'],
    [options.agent?.length, '--agent'],
    [options.dns.mode !== 'system', '--dns'],
  ];
  return given.flatMap(([value, name]) => (value ? [name] : []));
}

/** Exit code of Playwright, which prints as ever; with `--json` on stderr. */
function playwrightEnded(
  playwright: PlaywrightTest,
  named: readonly string[],
  folder: string,
  options: RunOptions,
): Promise<number> {
  const args = [
    ...named,
    ...(options.grep ? ['--grep', options.grep] : []),
    ...(options.project ?? []).flatMap((name) => ['--project', name]),
    ...(options.workers ? ['--workers', options.workers] : []),
    ...(options.headed ? ['--headed'] : []),
  ];
  const child = spawn(process.execPath, playwrightArguments(playwright, args), {
    stdio: ['inherit', options.json ? 2 : 'inherit', 'inherit'],
    env: {
      ...process.env,
      [SUITE_FOLDER_VARIABLE]: folder,
      [SUITE_OPTIONS_VARIABLE]: JSON.stringify({
        traceOrigins: options.traceOrigin ?? [],
        depth: options.depth,
        usualDepth: 'whole',
        // This command hears them itself, or a `headwater serve` does.
        traceparent: true,
      } satisfies GivenOptions),
      [PLAYWRIGHT_TEST_VARIABLE]: playwright.main,
    },
  });
  return new Promise((resolve, reject) => {
    child.on('error', (error) =>
      reject(new UserError(`Playwright could not be started: ${error.message}`, EXIT.environment)),
    );
    child.on('close', (code) => resolve(code ?? EXIT.failed));
  });
}

function tell(runs: readonly TestRun[], json: boolean | undefined): void {
  if (json) for (const { report } of runs) printJson(report);
  else if (runs.length > 0) print(`\n${renderSuite(runs, stdoutColours)}`);
  if (!json && runs.length > 0 && !runs[0]?.report.viewerUrl) say('To draw them: headwater serve');
}

/** Playwright ends with 1 also when there was nothing to run, or its configuration could not be read. */
function exitCodeOf(ended: number, runs: readonly TestRun[]): number {
  if (ended === 0) return EXIT.fine;
  return runs.length === 0 ? EXIT.usage : EXIT.failed;
}
