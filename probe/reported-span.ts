/** OpenTelemetry's finished span to the span that Headwater's parts share: what exporters get is what `result` has. */
import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { HEADWATER } from '../src/model/attributes.ts';
import { EVIDENCE, type Evidence } from '../src/model/layer.ts';
import { type Attributes, type ReportedSpan, SPAN_KINDS, type SpanStatus } from '../src/model/span.ts';
import { unixNanoFromHrTime } from '../src/model/time.ts';

export function reportedSpan(span: ReadableSpan): ReportedSpan {
  const attributes = attributesOf(span.attributes);
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    ...(span.parentSpanContext && { parentSpanId: span.parentSpanContext.spanId }),
    name: span.name,
    kind: SPAN_KINDS[span.kind] ?? 'internal',
    startUnixNano: unixNanoFromHrTime(span.startTime),
    endUnixNano: unixNanoFromHrTime(span.endTime),
    status: statusOf(span),
    attributes,
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: unixNanoFromHrTime(event.time),
      attributes: attributesOf(event.attributes),
    })),
    links: span.links.map(({ context, attributes }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      ...(attributes && { attributes: attributesOf(attributes) }),
    })),
    resource: attributesOf(span.resource.attributes),
    scope: span.instrumentationScope.name,
    source: text(attributes[HEADWATER.source], 'otlp'),
    clock: text(attributes[HEADWATER.clock], 'probe'),
    evidence: evidenceOf(attributes[HEADWATER.evidence]),
    precisionNs: Number(attributes[HEADWATER.precisionNs] ?? 1_000),
  };
}

const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

const evidenceOf = (value: unknown): Evidence =>
  EVIDENCE.find((evidence) => evidence === value) ?? 'measured';

function statusOf({ status }: ReadableSpan): SpanStatus {
  const code =
    status.code === SpanStatusCode.ERROR ? 'error' : status.code === SpanStatusCode.OK ? 'ok' : 'unset';
  return status.message ? { code, message: status.message } : { code };
}

/** OpenTelemetry lets attributes be undefined, and lists have holes; a reported span's cannot. */
function attributesOf(attributes: Readonly<Record<string, unknown>> | undefined): Attributes {
  const entries = Object.entries(attributes ?? {}).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return Object.fromEntries(entries) as Attributes;
}
