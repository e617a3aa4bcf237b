/** `headwater run FILE|NAME|ADDRESS`: walk a journey in a real browser and say where the time went. */
import type { Command } from 'commander';
import type { Normal } from '../analyse/normal.ts';
import { type Collector, startCollector } from '../collect/collector.ts';
import { type ExportTargets, forward } from '../export/exporters.ts';
import type { RunReport, RunView } from '../model/report.ts';
import { agentWitness } from '../run/agents.ts';
import { loadJourney } from '../run/load-journey.ts';
import { observe } from '../run/observe.ts';
import { isSuite } from '../run/playwright-command.ts';
import { usualFrom } from '../run/usual.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { addBudgeting, type BudgetOptions, judgeFor } from './budget-options.ts';
import { applyConfig, loadModule } from './configured.ts';
import { printJson, printRun, say, sayLoud } from './console.ts';
import { type DnsMode, dnsMode } from './dns-option.ts';
import { onInterrupt, withCleanup } from './interrupt.ts';
import { collect, httpAddress, milliseconds, positiveInteger } from './options.ts';
import { SCENARIOS_DIR } from './package-root.ts';
import { probeOptions, stepTeller } from './probe-options.ts';
import { addReceiving } from './receive-options.ts';
import { isServing, storeSink } from './receivers.ts';
import { backendWitnesses } from './traces-from.ts';
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

export interface RunOptions extends ExportTargets, ReceiveOptions, BudgetOptions {
  readonly url?: string;
  readonly repeat: number;
  readonly headed?: boolean;
  readonly filmstrip: boolean;
  readonly dns: DnsMode;
  readonly traceOrigin?: readonly string[];
  readonly pin?: readonly string[];
  readonly timeout: number;
  readonly settle: number;
  readonly port: number;
  readonly tracesFrom?: readonly string[];
  readonly agent?: readonly string[];
  readonly grep?: string;
  readonly project?: readonly string[];
  readonly workers?: string;
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

export function addRun(program: Command): void {
  const command = program
    .command('run')
    .argument('<journey...>', 'a file, a name in scenarios/, an address to open, or Playwright Test files')
    .description('walk a journey in a real browser and say where the time went')
    .option('-u, --url <address>', 'where the journey starts', httpAddress)
    .option('-r, --repeat <count>', 'how many times', positiveInteger, 1)
    .option('--json', 'one JSON object a run on stdout, everything else on stderr')
    .option('-g, --grep <pattern>', 'of a Playwright suite: only tests whose title matches')
    .option('--project <name>', 'of a Playwright suite: only this project (repeatable)', collect)
    .option('--workers <count>', 'of a Playwright suite: so many in parallel')
    .option('--headed', 'show the browser')
    .option('--no-filmstrip', 'take no pictures of the page')
    .option('--dns <mode>', 'system, forward, or forward=SERVER[,SERVER]', dnsMode, { mode: 'system' })
    .option('--trace-origin <origin>', 'one more origin that may receive traceparent (repeatable)', collect)
    .option('--pin <sha256>', 'trust the certificate with this SPKI pin (repeatable)', collect)
    .option('--timeout <ms>', 'give up the journey after', milliseconds, 60_000)
    .option('--settle <ms>', "wait this long for the servers' reports", milliseconds, 6_000)
    .option('--otlp-endpoint <address>', "send the run's spans on to this OTLP/HTTP receiver", httpAddress)
    .option('--jaeger-endpoint <address>', "send the run's spans on to this Jaeger collector", httpAddress);
  addReceiving(addBudgeting(command))
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
    const witnesses = [
      ...backendWitnesses(options.tracesFrom ?? [], store),
      ...(options.agent ?? []).map((address) => agentWitness(address, process.env.HEADWATER_AGENT_TOKEN)),
    ];
    const reports: RunReport[] = [];
    let normal: Normal | undefined;
    for (let i = 0; i < options.repeat && !interrupt.signal.aborted; i++) {
      const view = await observe({
        journey: loaded.journey,
        probe: probeOptions({ ...options, baseUrl }, interrupt.signal, stepTeller()),
        store,
        witnesses,
        usual: usualFrom(store),
        settle: {
          quietMs: Math.min(1_000, options.settle),
          atLeastMs: options.settle,
          atMostMs: options.settle * 2,
          signal: interrupt.signal,
          ...(collector ? { flush: () => collector.flush() } : {}),
        },
        onSettling: () => sayWaiting(options.settle),
        ...(isUp ? { viewerUrl: (traceId) => `http://127.0.0.1:${options.port}/run/${traceId}` } : {}),
      });
      for (const note of await forward(store.spans(view.report.traceId), options)) say(note);
      tell(view, options.json);
      // What was usual before these runs: they must not be held against themselves.
      if (reports.length === 0) normal = usualFrom(store)(view.trace);
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
