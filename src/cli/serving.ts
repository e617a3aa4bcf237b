/** What `serve` and `schedule` share: receivers, API and viewer on loopback, and where they are. */
import { type Collector, startCollector } from '../collect/collector.ts';
import type { Config } from '../config/config.ts';
import { otlpEveryMs } from '../config/metrics.ts';
import { agreeOn } from '../run/agreed.ts';
import { Keeper } from '../run/keeper.ts';
import { startPushing } from '../run/push-metrics.ts';
import { countsOf, reopening } from '../run/reopen.ts';
import { startSweeping } from '../run/sweeping.ts';
import type { AppOptions } from '../serve/app.ts';
import { type RunningServer, startServer } from '../serve/server.ts';
import type { Store } from '../store/store.ts';
import { say, sayDone } from './console.ts';
import { VERSION, VIEWER_DIR } from './package-root.ts';
import { storeSink } from './receivers.ts';
import type { ReceiveOptions } from './run.ts';
import { storeText } from './terminal/keep.ts';
import { EXIT, withExitCode } from './user-error.ts';

export interface ServingOptions extends ReceiveOptions {
  readonly port: number;
}

export interface Serving {
  readonly collector: Collector;
  readonly server: RunningServer;
}

/** Stops what it has started when `later` is due. */
export async function startServing(
  store: Store,
  options: ServingOptions,
  later: (stop: () => Promise<void> | void) => void,
  more: Pick<AppOptions, 'goals' | 'schedule'> = {},
): Promise<Serving> {
  const logs = [...(options.log ?? []), ...(options.postgresLog ?? [])];
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
    startServer({
      store: reopening(store),
      port: options.port,
      viewerDir: VIEWER_DIR,
      ...more,
    }),
  );
  later(() => server.stop());
  sayWhere(collector, server, logs);
  sayKept(store, server);
  return { collector, server };
}

/** Keeps the store within what was agreed on, and sends numbers on where that is wanted. */
export function startKeeping(
  store: Store,
  config: Config,
  later: (stop: () => Promise<void> | void) => void,
  needed?: () => Iterable<string>,
): Keeper {
  const keeper = new Keeper({ store, policy: agreeOn(config, store), ...(needed && { needed }) });
  later(startSweeping(keeper, say));
  const { metrics } = config;
  if (metrics?.otlpEndpoint !== undefined)
    later(
      startPushing({
        endpoint: metrics.otlpEndpoint,
        everyMs: otlpEveryMs(metrics),
        counts: () => countsOf(store),
        version: VERSION,
        onNews: say,
      }),
    );
  return keeper;
}

function sayKept(store: Store, { url }: RunningServer): void {
  sayDone('Metrics', `${url}/metrics`);
  sayDone('Store', storeText(store.diskUse()));
  for (const label of Object.keys(store.sums().refused))
    say(
      `Time series were refused: the label ${label} takes too many values (${url}/metrics says how often).`,
    );
}

function sayWhere({ ports, notes }: Collector, server: RunningServer, logs: readonly string[]): void {
  sayDone('OTLP/HTTP', `http://127.0.0.1:${ports.otlpHttp}`);
  sayDone('OTLP/gRPC', `127.0.0.1:${ports.otlpGrpc}`);
  if (ports.zipkin !== null) sayDone('Zipkin', `http://127.0.0.1:${ports.zipkin}/api/v2/spans`);
  if (ports.jaeger !== null) sayDone('Jaeger Thrift', `http://127.0.0.1:${ports.jaeger}/api/traces`);
  if (ports.syslog !== null) sayDone('Syslog', `udp 127.0.0.1:${ports.syslog}`);
  for (const file of logs) sayDone('log', file);
  sayDone('Viewer', server.url);
  for (const note of notes) say(note);
}
