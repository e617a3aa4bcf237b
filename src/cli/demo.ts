/** `headwater demo`: start the demo shop, walk its checkout in a real browser, tell and draw what happened. */
import type { Command } from 'commander';
import { dnsText } from '../../probe/dns/dns-options.ts';
import checkout from '../../scenarios/checkout.ts';
import { faults, parseFault } from '../../scenarios/faults/index.ts';
import { type ProxyRequest, REAL_PROXIES } from '../../scenarios/shop/proxy.ts';
import { DATABASE_SYSTEMS, type DatabaseSystem } from '../../scenarios/shop/settings.ts';
import { type Shop, startShop } from '../../scenarios/shop/start.ts';
import { type Collector, startCollector } from '../collect/collector.ts';
import type { RunView } from '../model/report.ts';
import { formatDuration, nanosFromMs } from '../model/time.ts';
import { agentWitness } from '../run/agents.ts';
import { observe } from '../run/observe.ts';
import { reopening } from '../run/reopen.ts';
import { usualFrom } from '../run/usual.ts';
import type { Witness } from '../run/witness.ts';
import { type RunningServer, startServer } from '../serve/server.ts';
import { DEFAULT_VIEWER_PORT } from '../serve/viewer-port.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { startAgentProcess } from './agent-process.ts';
import { printJson, printRun, say, sayDone, sayLoud, sayStarting } from './console.ts';
import { examine } from './doctor.ts';
import { type Interrupt, onInterrupt, withCleanup } from './interrupt.ts';
import { collect, milliseconds, port } from './options.ts';
import { VIEWER_DIR } from './package-root.ts';
import { probeOptions, stepTeller } from './probe-options.ts';
import { storeSink } from './receivers.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

interface DemoOptions {
  readonly fault?: readonly string[];
  readonly once?: boolean;
  readonly json?: boolean;
  readonly headed?: boolean;
  readonly filmstrip: boolean;
  readonly port?: number;
  readonly database: DatabaseSystem;
  readonly proxy: ProxyRequest['kind'];
  readonly timeout: number;
  readonly agent: boolean;
}

type Later = (stop: () => Promise<void> | void) => void;

/** The shop's services export every 150 ms; its proxy and database log at once. */
const SETTLE = { quietMs: 400, atLeastMs: 600, atMostMs: 8_000 } as const;

export function addDemo(command: Command): void {
  command
    .option('-f, --fault <name>', 'switch a fault on, NAME or NAME=MS (repeatable)', collect)
    .option('--once', 'exit after the run instead of serving the viewer until Ctrl-C')
    .option('--json', 'one JSON object on stdout, everything else on stderr')
    .option('--headed', 'show the browser')
    .option('--no-filmstrip', 'take no pictures of the page')
    .option('-p, --port <port>', 'port of the viewer (default: 4319, or any free one)', port)
    .option('--proxy <kind>', 'haproxy, nginx, caddy, embedded (a stand-in), or auto', 'auto')
    .option('--database <kind>', 'postgresql, or mariadb (the one of your system)', 'postgresql')
    .option('--timeout <ms>', 'give up the journey after', milliseconds, 60_000)
    .option('--no-agent', 'do not watch what the kernel of this machine sees (Linux)')
    .addHelpText(
      'after',
      () =>
        `\nFaults:\n${faultList()}\n\nExamples:\n  headwater demo\n  headwater demo --fault db-seq-scan\n  headwater demo --fault dns-slow=200 --once --json | jq .verdict`,
    )
    .action(demo);
}

function faultList(): string {
  const width = Math.max(...Object.keys(faults).map((name) => name.length));
  return Object.values(faults)
    .map(({ name, title, fixedMs }) => `  ${name.padEnd(width)}  ${title}${costNote(fixedMs)}`)
    .join('\n');
}

const costNote = (fixedMs: number | undefined): string =>
  fixedMs === undefined ? '' : ` (always ${formatDuration(nanosFromMs(fixedMs))})`;

async function demo(options: DemoOptions): Promise<void> {
  if (!['auto', 'embedded', ...REAL_PROXIES].includes(options.proxy))
    throw new UserError(
      `--proxy ${options.proxy} is not known: give ${REAL_PROXIES.join(', ')}, embedded or auto.`,
    );
  if (!DATABASE_SYSTEMS.includes(options.database))
    throw new UserError(
      `--database ${options.database} is not known: give ${DATABASE_SYSTEMS.join(' or ')}.`,
    );
  const wanted = await withExitCode(EXIT.usage, () => (options.fault ?? []).map(parseFault));
  await prepareMachine(options);
  const interrupt = onInterrupt();
  await withCleanup(async (later) => {
    const startMs = performance.now();
    const store = await withExitCode(EXIT.environment, () => openStore());
    later(() => store.close());
    const { shop, collector, server, witnesses } = await startEverything(options, wanted, store, later);
    sayDone('ready', `after ${formatDuration(nanosFromMs(performance.now() - startMs))}`);
    if (interrupt.signal.aborted) return;
    const view = await walk({ shop, collector, server, witnesses }, store, options, interrupt);
    if (options.json) printJson(view.report);
    else printRun(view);
    if (view.report.status === 'failed') process.exitCode = EXIT.failed;
    if (!options.once) await stayUp(shop, server, view, interrupt);
  });
  interrupt.release();
}

