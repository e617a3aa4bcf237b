/** Zipkin's and Jaeger's receivers, and the senders that speak to them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { JaegerExporter } from '@opentelemetry/exporter-jaeger';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { beforeEach, describe, expect, it } from 'vitest';
import { startCollector } from '../../src/collect/collector.ts';
import { jaegerHttpApp, zipkinHttpApp } from '../../src/collect/trace-http.ts';
import { fixture } from '../import/check-import.ts';
import { MemorySink } from './memory-sink.ts';

const LIMIT_BYTES = 100_000;
const JSON_TYPE = 'application/json';
const THRIFT = 'application/x-thrift';
const zipkin = fixture('zipkin', 'zipkin-3.5.json');
const thrift = fixture('jaeger', 'opentelemetry-js-2.11.thrift');
let sink: MemorySink;
beforeEach(() => {
  sink = new MemorySink();
});

const RECEIVERS = {
  zipkin: { path: '/api/v2/spans', app: zipkinHttpApp },
  jaeger: { path: '/api/traces?format=jaeger.thrift', app: jaegerHttpApp },
} as const;
const post = (to: keyof typeof RECEIVERS, body: Uint8Array, headers: Record<string, string>) =>
  RECEIVERS[to]
    .app(sink, LIMIT_BYTES)
    .request(RECEIVERS[to].path, { method: 'POST', headers, body: new Uint8Array(body) });

it.each([
  ['zipkin', zipkin, { 'content-type': `${JSON_TYPE}; charset=utf-8` }, 4],
  ['zipkin', gzipSync(zipkin), { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }, 4],
  ['jaeger', thrift, { 'content-type': THRIFT }, 2],
  ['jaeger', gzipSync(thrift), { 'content-type': THRIFT, 'content-encoding': 'gzip' }, 2],
  ['jaeger', thrift, { 'content-type': 'application/vnd.apache.thrift.binary' }, 2],
] as const)('%s stores what it acknowledges', async (to, body, headers, count) => {
  const response = await post(to, body, headers);
  expect([response.status, await response.text()]).toEqual([202, '']);
  expect(sink.spans).toHaveLength(count);
});

describe('refusals', () => {
  it.each([
    ['zipkin', 415, zipkin, { 'content-type': 'text/plain' }, /send JSON v2/],
    ['zipkin', 415, zipkin, { 'content-type': 'application/x-protobuf' }, /send JSON v2/],
    ['zipkin', 400, zipkin.subarray(0, 300), { 'content-type': JSON_TYPE }, /not JSON/],
    ['zipkin', 413, Buffer.alloc(LIMIT_BYTES + 1), { 'content-type': JSON_TYPE }, /larger than 100000 bytes/],
    ['jaeger', 415, thrift, { 'content-type': JSON_TYPE }, /application\/x-thrift/],
    [
      'jaeger',
      400,
      thrift.subarray(0, 300),
      { 'content-type': THRIFT },
      /broken at byte 257 of 300: it ends too early/,
    ],
    [
      'jaeger',
      413,
      gzipSync(Buffer.alloc(LIMIT_BYTES + 1)),
      { 'content-type': THRIFT, 'content-encoding': 'gzip' },
      /larger than 100000 bytes/,
    ],
  ] as const)('%s: %i', async (to, status, body, headers, sentence) => {
    const response = await post(to, body, headers);
    expect([response.status, await response.text()]).toEqual([status, expect.stringMatching(sentence)]);
    expect(sink.accepted).toBe(0);
  });

  it('503, so that the sender tries again, when the spans could not be stored', async () => {
    sink.isBroken = true;
    expect((await post('zipkin', zipkin, { 'content-type': JSON_TYPE })).status).toBe(503);
    expect((await post('jaeger', thrift, { 'content-type': THRIFT })).status).toBe(503);
  });

  it('404 elsewhere says where', async () => {
    const response = await zipkinHttpApp(sink).request('/api/v1/spans', { method: 'POST' });
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('/api/v2/spans')]);
  });
});

const ANY_PORT = { otlpHttpPort: 0, otlpGrpcPort: 0 };

it('takes what OpenTelemetry’s own Jaeger exporter sends', async () => {
  const collector = await startCollector({ sink, ...ANY_PORT, jaegerPort: 0 });
  try {
    const endpoint = `http://127.0.0.1:${collector.ports.jaeger}/api/traces`;
    const provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'inventory' }),
      spanProcessors: [new BatchSpanProcessor(new JaegerExporter({ endpoint }))],
    });
    const span = provider
      .getTracer('test')
      .startSpan('GET /stock', { kind: SpanKind.CLIENT, startTime: [1795333153, 872_950_000] });
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'gone' });
    span.end([1795333153, 872_970_000]);
    await provider.shutdown();
    expect(sink.spans).toMatchObject([
      {
        ...{ traceId: span.spanContext().traceId, spanId: span.spanContext().spanId },
        name: 'GET /stock',
        kind: 'client',
        startUnixNano: 1795333153872950000n,
        endUnixNano: 1795333153872970000n,
        status: { code: 'error', message: 'gone' },
        resource: { 'service.name': 'inventory' },
      },
    ]);
  } finally {
    await collector.stop();
  }
});

it('goes on without a receiver whose port is taken, and says so', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  const collector = await startCollector({ sink, ...ANY_PORT, zipkinPort: port, jaegerPort: 0 });
  try {
    expect(collector.ports.zipkin).toBeNull();
    expect(collector.ports.jaeger).toBeGreaterThan(0);
    expect(collector.notes).toEqual([
      `Cannot receive Zipkin spans on 127.0.0.1:${port}: the port is in use. ` +
        'Stop the program that holds it, or choose another with zipkinPort.',
    ]);
  } finally {
    await collector.stop();
    holder.close();
  }
});
