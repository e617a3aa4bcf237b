/** A real shop in which one service does not get the trace context, and one request to it with what a probe says. */
import type { Fault } from '../../scenarios/faults/index.ts';
import { type Shop, startShop } from '../../scenarios/shop/start.ts';
import { storeSink } from '../../src/cli/receivers.ts';
import { type Collector, startCollector } from '../../src/collect/collector.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { unixNanoFromMs } from '../../src/model/time.ts';
import { settle } from '../../src/run/settle.ts';
import { strangersIn } from '../../src/run/strangers.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { askShop } from '../scenarios/receivers.ts';
import { reported } from '../stitch/reported.ts';

type Service = 'web' | 'inventory';

const STRIPS = `--import ${new URL('./strip-traceparent.mjs', import.meta.url).href}`;

/** The context is lost before it reaches this service. */
const loses = (service: Service): Fault => ({
  name: `lost-before-${service}`,
  title: 'The trace context does not arrive',
  how: 'Takes the header out of what the service receives.',
  cost: 'nothing',
  expected: { layer: 'service', cause: 'service' },
  defaultMs: 1,
  apply: ({ services }) => {
    services[service].NODE_OPTIONS = STRIPS;
  },
});

export interface Staged {
  readonly shop: Shop;
  readonly store: Store;
  readonly collector: Collector;
  stop(): Promise<void>;
}

/** @param service which gets no trace context */
export async function stage(service: Service): Promise<Staged> {
  const store = openStore(':memory:');
  const collector = await startCollector({
    sink: storeSink(store),
    otlpHttpPort: 0,
    otlpGrpcPort: 0,
    syslogPort: 0,
  });
  const shop = await startShop({
    otlpUrl: `http://127.0.0.1:${collector.ports.otlpHttp}`,
    syslogPort: collector.ports.syslog ?? 0,
    faults: [loses(service)],
    proxy: 'haproxy',
  });
  collector.followLog(shop.databaseLog);
  // The warm-up's requests have lost their context too, and must be over when the one that counts is made.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const stop = async () => {
    await shop.stop();
    await collector.stop();
    store.close();
  };
  return { shop, store, collector, stop };
}

/** One request by hand, with what a probe reports of it; returns when the servers have said all. */
export async function ask({ shop, store, collector }: Staged, traceId: string, path: string): Promise<void> {
  const witness = strangersIn(store);
  await witness.begin?.(traceId);
  const [startMs, spanId] = [Date.now(), '00f067aa0ba902b7'];
  const answer = await askShop(shop, path, { traceparent: `00-${traceId}-${spanId}-01` });
  if (answer.status !== 200) throw new Error(`The shop answered ${path} with ${answer.status}.`);
  const times = { startUnixNano: unixNanoFromMs(startMs), endUnixNano: unixNanoFromMs(Date.now() + 1) };
  const run: ReportedSpan = { ...reported('run', undefined, 0, 1, { type: 'run' }), ...times, traceId };
  const attributes = {
    'http.request.method': 'GET',
    'url.full': `${shop.url.replace(/\/$/, '')}${path}`,
    'http.response.status_code': 200,
    'headwater.traceparent_sent': true,
  };
  const request = reported('request', 'run', 0, 1, {
    type: 'request',
    kind: 'client',
    name: `GET ${path}`,
    attributes,
  });
  store.append([run, { ...request, ...times, traceId, spanId }]);
  const asking = async () => {
    await collector.flush();
    store.append((await witness.ask!(traceId)).spans);
  };
  await settle(traceId, store, { quietMs: 600, atLeastMs: 1_000, atMostMs: 10_000, flush: asking });
}
