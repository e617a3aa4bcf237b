/**
 * OpenTelemetry for a shop service. Instrumentation patches what is loaded with `require` after the SDK has started:
 * `startTelemetry` comes first, and `http` and the databases' clients are had from the functions below.
 *
 * Environment: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_SERVICE_INSTANCE_ID (the last one is ours).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { MySQL2Instrumentation } from '@opentelemetry/instrumentation-mysql2';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { requiredVariable } from '../part-process.ts';

/** A run is complete when its sources are quiet; the default of 5 s would make people wait. */
const EXPORT_DELAY_MS = 150;

/**
 * Starts tracing; the result sends what is left and stops it. This is the tracing half of the Node SDK: the bundle
 * `sdk-node` would also load metrics, logs and every exporter, 1 s of CPU in each of the shop's processes.
 */
export function startTelemetry(): () => Promise<void> {
  const endpoint = requiredVariable('OTEL_EXPORTER_OTLP_ENDPOINT');
  void exportOnce();
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: serviceResource(),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: EXPORT_DELAY_MS })],
  });
  provider.register();
  registerInstrumentations({
    instrumentations: [
      new HttpInstrumentation({ responseHook: nameTrace }),
      new PgInstrumentation({ requireParentSpan: true, addSqlCommenterCommentToQueries: true }),
      new MySQL2Instrumentation({ addSqlCommenterCommentToQueries: true }),
    ],
  });
  return () => provider.shutdown();
}

/** In each answer of its own, as Splunk's distribution of OpenTelemetry does; it is called before the service's code. */
function nameTrace(span: Span, response: IncomingMessage | ServerResponse): void {
  if (!('setHeader' in response)) return;
  const { traceId, spanId, traceFlags } = span.spanContext();
  const flags = traceFlags.toString(16).padStart(2, '0');
  response.setHeader('server-timing', `traceparent;desc="00-${traceId}-${spanId}-${flags}"`);
}

/**
 * Sends one span to nobody: the first export compiles the exporter's code, 50 ms of CPU in each service at once, and no
 * visitor shall wait beside that.
 */
async function exportOnce(): Promise<void> {
  const nobody = createServer((request, response) => request.resume().once('end', () => response.end()));
  await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
  const { port } = nobody.address() as AddressInfo;
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` });
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.getTracer('warm-up').startSpan('warm-up').end();
  await provider.shutdown().catch(() => {}); // it only was to be tried
  nobody.closeAllConnections();
  nobody.close();
}

const serviceResource = () =>
  defaultResource().merge(
    resourceFromAttributes({
      'service.name': requiredVariable('OTEL_SERVICE_NAME'),
      'service.namespace': 'shop',
      'service.instance.id': requiredVariable('OTEL_SERVICE_INSTANCE_ID'),
      'host.name': hostname(),
      'process.pid': process.pid,
    }),
  );

const require = createRequire(import.meta.url);

export const instrumentedHttp = () => require('node:http') as typeof import('node:http');
export const instrumentedPg = () => require('pg') as typeof import('pg');
export const instrumentedMysql = () => require('mysql2') as typeof import('mysql2');