/** Installs what can be installed; the proxy has a stand-in, the browser has not. */
async function prepareMachine(options: DemoOptions): Promise<void> {
  const ready = await examine({
    install: true,
    for: options.proxy === 'auto' || options.proxy === 'haproxy' ? 'demo' : 'run',
    quiet: true,
  });
  if (ready || options.proxy !== 'haproxy') {
    if (ready || (await examine({ for: 'run', quiet: true }))) return;
  }
  throw new UserError(
    'This machine lacks something the demo needs; see above, or headwater doctor.',
    EXIT.environment,
  );
}

interface Started {
  readonly shop: Shop;
  readonly collector: Collector;
  readonly server: RunningServer;
  readonly witnesses: readonly Witness[];
}

async function startEverything(
  options: DemoOptions,
  wanted: ReturnType<typeof parseFault>[],
  store: Store,
  later: Later,
): Promise<Started> {
  const collector = await startCollector({
    sink: storeSink(store),
    otlpHttpPort: 0,
    otlpGrpcPort: 0,
    syslogPort: 0,
  });
  later(() => collector.stop());
  const server = await startViewer(options.port, store);
  later(() => server.stop());
  sayDone('Headwater', `viewer ${server.url}`);
  const agent = startWatching(options, later);
  const shop = await withExitCode(EXIT.environment, () =>
    startShop({
      otlpUrl: `http://127.0.0.1:${collector.ports.otlpHttp}`,
      otlpGrpcPort: collector.ports.otlpGrpc,
      syslogPort: collector.ports.syslog ?? 0,
      faults: wanted,
      proxy: options.proxy,
      database: options.database,
      onProgress: ({ part, state, ms, detail }) => {
        if (state === 'starting') sayStarting(part, detail ?? 'starting');
        else if (state === 'note') sayLoud(`${part}: ${detail ?? ''}`);
        else
          sayDone(part, [detail, ms === undefined ? '' : `${Math.round(ms)} ms`].filter(Boolean).join(', '));
      },
    }),
  );
  later(() => shop.stop());
  collector.followLog(shop.databaseLog);
  return { shop, collector, server, witnesses: await agent };
}

/** In a process of its own, so that what it costs is not in the way of what is timed. */
async function startWatching(options: DemoOptions, later: Later): Promise<Witness[]> {
  if (!options.agent || process.platform !== 'linux') return [];
  const starting = startAgentProcess();
  later(async () => (await starting)?.stop());
  const agent = await starting;
  if (agent) return [agentWitness(agent.url)];
  sayLoud('The agent did not start: the run goes on without what the kernel saw.');
  return [];
}

/** The port that was asked for or none; without a wish, the usual one or any. */
function startViewer(wanted: number | undefined, store: Store): Promise<RunningServer> {
  const start = (at: number) => startServer({ store: reopening(store), port: at, viewerDir: VIEWER_DIR });
  if (wanted !== undefined) return withExitCode(EXIT.environment, () => start(wanted));
  return start(DEFAULT_VIEWER_PORT).catch(() => start(0));
}

function walk(
  { shop, collector, server, witnesses }: Started,
  store: Store,
  options: DemoOptions,
  interrupt: Interrupt,
): Promise<RunView> {
  sayStarting('journey', `${checkout.name} at ${shop.url}`);
  const dns = { mode: 'iterative' as const, roots: [...shop.dnsRoots] };
  const { headed, timeout, filmstrip } = options;
  return withExitCode(EXIT.environment, () =>
    observe({
      journey: checkout,
      probe: probeOptions(
        { baseUrl: shop.url, dns, pin: shop.pins, timeout, filmstrip, ...(headed ? { headed } : {}) },
        interrupt.signal,
        stepTeller(),
      ),
      store,
      witnesses,
      usual: usualFrom(store),
      settle: { ...SETTLE, signal: interrupt.signal, flush: () => collector.flush() },
      onSettling: () => sayStarting('servers', 'waiting for what they have to say'),
      viewerUrl: (traceId) => `${server.url}/run/${traceId}`,
    }),
  );
}

/** The shop's names are known only to its own name servers, and its certificate's authority to nobody. */
const flagsFor = ({ url, dnsRoots, pins }: Shop): string[] => [
  `--url ${url}`,
  `--dns ${dnsText({ mode: 'iterative', roots: [...dnsRoots] })}`,
  ...pins.map((pin) => `--pin ${pin}`),
];

async function stayUp(shop: Shop, server: RunningServer, view: RunView, interrupt: Interrupt): Promise<void> {
  say('');
  sayDone('Waterfall', `${server.url}/run/${view.report.traceId}`);
  sayDone('Shop', `${shop.humanUrl} (the same shop, in your own browser)`);
  sayDone('Your journey', `headwater run FILE ${flagsFor(shop).join(' ')}`);
  say('Ctrl-C stops everything.');
  await interrupt.asked;
  say('Stopping …');
}
