/**
 * A reported span as the OpenTelemetry SDK hands it to exporters, so that any kept exporter can send it on.
 * What only Headwater knows (source, clock, evidence, precision) travels as `headwater.*` attributes and is read
 * back by the OTLP importer.
 */
import { SpanKind as OtelKind, type SpanContext, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { HEADWATER } from '../model/attributes.ts';
import type { Attributes, AttributeValue, ReportedSpan, SpanKind } from '../model/span.ts';
import { hrTimeFromUnixNano } from '../model/time.ts';

const KIND: Readonly<Record<SpanKind, OtelKind>> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

const STATUS = { unset: SpanStatusCode.UNSET, ok: SpanStatusCode.OK, error: SpanStatusCode.ERROR } as const;

const contextOf = (traceId: string, spanId: string): SpanContext => ({
  traceId,
  spanId,
  traceFlags: TraceFlags.SAMPLED,
});

/** OpenTelemetry's arrays are mutable by type; nobody changes them. */
const otelAttributes = (attributes: Attributes): Record<string, AttributeValue & {}> => ({ ...attributes });

export function readableSpan(span: ReportedSpan): ReadableSpan {
  const { startUnixNano, endUnixNano } = span;
  const parent = span.parentSpanId ? contextOf(span.traceId, span.parentSpanId) : undefined;
  return {
    name: span.name,
    kind: KIND[span.kind],
    spanContext: () => contextOf(span.traceId, span.spanId),
    ...(parent ? { parentSpanContext: parent } : {}),
    startTime: hrTimeFromUnixNano(startUnixNano),
    endTime: hrTimeFromUnixNano(endUnixNano),
    duration: hrTimeFromUnixNano(endUnixNano > startUnixNano ? endUnixNano - startUnixNano : 0n),
    ended: true,
    status: {
      code: STATUS[span.status.code],
      ...(span.status.message ? { message: span.status.message } : {}),
    },
    attributes: attributesOf(span) as ReadableSpan['attributes'],
    links: span.links.map((link) => ({ context: contextOf(link.traceId, link.spanId) })),
    events: span.events.map((event) => ({
      name: event.name,
      time: hrTimeFromUnixNano(event.timeUnixNano),
      attributes: otelAttributes(event.attributes) as ReadableSpan['attributes'],
    })),
    resource: resourceFromAttributes(resourceOf(span) as ReadableSpan['attributes']),
    instrumentationScope: { name: span.scope ?? 'headwater' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const attributesOf = (span: ReportedSpan): Record<string, AttributeValue> => ({
  ...span.attributes,
  [HEADWATER.source]: span.source,
  [HEADWATER.clock]: span.clock,
  [HEADWATER.evidence]: span.evidence,
  [HEADWATER.precisionNs]: span.precisionNs,
});

/** A log has no resource of its own: its backend shows it under the name of what wrote it. */
const resourceOf = (span: ReportedSpan): Record<string, AttributeValue> => ({
  'service.name': String(span.attributes[HEADWATER.component] ?? span.source),
  ...span.resource,
});
