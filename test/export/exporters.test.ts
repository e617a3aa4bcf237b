/** What is sent on arrives: OTLP at our own collector, to the nanosecond; Jaeger's Thrift at a listening port. */
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Collector, startCollector } from '../../src/collect/collector.ts';
import { exportersFor, forward } from '../../src/export/exporters.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { reported, wholeRequest } from '../stitch/reported.ts';

const received: ReportedSpan[] = [];
let collector: Collector;
const thrift: { path: string; type: string; body: Buffer }[] = [];
let jaeger: Server;
let jaegerPort = 0;

beforeAll(async () => {
  collector = await startCollector({
    sink: { accept: ({ spans }) => received.push(...spans) },
    otlpHttpPort: 0,
    otlpGrpcPort: 0,
    syslogPort: null,
  });
  jaeger = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { url = '', headers } = request;
    thrift.push({ path: url, type: String(headers['content-type']), body: Buffer.concat(chunks) });
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => jaeger.listen(0, '127.0.0.1', resolve));
  const address = jaeger.address();
  jaegerPort = typeof address === 'object' && address ? address.port : 0;
});
afterAll(async () => {
  await collector.stop();
  jaeger.close();
});

const bySpanId = (spans: readonly ReportedSpan[]) => new Map(spans.map((span) => [span.spanId, span]));

describe('OTLP', () => {
  it('brings back every span that is ours, with its source, evidence and nanoseconds', async () => {
    const odd = {
      ...reported('odd', 'step', 1, 2, {
        attributes: { 'a.list': ['x', 'y'], 'a.number': 0.5, 'a.flag': true },
      }),
      startUnixNano: 1_795_333_153_123_456_789n,
      endUnixNano: 1_795_333_153_987_654_321n,
      status: { code: 'error' as const, message: 'it broke' },
      events: [{ name: 'e', timeUnixNano: 1_795_333_153_500_000_001n, attributes: { k: 'v' } }],
    };
    const sent = [...wholeRequest(), odd];
    const notes = await forward(sent, { otlpEndpoint: `http://127.0.0.1:${collector.ports.otlpHttp}` });
    const ours = sent.filter((span) => span.source !== 'otlp');
    expect(notes).toEqual([expect.stringContaining(`took ${ours.length} spans`)]);
    const arrived = bySpanId(received);
    expect(arrived.size).toBe(ours.length);
    for (const span of ours) {
      const { resource: _resource, scope: _scope, ...rest } = span;
      expect(arrived.get(span.spanId)).toMatchObject(rest);
    }
  });

  it('says who did not take the spans, and why', async () => {
    const [note] = await forward(wholeRequest(), { otlpEndpoint: 'http://127.0.0.1:9/' });
    expect(note).toMatch(/http:\/\/127\.0\.0\.1:9\/v1\/traces did not take the \d+ spans: /);
  });
});

describe('Jaeger', () => {
  it('gets its Thrift over HTTP', async () => {
    const notes = await forward(wholeRequest(), {
      jaegerEndpoint: `http://127.0.0.1:${jaegerPort}/api/traces`,
    });
    expect(notes).toEqual([expect.stringContaining('Jaeger')]);
    expect(thrift.length).toBeGreaterThan(0);
    expect(thrift[0]).toMatchObject({ path: '/api/traces', type: 'application/x-thrift' });
    const bytes = Buffer.concat(thrift.map((post) => post.body)).toString('latin1');
    for (const name of ['TLS handshake', 'GET /pay', 'edge']) expect(bytes).toContain(name);
  });
});

it.each(['ftp://x', 'nonsense', ''])('refuses the address "%s" with a sentence', (address) => {
  if (address === '') expect(exportersFor({ otlpEndpoint: address })).toEqual([]);
  else expect(() => exportersFor({ jaegerEndpoint: address })).toThrow(`"${address}" is not an address`);
});
