import { createSocket } from 'node:dgram';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpanKind } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Collector, type CollectorOptions, startCollector } from '../../src/collect/collector.ts';
import { fixture } from '../import/check-import.ts';
import { MemorySink, until } from './memory-sink.ts';

const ANY_PORT = { otlpHttpPort: 0, otlpGrpcPort: 0, syslogPort: 0 };
let sink: MemorySink;
let collector: Collector | undefined;
beforeEach(() => {
  sink = new MemorySink();
});
afterEach(() => collector?.stop());

async function start(options: Partial<CollectorOptions> = {}): Promise<Collector> {
  collector = await startCollector({ sink, ...ANY_PORT, ...options });
  return collector;
}

async function send(port: number | null, ...lines: string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const line of lines) await new Promise((done) => socket.send(line, port ?? 0, '127.0.0.1', done));
  socket.close();
}

describe('the OpenTelemetry SDK', () => {
  it.each([CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP])(
    'exports to it (%s)',
    async (compression) => {
      const { ports } = await start();
      const exporter = new OTLPTraceExporter({
        url: `http://127.0.0.1:${ports.otlpHttp}/v1/traces`,
        compression,
      });
      const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
      const span = provider
        .getTracer('test')
        .startSpan('GET /stock', { kind: SpanKind.CLIENT, startTime: [1795333153, 872950123] });
      span.end([1795333153, 872950124]);
      await provider.shutdown();
      expect(sink.spans).toMatchObject([
        {
          name: 'GET /stock',
          kind: 'client',
          startUnixNano: 1795333153872950123n,
          endUnixNano: 1795333153872950124n,
          scope: 'test',
        },
      ]);
    },
  );
});

describe('HAProxy’s syslog', () => {
  it('is gathered and stored without being asked', async () => {
    const { ports } = await start();
    await send(ports.syslog, ...fixture('haproxy', 'haproxy-2.6-raw.log').toString().trim().split('\n'));
    await until(
      () => sink.spans.filter(({ attributes }) => attributes['headwater.type'] === 'proxy').length === 12,
    );
    expect(sink.warnings).toMatchObject([{ code: 'haproxy.connection_error' }]);
  });

  it('is stored at once when flushed', async () => {
    const { ports, flush } = await start();
    await send(ports.syslog, fixture('haproxy', 'octet-count.log').toString());
    await flush();
    expect(sink.spans[0]?.name).toBe('GET /cart');
  });

  it('is kept until it can be stored', async () => {
    const { ports, flush } = await start();
    sink.isBroken = true;
    await send(ports.syslog, fixture('haproxy', 'octet-count.log').toString());
    await flush();
    sink.isBroken = false;
    await flush();
    expect(sink.spans[0]?.name).toBe('GET /cart');
  });

  it('is not received unless asked for', async () => {
    expect((await start({ syslogPort: null })).ports.syslog).toBeNull();
  });
});

describe('PostgreSQL’s log', () => {
  it('is followed from its end, those given at the start and those given later', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headwater-collect-'));
    const [early, late] = [join(folder, 'early.json'), join(folder, 'late.json')];
    const log = fixture('postgresql', 'leading-comment.json').toString();
    writeFileSync(early, log);
    const { followLog, flush } = await start({ logs: [early] });
    followLog(late);
    await flush();
    expect(sink.accepted).toBe(0);
    appendFileSync(late, `${log}not json\n`);
    await flush();
    expect(sink.spans.map(({ name }) => name)).toEqual(['SELECT shop', 'Seq Scan on orders']);
    expect(sink.warnings).toMatchObject([{ code: 'postgresql.bad_json', where: `${late}, line 2` }]);
    await collector?.stop();
    collector = undefined;
    rmSync(folder, { recursive: true });
  });
});

describe('ports', () => {
  it.each([
    ['otlpHttpPort', 'OTLP/HTTP'],
    ['otlpGrpcPort', 'OTLP/gRPC'],
  ] as const)('%s in use: a sentence that names it, and nothing left open', async (option, name) => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const port = (holder.address() as { port: number }).port;
    await expect(start({ [option]: port })).rejects.toThrow(
      `Cannot receive ${name} on 127.0.0.1:${port}: the port is in use. Stop the program that holds it`,
    );
    await new Promise((resolve) => holder.close(resolve));
  });

  it('syslogPort in use', async () => {
    const holder = createSocket('udp4');
    await new Promise<void>((resolve) => holder.bind(0, '127.0.0.1', resolve));
    const { port } = holder.address();
    await expect(start({ syslogPort: port })).rejects.toThrow(
      `syslog (UDP) on 127.0.0.1:${port}: the port is in use`,
    );
    holder.close();
  });

  it('are free again once it has stopped', async () => {
    const { ports } = await start();
    await collector?.stop();
    const again = await start({
      otlpHttpPort: ports.otlpHttp,
      otlpGrpcPort: ports.otlpGrpc,
      syslogPort: ports.syslog,
    });
    expect(again.ports).toEqual(ports);
  });
});
