/** `headwater run FILE|NAME|ADDRESS`: walk a journey in a real browser and say where the time went. */
import { type Command, Option } from 'commander';
import { DEPTHS, type Depth } from '../../probe/suite/depth.ts';
import type { Normal } from '../analyse/normal.ts';
import { type Collector, startCollector } from '../collect/collector.ts';
import type { RunReport, RunView } from '../model/report.ts';
import { loadJourney } from '../run/load-journey.ts';
import { isSuite } from '../run/playwright-command.ts';
import { usualFrom } from '../run/usual.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { addBudgeting, type BudgetOptions, judgeFor } from './budget-options.ts';
import { applyConfig, loadModule } from './configured.ts';
import { printJson, printRun, say, sayLoud } from './console.ts';
import { onInterrupt, withCleanup } from './interrupt.ts';
import { addObserving, type ObservingOptions, observer } from './observing.ts';
import { collect, httpAddress, milliseconds, positiveInteger } from './options.ts';
import { SCENARIOS_DIR } from './package-root.ts';
import { stepTeller } from './probe-options.ts';
import { addReceiving } from './receive-options.ts';
import { isServing, storeSink } from './receivers.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

/** Where a run listens while it is on. */
export interface ReceiveOptions {
  readonly otlpPort: number;
  readonly grpcPort: number;
  readonly syslogPort: number;
  readonly zipkinPort: number;
  readonly jaegerPort: number;
  readonly log?: readonly string[];
  readonly postgresLog?: readonly string[];
}

export interface RunOptions extends ObservingOptions, ReceiveOptions, BudgetOptions {
  readonly url?: string;
  readonly repeat: number;
  readonly json?: boolean;
  readonly timeout: number;
  readonly port: number;
  readonly grep?: string;
  readonly project?: readonly string[];
  readonly workers?: string;
  readonly depth?: Depth;
}

const EXAMPLES = `
Examples:
  headwater run https://your.site/
  headwater run ./login.journey.ts --url https://staging.your.site --dns forward
  headwater run checkout --url https://shop.example --repeat 5 --json
  headwater run https://shop.example --traces-from http://jaeger.shop.example:16686
  headwater run e2e/login.spec.ts --project chromium -- --retries 2
  headwater run ./login.journey.ts --repeat 5 --budget --junit budgets.xml --summary "$GITHUB_STEP_SUMMARY"

A journey file needs no import:
  export default async ({ page, step, baseUrl }) => {
    await step('Open', async () => { await page.goto(baseUrl); });
  };

While it runs, servers may send: OTLP to 4318 (HTTP) and 4317 (gRPC), load balancers' logs by syslog to 5140.`;

export function addRun(command: Command): void {
  command
    .argument('<journey...>', 'a file, a name in scenarios/, an address to open, or Playwright Test files')
    .option('-u, --url <address>', 'where the journey starts', httpAddress)
    .option('-r, --repeat <count>', 'how many times', positiveInteger, 1)
    .option('--json', 'one JSON object a run on stdout, everything else on stderr')
    .option('-g, --grep <pattern>', 'of a Playwright suite: only tests whose title matches')
    .option('--project <name>', 'of a Playwright suite: only this project (repeatable)', collect)
    .option('--workers <count>', 'of a Playwright suite: so many in parallel')
    .addOption(
      new Option(
        '--depth <depth>',
        "of a Playwright suite: watch each test's first try whole (usual), or its requests alone, which costs less",
      ).choices(DEPTHS),
    )
    .option('--timeout <ms>', 'give up the journey after', milliseconds, 60_000);
  addReceiving(addBudgeting(addObserving(command)))
    .addHelpText('after', EXAMPLES)
    .hook('preAction', (_program, command) => applyConfig(command))
    .action(run);
}

async function run([named = '', ...more]: string[], options: RunOptions): Promise<void> {
  if (isSuite(named)) return (await import('./run-suite.ts')).runSuite([named, ...more], options);
  if (more.length > 0)
    throw new UserError(`Only Playwright Test files can be more than one; "${named}" is not one.`);
  const loaded = await withExitCode(EXIT.usage, () => loadJourney(named, SCENARIOS_DIR, loadModule));
  const baseUrl = options.url ?? loaded.baseUrl;
  if (!baseUrl)
    throw new UserError(`The journey "${named}" needs an address to start at: --url https://your.site`);
  const judge = await judgeFor(options, loaded.journey.name);
  const interrupt = onInterrupt();
  const { reports, normal } = await withCleanup(async (later) => {
    const store = await withExitCode(EXIT.environment, () => openStore());
    later(() => store.close());
    const isUp = await isServing(options.port);
    const collector = await receive(store, options, isUp);
    if (collector) later(() => collector.stop());
    const viewer = isUp ? `http://127.0.0.1:${options.port}` : undefined;
    const walk = observer(store, options, collector, viewer);
    const reports: RunReport[] = [];
    let normal: Normal | undefined;
    for (let i = 0; i < options.repeat && !interrupt.signal.aborted; i++) {
      const view = await walk({
        journey: loaded.journey,
        baseUrl,
        timeout: options.timeout,
        signal: interrupt.signal,
        onStep: stepTeller(),
        onSettling: () => sayWaiting(options.settle),
      });
      tell(view, options.json);
      // What was usual before these runs: they must not be held against themselves.
      if (reports.length === 0) normal = usualFrom(store)(view);
      reports.push(view.report);
    }
    return { reports, normal };
  });
  interrupt.release();
  if (reports.some(({ status }) => status === 'failed')) process.exitCode = EXIT.failed;
  if (reports.length > 0)
    process.exitCode ||= judge?.tell([{ journey: loaded.journey.name, reports, ...(normal && { normal }) }]);
}

function tell(view: RunView, json: boolean | undefined): void {
  if (json) {
    printJson(view.report);
    return;
  }
  printRun(view);
  if (!view.report.viewerUrl) say('To draw it: headwater serve');
}

const sayWaiting = (settleMs: number): void => {
  if (settleMs >= 1_000)
    say(
      `Waiting up to ${settleMs / 1_000} s for the servers' reports (--settle 0 does not wait; Ctrl-C goes on) …`,
    );
};

/** A `headwater serve` that is up already receives for us, into the same store. */
export async function receive(
  store: Store,
  options: ReceiveOptions,
  isUp: boolean,
): Promise<Collector | undefined> {
  try {
    const collector = await startCollector({
      sink: storeSink(store),
      otlpHttpPort: options.otlpPort,
      otlpGrpcPort: options.grpcPort,
      syslogPort: options.syslogPort,
      zipkinPort: options.zipkinPort,
      jaegerPort: options.jaegerPort,
      logs: [...(options.log ?? []), ...(options.postgresLog ?? [])],
    });
    for (const note of collector.notes) say(note);
    return collector;
  } catch (error) {
    if (isUp) say('A headwater serve is up and receives for this run.');
    else
      sayLoud(
        `${error instanceof Error ? error.message : String(error)} Going on without the servers' reports.`,
      );
    return undefined;
  }
}
