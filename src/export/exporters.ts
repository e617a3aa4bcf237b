/** Sends a run's spans on to where a team's traces already live: any OTLP/HTTP endpoint, or Jaeger's own protocol. */
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { JaegerExporter } from '@opentelemetry/exporter-jaeger';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { ReportedSpan } from '../model/span.ts';
import { readableSpan } from './readable-span.ts';

export interface ExportTargets {
  /** Base address of an OTLP/HTTP receiver, e.g. `http://127.0.0.1:4318`; `/v1/traces` is added when it is missing. */
  readonly otlpEndpoint?: string;
  /** Jaeger collector's Thrift-over-HTTP address, e.g. `http://127.0.0.1:14268/api/traces`. */
  readonly jaegerEndpoint?: string;
}

export interface NamedExporter {
  readonly name: string;
  readonly exporter: SpanExporter;
}

export function exportersFor({ otlpEndpoint, jaegerEndpoint }: ExportTargets): NamedExporter[] {
  const exporters: NamedExporter[] = [];
  if (otlpEndpoint) {
    const url = otlpTracesUrl(otlpEndpoint);
    exporters.push({ name: `OTLP ${url}`, exporter: new OTLPTraceExporter({ url }) });
  }
  if (jaegerEndpoint) {
    const endpoint = httpUrl(jaegerEndpoint, 'Jaeger').href;
    exporters.push({ name: `Jaeger ${endpoint}`, exporter: new JaegerExporter({ endpoint }) });
  }
  return exporters;
}

function otlpTracesUrl(endpoint: string): string {
  const url = httpUrl(endpoint, 'OTLP');
  if (url.pathname === '/' || url.pathname === '') url.pathname = '/v1/traces';
  return url.href;
}

function httpUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new Error(`"${text}" is not an address of a ${what} receiver: give it as http://host:port.`);
}

/** Sends once and closes the exporter. Resolves with the error's sentence when the receiver did not take it. */
export async function exportSpans(
  spans: readonly ReportedSpan[],
  { name, exporter }: NamedExporter,
): Promise<string | undefined> {
  const result = await new Promise<ExportResult>((resolve) => {
    exporter.export(spans.map(readableSpan), resolve);
  });
  await exporter.shutdown().catch(() => undefined);
  if (result.code === ExportResultCode.SUCCESS) return undefined;
  return `${name} did not take the ${spans.length} spans: ${result.error?.message ?? 'no reason given'}.`;
}

/**
 * Sends a finished run's spans on, secrets already taken out by the store. What came in by OTLP is in the team's own
 * backend already and is not sent twice; what a host's agent saw holds connections of others. Returns one sentence a target.
 */
export async function forward(spans: readonly ReportedSpan[], targets: ExportTargets): Promise<string[]> {
  const ours = spans.filter(({ source }) => source !== 'otlp' && source !== 'agent');
  return Promise.all(
    exportersFor(targets).map(
      async (target) => (await exportSpans(ours, target)) ?? `${target.name} took ${ours.length} spans.`,
    ),
  );
}
