/**
 * Zipkin v2 in JSON: what `POST /api/v2/spans` takes and `GET /api/v2/trace/{id}` answers, a list of spans; also a list
 * of such lists (`GET /api/v2/traces`).
 *
 * ```
 * {"traceId","id","parentId","kind","name","timestamp","duration","shared",           times in µs
 *  "localEndpoint":{"serviceName","ipv4","ipv6","port"}, "remoteEndpoint":{…},
 *  "annotations":[{"timestamp","value"}], "tags":{"key":"text"}}
 * ```
 * A trace id of 64 bits is padded with zeros on the left. A server may report under its client's span id
 * (`"shared":true`): both halves keep the id that they were reported with, stitching tells them apart.
 * Tags about the process (`telemetry.sdk.language`, `host.name`) go to the resource, as OpenTelemetry's exporter had put
 * them here. `debug` is not read. Zipkin's server gives service and span names back in lower case.
 *
 * https://zipkin.io/zipkin-api/ · https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/
 */
import {
  type AttributeValue,
  type ReportedEvent,
  SPAN_KINDS,
  type SpanKind,
  type SpanStatus,
} from '../model/span.ts';
import { int64, isObject, type Json, objects, parseJson, text } from './json-value.ts';
import type { MutableAttributes } from './otlp-value.ts';
import { type BatchResult, clockOf, SpanBatch, type SpanOrigin } from './span-batch.ts';
import { scopeFrom, statusFrom, translateTags } from './trace-tags.ts';

const NANOS_PER_US = 1_000n;
/** A list of objects with a trace id of hex digits and a span's `id`. */
const LIST = /^\s*\[\s*(?:\[\s*)?\{/;
const TRACE_ID = /"traceId"\s*:\s*"[0-9a-fA-F]{1,32}"/;
const SPAN_ID = /"id"\s*:\s*"[0-9a-fA-F]{1,16}"/;

export const isZipkinJson = (head: string): boolean =>
  LIST.test(head) && TRACE_ID.test(head) && SPAN_ID.test(head);

/** Reads one list of spans, or a list of lists. Never throws. */
export function readZipkinJson(json: string): BatchResult {
  const batch = new SpanBatch('zipkin');
  const message = parseJson(json, batch);
  if (message === undefined) return batch.result();
  if (!Array.isArray(message)) batch.malformed('not Zipkin v2 JSON: expected a list of spans');
  else for (const span of message.flatMap((item: unknown) => objects([item].flat()))) readSpan(span, batch);
  return batch.result();
}

function readSpan(span: Json, batch: SpanBatch): void {
  const name = text(span.name);
  const startUs = int64(span.timestamp) ?? 0n;
  const durationUs = int64(span.duration) ?? 0n;
  // 0 and absent mean the same: not known
  if (startUs <= 0n) {
    batch.reject({ name }, 'it has no timestamp');
    return;
  }
  const spanId = padded(span.id, 16);
  if (durationUs <= 0n) batch.warn('no_duration', spanId, `"${name}" has no duration: drawn as an instant`);
  const startUnixNano = startUs * NANOS_PER_US;
  const { attributes, resource } = translateTags(tagsOf(span));
  const service = isObject(span.localEndpoint) ? text(span.localEndpoint.serviceName) : '';
  if (service) resource['service.name'] = service;
  const scope = scopeFrom(attributes);
  batch.add(
    {
      traceId: padded(span.traceId, 32),
      spanId,
      parentSpanId: span.parentId ? padded(span.parentId, 16) : '',
      name,
      kind: kindOf(span.kind),
      startUnixNano,
      endUnixNano: startUnixNano + (durationUs > 0n ? durationUs * NANOS_PER_US : 0n),
      status: statusOf(attributes),
      attributes: { ...attributes, ...remoteEndpoint(span.remoteEndpoint) },
      events: objects(span.annotations).map(eventOf),
      links: [],
    },
    originOf(resource, scope),
  );
}

const kindOf = (kind: unknown): SpanKind =>
  SPAN_KINDS.find((known) => known === text(kind).toLowerCase()) ?? 'internal';

const padded = (id: unknown, digits: number): string => text(id).toLowerCase().padStart(digits, '0');

const originOf = (resource: MutableAttributes, scope: string | undefined): SpanOrigin => ({
  resource,
  scope,
  clock: clockOf(resource, 'zipkin'),
});

function tagsOf(span: Json): [string, AttributeValue][] {
  return isObject(span.tags) ? Object.entries(span.tags).map(([key, value]) => [key, text(value)]) : [];
}

/** In Zipkin the mere presence of the tag `error` is the error; its value, when there is one, says which. */
function statusOf(attributes: MutableAttributes): SpanStatus {
  const said = statusFrom(attributes);
  if (said.code !== 'unset' || !Object.hasOwn(attributes, 'error')) return said;
  const message = String(attributes.error);
  return message && message !== 'true' ? { code: 'error', message } : { code: 'error' };
}

function remoteEndpoint(endpoint: unknown): MutableAttributes {
  const attributes: MutableAttributes = {};
  if (!isObject(endpoint)) return attributes;
  const address = text(endpoint.ipv4) || text(endpoint.ipv6);
  if (text(endpoint.serviceName)) attributes['peer.service'] = text(endpoint.serviceName);
  if (address) attributes['network.peer.address'] = address;
  if (typeof endpoint.port === 'number' && endpoint.port > 0) attributes['network.peer.port'] = endpoint.port;
  return attributes;
}

const eventOf = (annotation: Json): ReportedEvent => ({
  name: text(annotation.value),
  timeUnixNano: (int64(annotation.timestamp) ?? 0n) * NANOS_PER_US,
  attributes: {},
});
