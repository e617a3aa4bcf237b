/**
 * Emits drafts through OpenTelemetry's SDK: ids are the ones that were chosen (and sent) before, times are explicit.
 * The SDK's batch processor drops what does not fit its queue, so the finished spans are kept here and exported whole.
 */
import { hostname } from 'node:os';
import { context, type Link, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  type IdGenerator,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Warning } from '../../src/model/span.ts';
import { hrTimeFromUnixNano } from '../../src/model/time.ts';
import { CLOCK_OF_SOURCE, PRECISION_OF_SOURCE, type SpanDraft } from './span-draft.ts';

/** One export call carries at most so many spans, as OpenTelemetry's own batches do. */
const EXPORT_BATCH = 512;
const EXPORT_TIMEOUT_MS = 10_000;

class ChosenIds implements IdGenerator {
  spanId = '';
  private readonly traceId: string;
  constructor(traceId: string) {
    this.traceId = traceId;
  }
  generateTraceId(): string {
    return this.traceId;
  }
  generateSpanId(): string {
    return this.spanId;
  }
}

class Collector implements SpanProcessor {
  readonly spans: ReadableSpan[] = [];
  onStart(): void {}
  onEnd(span: ReadableSpan): void {
    this.spans.push(span);
  }
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

/** Who the spans are from. */
const probeResource = () => ({
  'service.name': 'headwater-probe',
  'host.name': hostname(),
  'process.pid': process.pid,
});

/** The drafts as finished OpenTelemetry spans, in the same order. */
export function emitSpans(traceId: string, drafts: readonly SpanDraft[]): ReadableSpan[] {
  const ids = new ChosenIds(traceId);
  const collector = new Collector();
  const provider = new BasicTracerProvider({
    idGenerator: ids,
    // Not what OTEL_* variables say: those are meant for the services, and a probe that drops spans shows nothing.
    sampler: new AlwaysOnSampler(),
    spanLimits: {
      attributeCountLimit: 128,
      eventCountLimit: 1_024,
      // A connection points at each request that it carried.
      linkCountLimit: 4_096,
      attributeValueLengthLimit: 4_096,
    },
    resource: resourceFromAttributes(probeResource()),
    spanProcessors: [collector],
  });
  const tracer = provider.getTracer('headwater-probe');
  for (const draft of drafts) {
    ids.spanId = draft.spanId;
    const span = tracer.startSpan(
      draft.name,
      {
        kind: draft.kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
        startTime: hrTimeFromUnixNano(draft.startUnixNano),
        attributes: attributesOf(draft),
        links: linksOf(traceId, draft),
      },
      parentContext(traceId, draft.parentSpanId),
    );
    for (const event of draft.events ?? [])
      span.addEvent(
        event.name,
        { ...event.attributes } as Record<string, string>,
        hrTimeFromUnixNano(event.timeUnixNano),
      );
    if (draft.error) span.setStatus({ code: SpanStatusCode.ERROR, message: draft.error });
    span.end(hrTimeFromUnixNano(draft.endUnixNano));
  }
  return collector.spans;
}

const linksOf = (traceId: string, draft: SpanDraft): Link[] =>
  (draft.links ?? [])
    // A server that was told of the run's trace names that: its span says so itself.
    .filter((link) => link.traceId !== traceId)
    .map(({ traceId: other = traceId, spanId, attributes }) => ({
      context: { traceId: other, spanId, traceFlags: TraceFlags.SAMPLED },
      ...(attributes && { attributes: { ...attributes } as Record<string, string> }),
    }));

function parentContext(traceId: string, spanId: string | undefined) {
  // Never the caller's own context: a probe that runs inside traced code must not become part of its trace.
  const root = trace.deleteSpan(context.active());
  return spanId ? trace.setSpanContext(root, { traceId, spanId, traceFlags: TraceFlags.SAMPLED }) : root;
}

function attributesOf(draft: SpanDraft): Record<string, string | number | boolean | string[]> {
  return {
    [HEADWATER.type]: draft.type,
    [HEADWATER.layer]: draft.layer,
    ...(draft.component && { [HEADWATER.component]: draft.component }),
    [HEADWATER.source]: draft.source,
    [HEADWATER.clock]: CLOCK_OF_SOURCE[draft.source],
    [HEADWATER.evidence]: draft.evidence ?? 'measured',
    [HEADWATER.precisionNs]: draft.precisionNs ?? PRECISION_OF_SOURCE[draft.source],
    ...(draft.attributes as Record<string, string>),
  };
}

/** Hands the spans to each exporter; one that fails becomes a warning and does not stop the others. */
export async function exportSpans(
  spans: readonly ReadableSpan[],
  exporters: readonly SpanExporter[],
): Promise<Warning[]> {
  const outcomes = await Promise.all(exporters.map((exporter) => exportTo(exporter, spans)));
  return outcomes.flatMap((problem, i) =>
    problem === undefined
      ? []
      : [
          {
            code: 'probe.export_failed',
            where: exporters[i]?.constructor.name ?? 'exporter',
            message: problem,
          },
        ],
  );
}

async function exportTo(exporter: SpanExporter, spans: readonly ReadableSpan[]): Promise<string | undefined> {
  for (let at = 0; at < spans.length; at += EXPORT_BATCH) {
    const result = await exportBatch(exporter, spans.slice(at, at + EXPORT_BATCH));
    if (result.code !== ExportResultCode.SUCCESS)
      return `The spans could not be handed over: ${result.error?.message ?? 'no reason given'}.`;
  }
  await exporter.forceFlush?.().catch(() => undefined);
  return undefined;
}

function exportBatch(exporter: SpanExporter, batch: ReadableSpan[]): Promise<ExportResult> {
  return new Promise((resolve) => {
    const late = { code: ExportResultCode.FAILED, error: new Error(`no answer in ${EXPORT_TIMEOUT_MS} ms`) };
    const timer = setTimeout(() => resolve(late), EXPORT_TIMEOUT_MS);
    const done = (result: ExportResult) => {
      clearTimeout(timer);
      resolve(result);
    };
    try {
      exporter.export(batch, done);
    } catch (error) {
      done({ code: ExportResultCode.FAILED, error: error as Error });
    }
  });
}
