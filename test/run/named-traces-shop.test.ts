/**
 * The demo's shop, whose services name their trace in their answers, and a real browser that nobody watches but its own
 * HAR: what the file makes together with what the servers sent.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findChromium } from '../../probe/chromium.ts';
import checkout from '../../scenarios/checkout.ts';
import { parseFault } from '../../scenarios/faults/index.ts';
import { type Shop, startShop } from '../../scenarios/shop/start.ts';
import { storeSink } from '../../src/cli/receivers.ts';
import { type Collector, startCollector } from '../../src/collect/collector.ts';
import { importFile } from '../../src/collect/import-file.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { RunView } from '../../src/model/report.ts';
import type { Span } from '../../src/model/trace.ts';
import { keepImported } from '../../src/run/keep-imported.ts';
import { withNamed } from '../../src/run/named-traces.ts';
import { reopened } from '../../src/run/reopen.ts';
import { settle } from '../../src/run/settle.ts';
import { openStore } from '../../src/store/sqlite.ts';

const fault = parseFault('db-seq-scan');

const scratch = mkdtempSync(join(tmpdir(), 'headwater-named-'));
const store = openStore(':memory:');
let shop: Shop;
let collector: Collector;

beforeAll(async () => {
  collector = await startCollector({
    sink: storeSink(store),
    otlpHttpPort: 0,
    otlpGrpcPort: 0,
    syslogPort: 0,
  });
  shop = await startShop({
    otlpUrl: `http://127.0.0.1:${collector.ports.otlpHttp}`,
    syslogPort: collector.ports.syslog ?? 0,
    faults: [fault],
    proxy: 'haproxy',
  });
  collector.followLog(shop.databaseLog);
}, 120_000);

afterAll(async () => {
  await shop?.stop();
  await collector?.stop();
  store.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** As somebody saves it from a browser. */
async function recordHar(path: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    args: [
      '--no-sandbox',
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      `--ignore-certificate-errors-spki-list=${shop.pins.join(',')}`,
    ],
  });
  try {
    const context = await browser.newContext({ recordHar: { path, content: 'omit' } });
    const page = await context.newPage();
    const step = <T>(_: string, body: () => Promise<T>) => body();
    const request = () => Promise.reject(new Error('The journey sends no exchange of its own.'));
    await checkout.body({ page, context, step, request, baseUrl: shop.url.replace(/\/$/, '') });
    await context.close();
  } finally {
    await browser.close();
  }
}

async function imported(file: string): Promise<RunView> {
  const { traceIds, error } = await importFile(file, { keep: (spans) => store.append(spans) });
  expect(error).toBeUndefined();
  const views: RunView[] = [];
  keepImported(traceIds, store, (view) => views.push(view));
  return views[0]!;
}

const kindsAbove = (span: Span | undefined, view: RunView): string[] => {
  if (!span) return [];
  const parent = view.trace.spans.find(({ spanId }) => spanId === span.parentId);
  return [String(span.attributes[HEADWATER.type] ?? span.kind), ...kindsAbove(parent, view)];
};
const sourcesOf = (view: RunView) => [...new Set(view.trace.spans.map(({ source }) => source))].sort();
const WAY_UP = ['db_server', 'client', 'server', 'proxy', 'request', 'step', 'run'];

it('a HAR is one trace with what balancer, services and database told, and says what was slow', async () => {
  const file = join(scratch, 'slow.har');
  await recordHar(file);
  const { traceId } = (await imported(file)).report;
  const flush = () => collector.flush();
  await settle(traceId, withNamed(traceId, store), {
    quietMs: 1_000,
    atLeastMs: 2_000,
    atMostMs: 20_000,
    flush,
  });
  const view = reopened(traceId, store)!;
  expect(sourcesOf(view)).toEqual(['haproxy', 'har', 'otlp', 'postgresql', 'stitch']);
  expect(view.report.warnings).toEqual([]);
  expect(view.report.verdict).toMatchObject(fault.expected);
  const [slowest] = view.trace.spans.filter(({ spanId }) => view.report.verdict.spanIds.includes(spanId));
  expect(new Set(kindsAbove(slowest, view))).toEqual(new Set(WAY_UP));
  expect(view.report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(view.report.wallNs);
}, 60_000);
