/** Metrics by OTLP: what is sent, to a real server; checked against OpenTelemetry's own schema where that is installed. */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type PushOptions, pushOnce, startPushing } from '../../src/run/push-metrics.ts';
import { countsOf } from '../../src/run/reopen.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { runView } from '../store/run-view.ts';

const bodies: string[] = [];
let status = 200;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    bodies.push(`${request.url} ${body}`);
    response.writeHead(status).end('{}');
  });
});
afterEach(() => void server.close());

async function pushing(news: string[] = []): Promise<PushOptions> {
  bodies.length = 0;
  status = 200;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const store = openStore(':memory:');
  const view = runView('a'.repeat(32));
  const step = {
    name: 'Pay',
    spanId: '1',
    status: 'ok',
    startNs: 0,
    wallNs: 300,
    ledger: view.report.ledger,
  } as const;
  store.saveRun({ ...view, site: 'shop.example', report: { ...view.report, wallNs: 0.4e9, steps: [step] } });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    everyMs: 10,
    counts: () => countsOf(store),
    version: '1.2.3',
    onNews: (sentence) => news.push(sentence),
  };
}

describe('a push', () => {
  it('tells histogram, exemplars and sums, cumulative since counting began', async () => {
    expect(await pushOnce(await pushing())).toBeUndefined();
    const [, path, json = ''] = /^(\S+) (.*)$/s.exec(bodies[0]!) ?? [];
    expect(path).toBe('/v1/metrics');
    const [{ resource, scopeMetrics }] = JSON.parse(json).resourceMetrics;
    expect(resource.attributes[0]).toEqual({ key: 'service.name', value: { stringValue: 'headwater' } });
    const byName = Object.fromEntries(
      scopeMetrics[0].metrics.map((metric: { name: string }) => [metric.name, metric]),
    );
    const duration = byName.headwater_run_duration_seconds;
    expect(duration).toMatchObject({ unit: 's', histogram: { aggregationTemporality: 2 } });
    expect(duration.histogram.dataPoints[0]).toMatchObject({
      startTimeUnixNano: '1795333153873000000',
      count: '1',
      sum: 0.4,
      explicitBounds: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
      bucketCounts: ['0', '0', '1', '0', '0', '0', '0', '0', '0', '0', '0'],
      exemplars: [{ traceId: 'a'.repeat(32), asDouble: 0.4 }],
    });
    expect(byName.headwater_runs.sum).toMatchObject({ isMonotonic: true, dataPoints: [{ asDouble: 1 }] });
    expect(byName.headwater_layer_seconds.summary.dataPoints[1]).toMatchObject({ count: '1', sum: 2e-7 });
    expect(byName.headwater_store_limit_bytes).toMatchObject({
      unit: 'By',
      gauge: { dataPoints: [{ asDouble: 5e9 }] },
    });
  });

  it('that fails is told once, and that it works again', async () => {
    const news: string[] = [];
    const options = await pushing(news);
    status = 503;
    const stop = startPushing(options);
    while (bodies.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    status = 200;
    while (news.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await stop();
    expect(news).toEqual([
      `${options.endpoint}/v1/metrics does not take metrics: it answered 503.`,
      `${options.endpoint}/v1/metrics takes metrics again.`,
    ]);
  });
});

const CHECK = `
import sys
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
request = json_format.Parse(sys.stdin.read(), ExportMetricsServiceRequest())
print(len(request.resource_metrics[0].scope_metrics[0].metrics))
`;
const python = (code: string, input = '') => spawnSync('python3', ['-c', code], { input, encoding: 'utf8' });
const hasSchema = python('import opentelemetry.proto.metrics.v1.metrics_pb2').status === 0;

describe.skipIf(!hasSchema)('OpenTelemetry’s own schema (pip install opentelemetry-proto)', () => {
  it('knows every field that is sent', async () => {
    await pushOnce(await pushing());
    const json = bodies[0]!.slice(bodies[0]!.indexOf(' '));
    const { stdout, stderr } = python(CHECK, json);
    expect(stderr).toBe('');
    expect(Number(stdout)).toBeGreaterThan(5);
    expect(python(CHECK, json.replace('explicitBounds', 'bounds')).status).not.toBe(0);
  });
});
