/** `headwater replay X`: a slow path that somebody recorded, walked again, beside the original. */
import type { Command } from 'commander';
import type { RunView } from '../model/report.ts';
import { type Conditions, conditionsInWords } from '../replay/conditions.ts';
import { RecordingError } from '../replay/recording.ts';
import { readAsked } from '../replay/run/asked.ts';
import { planReplay, type ReplayPlan } from '../replay/run/replay-plan.ts';
import { type ReplayAnswer, walkAll } from '../replay/run/walk-all.ts';
import { isRemovable, REMOVABLE, type Removable } from '../replay/without.ts';
import { reopened } from '../run/reopen.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { applyConfig, loadModule } from './configured.ts';
import {
  print,
  say,
  sayDone,
  sayFailed,
  sayLoud,
  sayStarting,
  stdoutColours,
  stdoutWidth,
} from './console.ts';
import { type DnsMode, dnsMode } from './dns-option.ts';
import { onInterrupt, withCleanup } from './interrupt.ts';
import { namedTrace } from './named-trace.ts';
import { collect, httpAddress, milliseconds, positiveInteger } from './options.ts';
import { SCENARIOS_DIR } from './package-root.ts';
import { addReceiving } from './receive-options.ts';
import { isServing } from './receivers.ts';
import { headersFrom, readState, takeValues } from './replay-options.ts';
import { type Series, type SeriesOptions, walkOnce } from './replay-series.ts';
import { type ReceiveOptions, receive } from './run.ts';
import { renderReplay } from './terminal/replay.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

interface ReplayOptions extends ReceiveOptions {
  readonly url?: string;
  readonly repeat: number;
  readonly save?: string;
  readonly dryRun?: boolean;
  readonly original?: string;
  readonly without?: readonly string[];
  readonly unsafe?: boolean;
  readonly storageState?: string;
  readonly headerEnv?: readonly string[];
  readonly set?: readonly string[];
  readonly json?: boolean;
  readonly headed?: boolean;
  readonly dns?: DnsMode;
  readonly pin?: readonly string[];
  readonly traceOrigin?: readonly string[];
  readonly timeout: number;
  readonly settle: number;
  readonly port: number;
  readonly tracesFrom?: readonly string[];
  readonly agent?: readonly string[];
  readonly profile?: boolean;
  readonly profileNode?: readonly string[];
}

const EXAMPLES = `
What can be replayed:
  a trace ID (of the store; with --traces-from, of Jaeger, Tempo or Zipkin), or the address of a trace there
  a file that headwater import reads, with the browser's or the first server's requests in it
  a recording of Chrome DevTools Recorder (JSON), a journey or a script of Playwright's codegen
  a curl command: as one argument, or in a file

Examples:
  headwater replay 4bf92f35
  headwater replay checkout.json --url https://staging.your.site --unsafe
  headwater replay "curl https://your.site/api/search -H 'authorization: Bearer …'"
  headwater replay 4bf92f35 --without dns --without third-party
  headwater replay 4bf92f35 --profile --profile-node 127.0.0.1:9229
  headwater replay 4bf92f35 --set EMAIL=ada@your.site --unsafe

Conditions for --without:
${Object.entries(REMOVABLE)
  .map(([name, what]) => `  ${name.padEnd(12)} ${what}`)
  .join('\n')}`;

export function addReplay(command: Command): void {
  command
    .argument('<recording>', 'a trace ID, a file, or a curl command')
    .option('-r, --repeat <count>', 'how many times', positiveInteger, 3)
    .option('-u, --url <address>', 'walk it here instead of where it was recorded', httpAddress)
    .option('--save <file>', 'write the journey here')
    .option('--dry-run', 'show the journey and walk nothing')
    .option('--original <trace>', 'hold the replays against this run')
    .option('--without <condition>', 'does the slowness need this? See below (repeatable)', collect)
    .option('--unsafe', 'send POST and other requests again that change something at the server')
    .option('--storage-state <file>', 'cookies and local storage, as Playwright saves them')
    .option(
      '--header-env <name=variable>',
      'send this header, its value from the environment (repeatable)',
      collect,
    )
    .option('--set <name=value>', 'a value that the recording does not hold (repeatable)', collect)
    .option('--json', 'one JSON object on stdout, everything else on stderr')
    .option('--profile', "sample the page's functions in the slow step, and say which were hot")
    .option(
      '--profile-node <address>',
      'the same of a Node.js service, by its inspector: 127.0.0.1:9229 (repeatable)',
      collect,
    )
    .option('--headed', 'show the browser')
    .option('--dns <mode>', 'system, forward[=SERVER,…] or iterative=ROOT,…; default: as recorded', dnsMode)
    .option('--trace-origin <origin>', 'one more origin that may receive traceparent (repeatable)', collect)
    .option('--pin <sha256>', 'trust the certificate with this SPKI pin (repeatable)', collect)
    .option('--timeout <ms>', 'give up a run after', milliseconds, 60_000)
    .option('--settle <ms>', "wait this long for the servers' reports", milliseconds, 6_000);
  addReceiving(command)
    .addHelpText('after', EXAMPLES)
    .hook('preAction', (_program, command) => applyConfig(command))
    .action(replay);
}

