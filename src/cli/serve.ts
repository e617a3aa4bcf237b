/** `headwater serve`: collector, API and viewer, on loopback, until Ctrl-C. */
import { type Command, Option } from 'commander';
import { startCollector } from '../collect/collector.ts';
import { otlpEveryMs } from '../config/metrics.ts';
import { agreeOn } from '../run/agreed.ts';
import { Keeper } from '../run/keeper.ts';
import { startPushing } from '../run/push-metrics.ts';
import { countsOf, reopening } from '../run/reopen.ts';
import { startSweeping } from '../run/sweeping.ts';
import { DEFAULT_VIEWER_PORT, startServer } from '../serve/server.ts';
import { openStore } from '../store/sqlite.ts';
import { applyConfig, readConfig } from './configured.ts';
import { say, sayDone } from './console.ts';
import { onInterrupt, withCleanup } from './interrupt.ts';
import { collect, port } from './options.ts';
import { VERSION, VIEWER_DIR } from './package-root.ts';
import { storeSink } from './receivers.ts';
import { storeText } from './terminal/keep.ts';
import { EXIT, withExitCode } from './user-error.ts';

interface ServeOptions {
  readonly port: number;
  readonly otlpPort: number;
  readonly grpcPort: number;
  readonly syslogPort: number;
  readonly zipkinPort: number;
  readonly jaegerPort: number;
  readonly log?: readonly string[];
  readonly postgresLog?: readonly string[];
}

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('receive what servers say, and draw the runs; on loopback, until Ctrl-C')
    .option('-p, --port <port>', 'viewer and API', port, DEFAULT_VIEWER_PORT)
    .option('--otlp-port <port>', 'OTLP/HTTP', port, 4318)
    .option('--grpc-port <port>', 'OTLP/gRPC', port, 4317)
    .option('--syslog-port <port>', "load balancers' logs (UDP)", port, 5140)
    .option('--zipkin-port <port>', 'Zipkin v2 JSON, when the port is free', port, 9411)
    .option('--jaeger-port <port>', "Jaeger's Thrift over HTTP, when the port is free", port, 14268)
    .option(
      '--log <file>',
      "follow a server's log: PostgreSQL jsonlog, MariaDB slow log, … (repeatable)",
      collect,
    )
    .addOption(new Option('--postgres-log <file>', 'the same').argParser(collect).hideHelp())
    .addHelpText(
      'after',
      '\nExamples:\n  headwater serve\n  headwater serve --log /var/lib/postgresql/15/main/log/postgresql.json',
    )
    .hook('preAction', (_program, command) => applyConfig(command))
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const logs = [...(options.log ?? []), ...(options.postgresLog ?? [])];
  const config = await readConfig();
  const interrupt = onInterrupt();
  await withCleanup(async (later) => {
    const store = await withExitCode(EXIT.environment, () => openStore());
    later(() => store.close());
    const collector = await withExitCode(EXIT.environment, () =>
      startCollector({
        sink: storeSink(store),
        otlpHttpPort: options.otlpPort,
        otlpGrpcPort: options.grpcPort,
        syslogPort: options.syslogPort,
        zipkinPort: options.zipkinPort,
        jaegerPort: options.jaegerPort,
        logs,
      }),
    );
    later(() => collector.stop());
    const server = await withExitCode(EXIT.environment, () =>
      startServer({ store: reopening(store), port: options.port, viewerDir: VIEWER_DIR }),
    );
    later(() => server.stop());
    const policy = agreeOn(config, store);
    later(startSweeping(new Keeper({ store, policy }), say));
    const endpoint = config.metrics?.otlpEndpoint;
    if (config.metrics && endpoint !== undefined)
      later(
        startPushing({
          endpoint,
          everyMs: otlpEveryMs(config.metrics),
          counts: () => countsOf(store),
          version: VERSION,
          onNews: say,
        }),
      );
    const { ports } = collector;
    sayDone('OTLP/HTTP', `http://127.0.0.1:${ports.otlpHttp}`);
    sayDone('OTLP/gRPC', `127.0.0.1:${ports.otlpGrpc}`);
    if (ports.zipkin !== null) sayDone('Zipkin', `http://127.0.0.1:${ports.zipkin}/api/v2/spans`);
    if (ports.jaeger !== null) sayDone('Jaeger Thrift', `http://127.0.0.1:${ports.jaeger}/api/traces`);
    if (ports.syslog !== null) sayDone('Syslog', `udp 127.0.0.1:${ports.syslog}`);
    for (const file of logs) sayDone('log', file);
    sayDone('Metrics', `${server.url}/metrics`);
    sayDone('Store', storeText(store.diskUse()));
    sayDone('Viewer', server.url);
    for (const label of Object.keys(store.sums().refused))
      say(
        `Time series were refused: the label ${label} takes too many values (${server.url}/metrics says how often).`,
      );
    for (const note of collector.notes) say(note);
    say('Ctrl-C ends it.');
    await interrupt.asked;
  });
  interrupt.release();
}
