/**
 * Jaeger's JSON: what its UI lets one download and `GET /api/traces/{id}` answers; also one trace of it by itself.
 *
 * ```
 * {"data":[{"traceID","spans":[{"traceID","spanID","operationName","references":[{"refType","traceID","spanID"}],
 *    "startTime","duration","tags":[{"key","type","value"}],"logs":[{"timestamp","fields":[…]}],"processID","warnings"}],
 *   "processes":{"p1":{"serviceName","tags":[…]}},"warnings"}], "errors":[{"code","msg"}]}
 * ```
 * Times are µs. Ids without their leading zeros get them back. Jaeger's warnings become ours; flags are not read.
 * Jaeger can move spans of other hosts when it answers (`clock skew`): ask it with `?raw=true`.
 *
 * https://www.jaegertracing.io/docs/1.76/apis/#http-json-internal
 */
import type { AttributeValue } from '../model/span.ts';
import { addJaegerSpan, type JaegerProcess, type JaegerTag, NO_PROCESS } from './jaeger-span.ts';
import { int64, isObject, type Json, number, objects, parseJson, text } from './json-value.ts';
import { attributeValueOf, int64Value } from './otlp-value.ts';
import { type BatchResult, SpanBatch } from './span-batch.ts';

const ANSWER = /^\s*\{\s*(?:"data"\s*:\s*\[\s*\{\s*)?"(?:traceID|spans|processes)"\s*:/;

export const isJaegerJson = (head: string): boolean => ANSWER.test(head) && /"traceID"\s*:/.test(head);

/** Reads an answer or a single trace. Never throws. */
export function readJaegerJson(json: string): BatchResult {
  const batch = new SpanBatch('jaeger');
  const message = parseJson(json, batch);
  if (message === undefined) return batch.result();
  const isTrace = isObject(message) && Array.isArray(message.spans);
  if (!isObject(message) || !(isTrace || Array.isArray(message.data))) {
    batch.malformed('not Jaeger JSON: expected {"data":[…]} or one trace with "spans"');
    return batch.result();
  }
  for (const trace of isTrace ? [message] : objects(message.data)) readTrace(trace, batch);
  for (const error of objects(message.errors))
    batch.warn('error', 'jaeger', `Jaeger says: ${text(error.msg)}`);
  return batch.result();
}

function readTrace(trace: Json, batch: SpanBatch): void {
  const processById = new Map(
    Object.entries(isObject(trace.processes) ? trace.processes : {}).map(([id, value]) => [
      id,
      processOf(value),
    ]),
  );
  const traceId = idOf(trace.traceID, 32);
  for (const span of objects(trace.spans)) {
    const process = isObject(span.process)
      ? processOf(span.process)
      : (processById.get(text(span.processID)) ?? NO_PROCESS);
    readSpan(span, traceId, process, batch);
  }
  tellWarnings(trace.warnings, traceId, batch);
}

function tellWarnings(warnings: unknown, where: string, batch: SpanBatch): void {
  if (!Array.isArray(warnings)) return;
  for (const warning of warnings)
    if (text(warning)) batch.warn('warning', where, `Jaeger says: ${text(warning)}`);
}

const processOf = (said: unknown): JaegerProcess =>
  isObject(said) ? { service: text(said.serviceName), tags: tagsOf(said.tags) } : NO_PROCESS;

function readSpan(span: Json, traceId: string, process: JaegerProcess, batch: SpanBatch): void {
  const name = text(span.operationName);
  const startUs = int64(span.startTime);
  const durationUs = int64(span.duration);
  if (startUs === undefined || durationUs === undefined) {
    batch.reject({ name }, 'its start and duration must be whole numbers of microseconds');
    return;
  }
  const spanId = idOf(span.spanID, 16);
  const jaegerSpan = {
    traceId: span.traceID ? idOf(span.traceID, 32) : traceId,
    spanId,
    parentSpanId: span.parentSpanID ? idOf(span.parentSpanID, 16) : '',
    name,
    references: objects(span.references).map(referenceOf),
    startUs,
    durationUs,
    tags: tagsOf(span.tags),
    logs: objects(span.logs).map((log) => ({
      timeUs: int64(log.timestamp) ?? 0n,
      fields: tagsOf(log.fields),
    })),
  };
  addJaegerSpan(jaegerSpan, process, batch);
  tellWarnings(span.warnings, spanId, batch);
}

const idOf = (id: unknown, digits: number): string => text(id).toLowerCase().padStart(digits, '0');

const referenceOf = (reference: Json) => ({
  isChildOf: text(reference.refType) !== 'FOLLOWS_FROM',
  traceId: idOf(reference.traceID, 32),
  spanId: idOf(reference.spanID, 16),
});

const tagsOf = (tags: unknown): JaegerTag[] =>
  objects(tags).map((tag) => [text(tag.key), tagValue(text(tag.type), tag.value)]);

/** `binary` stays base64. A list comes as its JSON text already. */
function tagValue(type: string, value: unknown): AttributeValue {
  if (type === 'int64') {
    const exact = int64(value);
    return exact === undefined ? text(value) : int64Value(exact);
  }
  if (type === 'float64') return number(value);
  if (type === 'bool') return value === true || value === 'true';
  if (typeof value === 'boolean' || typeof value === 'number') return attributeValueOf(value);
  return text(value);
}