async function replay(asked: string, options: ReplayOptions, command: Command): Promise<void> {
  const removed = (options.without ?? []).map(removable);
  const seriesOptions = seriesOptionsOf(options);
  // A site in the configuration is where journeys are walked; a recording says itself where it was.
  const url = command.getOptionValueSource('url') === 'config' ? undefined : options.url;
  takeValues(options.set ?? []);
  const interrupt = onInterrupt();
  await withCleanup(async (later) => {
    const store = await withExitCode(EXIT.environment, () => openStore());
    later(() => store.close());
    const plan = await planFor(asked, { ...options, url }, store);
    tellPlan(plan, options);
    if (options.dryRun) {
      if (options.json) print(JSON.stringify(dryAnswer(plan)));
      return;
    }
    const isUp = await isServing(options.port);
    const collector = await receive(store, options, isUp);
    if (collector) later(() => collector.stop());
    const { signal } = interrupt;
    const series = { ...plan, store, collector, isServing: isUp, signal, options: seriesOptions };
    const { repeat } = options;
    const walk = (conditions: Conditions, what: string) => walkAndTell(series, conditions, what);
    const answer = await walkAll(plan, { repeat, removed, store, signal, walk });
    if (!answer) return;
    tellAnswer(answer, plan, options, isUp);
    if (answer.outcome.state === 'failed') process.exitCode = EXIT.failed;
  });
  interrupt.release();
}

async function planFor(
  asked: string,
  options: Omit<ReplayOptions, 'url'> & { readonly url: string | undefined },
  store: Store,
): Promise<ReplayPlan> {
  try {
    const { url, save, unsafe, dryRun, original } = options;
    const read = await readAsked(asked, { store, tracesFrom: options.tracesFrom ?? [] });
    const plan = await planReplay(read, {
      ...(url === undefined ? {} : { url: url.replace(/\/+$/, '') }),
      ...(save === undefined ? {} : { save }),
      unsafe: unsafe ?? false,
      dryRun: dryRun ?? false,
      store,
      scenariosDir: SCENARIOS_DIR,
      load: loadModule,
    });
    return original === undefined ? plan : { ...plan, original: originalOf(original, store) };
  } catch (error) {
    if (error instanceof RecordingError) throw new UserError(error.message);
    throw error instanceof UserError ? error : new UserError((error as Error).message);
  }
}

function originalOf(asked: string, store: Store): RunView {
  const view = reopened(
    namedTrace(asked, (prefix) => store.findTrace(prefix)),
    store,
  );
  if (!view) throw new UserError(`Trace ${asked} is no run that could be compared with.`);
  return view;
}

function removable(text: string): Removable {
  if (isRemovable(text)) return text;
  throw new UserError(`--without ${text} is not known: give ${Object.keys(REMOVABLE).join(', ')}.`);
}

function seriesOptionsOf({ storageState, headerEnv, ...options }: ReplayOptions): SeriesOptions {
  return {
    ...options,
    headers: headersFrom(headerEnv ?? []),
    ...(storageState === undefined ? {} : { storageState: readState(storageState) }),
  };
}

async function walkAndTell(series: Series, conditions: Conditions, what: string): Promise<RunView> {
  sayStarting(what, `${series.journey.name} at ${series.baseUrl}`);
  const view = await withExitCode(EXIT.environment, () => walkOnce(series, conditions));
  tellRun(view, what);
  return view;
}

function tellPlan(plan: ReplayPlan, { dryRun, json }: ReplayOptions): void {
  for (const note of plan.notes) sayLoud(note);
  const show = json || !dryRun ? say : print;
  show(plan.source);
  if (plan.file !== '') sayDone('journey', plan.file);
  sayDone('from', plan.from);
  const conditions = conditionsInWords(plan.conditions);
  if (conditions.length > 0) sayDone('conditions', conditions.join(', '));
  for (const { what, why, supply } of plan.leftOut)
    sayLoud(`Not replayed: ${what}: ${why}${supply ? `; ${supply}` : ''}.`);
}

function tellRun({ report }: RunView, what: string): void {
  const line = `${report.traceId.slice(0, 8)}  ${report.verdict.sentence}`;
  if (report.status === 'failed') sayFailed(`${what}: ${line}`);
  else sayDone(what, line);
}

function tellAnswer(
  answer: ReplayAnswer,
  plan: ReplayPlan,
  { json, port }: ReplayOptions,
  isUp: boolean,
): void {
  const { a, b } = answer.comparison;
  const path = `/compare/${a.traceId}/${b.traceId}`;
  const viewerUrl = isUp ? `http://127.0.0.1:${port}${path}` : null;
  if (json) {
    print(JSON.stringify(jsonAnswer(answer, plan, viewerUrl)));
    return;
  }
  print(`\n${renderReplay(answer, stdoutWidth(), stdoutColours)}`);
  if (viewerUrl) say(`Side by side: ${viewerUrl}`);
  else say(`Side by side: headwater serve, then http://127.0.0.1:${port}${path}`);
}

const dryAnswer = (plan: ReplayPlan) => ({
  journey: plan.journey.name,
  from: plan.from,
  baseUrl: plan.baseUrl,
  file: plan.file || null,
  source: plan.source,
  conditions: plan.conditions,
  leftOut: plan.leftOut,
});

const jsonAnswer = (answer: ReplayAnswer, plan: ReplayPlan, viewerUrl: string | null) => ({
  ...dryAnswer(plan),
  leftOut: answer.leftOut,
  original: answer.original.report.traceId,
  isFirstReplay: answer.isFirstReplay,
  replays: answer.replays.map(({ report: { traceId, status, wallNs, verdict }, hot }) => ({
    traceId,
    status,
    wallNs,
    verdict,
    ...(hot && { hot }),
  })),
  outcome: answer.outcome,
  comparison: answer.comparison,
  without: answer.narrowed,
  viewerUrl,
});
