/**
 * OTLP traces in JSON: the same message as otlp-protobuf.ts reads, with ids in hex, 64-bit integers as text or
 * number, enums as number or name, bytes in base64.
 *
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import { RUN_EXTRAS } from '../model/run-extras.ts';
import type { ReportedEvent, SpanKind, SpanLink, SpanStatus } from '../model/span.ts';
import { int64, isObject, type Json, number, objects, parseJson, text } from './json-value.ts';
import { OTLP_KINDS, OTLP_STATUS, otlpBatch } from './otlp-span.ts';
import {
  type AnyValue,
  attributeValueOf,
  int64Value,
  MAX_VALUE_DEPTH,
  type MutableAttributes,
  setOwn,
  TOO_DEEP,
} from './otlp-value.ts';
import { runExtrasOf } from './run-extras.ts';
import {
  type BatchResult,
  clockOf,
  ownResource,
  type SpanBatch,
  type SpanOrigin,
  UNSET,
} from './span-batch.ts';

export const isOtlpJson = (head: string): boolean => /^\s*\{\s*"resourceSpans"\s*:/.test(head);

/** Reads one request, as text or already parsed. Never throws: what cannot be read is a warning. */
export function readOtlpJson(request: string | object): BatchResult {
  const batch = otlpBatch();
  const message = typeof request === 'string' ? parseJson(request, batch) : request;
  if (message === undefined) return batch.result();
  if (!isObject(message) || !Array.isArray(message.resourceSpans ?? [])) {
    batch.malformed('not an OTLP trace message: expected an object with a list `resourceSpans`');
    return batch.result();
  }
  for (const resourceSpans of objects(message.resourceSpans)) readResourceSpans(resourceSpans, batch);
  return batch.result();
}

function readResourceSpans(resourceSpans: Json, batch: SpanBatch): void {
  const said = isObject(resourceSpans.resource) ? resourceSpans.resource.attributes : undefined;
  const resource = ownResource(attributesOf(said));
  if (typeof resource[RUN_EXTRAS] === 'string') {
    const extras = runExtrasOf(resource[RUN_EXTRAS]);
    if (extras) batch.runs.push(extras);
    return;
  }
  const clock = clockOf(resource, 'otlp');
  for (const scopeSpans of objects(resourceSpans.scopeSpans)) {
    const origin = { resource, clock, scope: scopeOf(scopeSpans.scope) };
    for (const span of objects(scopeSpans.spans)) readSpan(span, origin, batch);
  }
}

function scopeOf(scope: unknown): string | undefined {
  if (!isObject(scope)) return undefined;
  const name = text(scope.name);
  return scope.version ? `${name}@${text(scope.version)}` : name || undefined;
}

function readSpan(span: Json, origin: SpanOrigin, batch: SpanBatch): void {
  const startUnixNano = int64(span.startTimeUnixNano);
  const endUnixNano = int64(span.endTimeUnixNano);
  const name = text(span.name);
  if (startUnixNano === undefined || endUnixNano === undefined) {
    batch.reject({ name }, 'its start and end must be whole numbers of nanoseconds');
    return;
  }
  const fields = {
    traceId: text(span.traceId).toLowerCase(),
    spanId: text(span.spanId).toLowerCase(),
    parentSpanId: text(span.parentSpanId).toLowerCase(),
    name,
    kind: kindOf(span.kind),
    startUnixNano,
    endUnixNano,
    status: statusOf(span.status),
    attributes: attributesOf(span.attributes),
    events: objects(span.events).map(eventOf),
    links: objects(span.links).map(linkOf),
  };
  batch.add(fields, origin);
}

const KIND_NAMES = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS_NAMES = ['UNSET', 'OK', 'ERROR'];

const kindOf = (kind: unknown): SpanKind => OTLP_KINDS[enumOf(kind, 'SPAN_KIND_', KIND_NAMES)] ?? 'internal';

function enumOf(value: unknown, prefix: string, names: readonly string[]): number {
  if (typeof value === 'string' && value.startsWith(prefix)) return names.indexOf(value.slice(prefix.length));
  return value === undefined || value === null ? 0 : number(value);
}

function statusOf(status: unknown): SpanStatus {
  if (!isObject(status)) return UNSET;
  const code = OTLP_STATUS[enumOf(status.code, 'STATUS_CODE_', STATUS_NAMES)] ?? 'unset';
  const message = text(status.message);
  if (message) return { code, message };
  return code === 'unset' ? UNSET : { code };
}

const eventOf = (event: Json): ReportedEvent => ({
  name: text(event.name),
  timeUnixNano: int64(event.timeUnixNano) ?? 0n,
  attributes: attributesOf(event.attributes),
});

function linkOf(link: Json): SpanLink {
  const ids = { traceId: text(link.traceId).toLowerCase(), spanId: text(link.spanId).toLowerCase() };
  const attributes = attributesOf(link.attributes);
  return Object.keys(attributes).length ? { ...ids, attributes } : ids;
}

function attributesOf(list: unknown): MutableAttributes {
  const attributes: MutableAttributes = {};
  for (const pair of objects(list))
    setOwn(attributes, text(pair.key), attributeValueOf(anyValue(pair.value, 0)));
  return attributes;
}

function anyValue(value: unknown, depth: number): AnyValue {
  if (!isObject(value)) return null;
  if (value.stringValue !== undefined) return text(value.stringValue);
  if (value.boolValue !== undefined) return value.boolValue === true || value.boolValue === 'true';
  if (value.intValue !== undefined) return intValue(value.intValue);
  if (value.doubleValue !== undefined) return number(value.doubleValue);
  if (value.bytesValue !== undefined) return text(value.bytesValue);
  if (depth >= MAX_VALUE_DEPTH) return TOO_DEEP;
  if (isObject(value.arrayValue))
    return objects(value.arrayValue.values).map((item) => anyValue(item, depth + 1));
  if (isObject(value.kvlistValue)) return mapOf(value.kvlistValue.values, depth);
  return null;
}

function mapOf(list: unknown, depth: number): AnyValue {
  const map: Record<string, AnyValue> = {};
  for (const pair of objects(list)) setOwn(map, text(pair.key), anyValue(pair.value, depth + 1));
  return map;
}

function intValue(value: unknown): AnyValue {
  const exact = int64(value);
  return exact === undefined ? text(value) : int64Value(exact);
}
