/**
 * What Jaeger's JSON and its Thrift have in common: from their fields to a span of ours.
 *
 * ```
 * references   the first CHILD_OF of the same trace is the parent, else the first FOLLOWS_FROM; the others are links
 * tags         span.kind, error, otel.* → kind, status, scope (trace-tags.ts)
 * logs         events, named by their field `event`, else `message`
 * process      the resource; `hostname` and `process.pid` name the clock
 * ```
 * Times are whole microseconds.
 *
 * https://www.jaegertracing.io/docs/latest/architecture/ · https://github.com/jaegertracing/jaeger-idl
 */
import type { AttributeValue, ReportedEvent, SpanLink, SpanStatus } from '../model/span.ts';
import { type MutableAttributes, setOwn } from './otlp-value.ts';
import { clockOf, type SpanBatch } from './span-batch.ts';
import { kindFrom, scopeFrom, statusFrom, translateTags } from './trace-tags.ts';

export type JaegerTag = readonly [key: string, value: AttributeValue];

export interface JaegerReference {
  readonly isChildOf: boolean;
  readonly traceId: string;
  readonly spanId: string;
}

export interface JaegerSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Of clients that name their parent without a reference; '' when they do not. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly references: readonly JaegerReference[];
  readonly startUs: bigint;
  readonly durationUs: bigint;
  readonly tags: readonly JaegerTag[];
  readonly logs: readonly { readonly timeUs: bigint; readonly fields: readonly JaegerTag[] }[];
}

export interface JaegerProcess {
  readonly service: string;
  readonly tags: readonly JaegerTag[];
}

export const NO_PROCESS: JaegerProcess = { service: '', tags: [] };

const NANOS_PER_US = 1_000n;

export function addJaegerSpan(span: JaegerSpan, process: JaegerProcess, batch: SpanBatch): void {
  if (span.startUs <= 0n || span.durationUs < 0n) {
    batch.reject(span, 'its start must be microseconds since 1970, and its duration not below 0');
    return;
  }
  const { attributes, resource } = translateTags(span.tags);
  const parent = parentOf(span);
  const kind = kindFrom(attributes);
  const scope = scopeFrom(attributes);
  const status = statusOf(attributes);
  addProcess(process, resource);
  const startUnixNano = span.startUs * NANOS_PER_US;
  batch.add(
    {
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: parent?.spanId ?? span.parentSpanId,
      name: span.name,
      kind,
      startUnixNano,
      endUnixNano: startUnixNano + span.durationUs * NANOS_PER_US,
      status,
      attributes,
      events: span.logs.map(eventOf),
      links: span.references.filter((reference) => reference !== parent).map(linkOf),
    },
    { resource, scope, clock: clockOf(withHostName(resource), 'jaeger') },
  );
}

function parentOf({ traceId, references }: JaegerSpan): JaegerReference | undefined {
  const inside = references.filter((reference) => reference.traceId === traceId);
  return inside.find(({ isChildOf }) => isChildOf) ?? inside[0];
}

function addProcess({ service, tags }: JaegerProcess, resource: MutableAttributes): void {
  for (const [key, value] of tags) setOwn(resource, key, value);
  if (service) resource['service.name'] = service;
}

/** Jaeger's own clients say `hostname`. */
const withHostName = (resource: MutableAttributes): MutableAttributes =>
  resource.hostname === undefined ? resource : { 'host.name': resource.hostname, ...resource };

/** Jaeger's `error` is a flag; OpenTelemetry's status, when it is there too, says more. */
function statusOf(attributes: MutableAttributes): SpanStatus {
  const said = statusFrom(attributes);
  const isError = attributes.error === true || attributes.error === 'true';
  if (isError) delete attributes.error;
  return said.code === 'unset' && isError ? { code: 'error' } : said;
}

function eventOf({ timeUs, fields }: JaegerSpan['logs'][number]): ReportedEvent {
  const attributes: MutableAttributes = {};
  for (const [key, value] of fields) setOwn(attributes, key, value);
  const key = ['event', 'message'].find((name) => typeof attributes[name] === 'string');
  const name = key === undefined ? 'log' : String(attributes[key]);
  if (key !== undefined) delete attributes[key];
  return { name, timeUnixNano: timeUs * NANOS_PER_US, attributes };
}

const linkOf = ({ isChildOf, traceId, spanId }: JaegerReference): SpanLink => ({
  traceId,
  spanId,
  attributes: { 'opentracing.ref_type': isChildOf ? 'child_of' : 'follows_from' },
});
