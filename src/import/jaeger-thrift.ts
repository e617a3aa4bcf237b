/**
 * Jaeger's Thrift: the struct `Batch` in the binary protocol, as `POST /api/traces?format=jaeger.thrift` takes it.
 *
 * ```
 * Batch    1 process { 1 serviceName, 2 tags }   2 spans
 * Span     1 traceIdLow 2 traceIdHigh 3 spanId 4 parentSpanId 5 operationName 6 references 7 flags
 *          8 startTime µs 9 duration µs 10 tags 11 logs { 1 timestamp µs, 2 fields }
 * SpanRef  1 refType (0 CHILD_OF, 1 FOLLOWS_FROM) 2 traceIdLow 3 traceIdHigh 4 spanId
 * Tag      1 key 2 vType (0 string, 1 double, 2 bool, 3 long, 4 binary) 3 vStr 4 vDouble 5 vBool 6 vLong 7 vBinary
 * ```
 * Flags, sequence number and client statistics are not read.
 *
 * https://github.com/jaegertracing/jaeger-idl/blob/main/thrift/jaeger.thrift
 */
import type { AttributeValue } from '../model/span.ts';
import { addJaegerSpan, type JaegerProcess, type JaegerTag, NO_PROCESS } from './jaeger-span.ts';
import { base64Of, int64Value } from './otlp-value.ts';
import { textOf } from './repeated-text.ts';
import { type BatchResult, SpanBatch } from './span-batch.ts';
import { readThriftStruct, type ThriftStruct, type ThriftValue } from './thrift-binary.ts';

/** A `Batch` begins with a process (struct, field 1) that begins with its name (string, field 1) of a sane length. */
export function isJaegerThrift(bytes: Uint8Array): boolean {
  const isStart = [0x0c, 0, 1, 0x0b, 0, 1].every((byte, i) => bytes[i] === byte);
  if (!isStart || bytes.length < 12) return false;
  const nameLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(6);
  return nameLength <= bytes.length - 10;
}

/** Reads one batch. Never throws. */
export function readJaegerThrift(bytes: Uint8Array): BatchResult {
  const batch = new SpanBatch('jaeger');
  try {
    const message = readThriftStruct(bytes);
    const process = processOf(message.get(1));
    for (const span of structs(message.get(2))) readSpan(span, process, batch);
  } catch (error) {
    batch.malformed(`not a batch of Jaeger's Thrift: ${(error as Error).message}`);
  }
  return batch.result();
}

const processOf = (said: ThriftValue | undefined): JaegerProcess =>
  said instanceof Map ? { service: text(said.get(1)), tags: tagsOf(said.get(2)) } : NO_PROCESS;

function readSpan(span: ThriftStruct, process: JaegerProcess, batch: SpanBatch): void {
  const parentId = int64(span.get(4));
  const jaegerSpan = {
    traceId: traceIdOf(span.get(2), span.get(1)),
    spanId: hex64(int64(span.get(3))),
    parentSpanId: parentId === 0n ? '' : hex64(parentId),
    name: text(span.get(5)),
    references: structs(span.get(6)).map((reference) => ({
      isChildOf: reference.get(1) !== 1,
      traceId: traceIdOf(reference.get(3), reference.get(2)),
      spanId: hex64(int64(reference.get(4))),
    })),
    startUs: int64(span.get(8)),
    durationUs: int64(span.get(9)),
    tags: tagsOf(span.get(10)),
    logs: structs(span.get(11)).map((log) => ({ timeUs: int64(log.get(1)), fields: tagsOf(log.get(2)) })),
  };
  addJaegerSpan(jaegerSpan, process, batch);
}

const traceIdOf = (high: ThriftValue | undefined, low: ThriftValue | undefined): string =>
  hex64(int64(high)) + hex64(int64(low));
const hex64 = (value: bigint): string => BigInt.asUintN(64, value).toString(16).padStart(16, '0');

const tagsOf = (tags: ThriftValue | undefined): JaegerTag[] =>
  structs(tags).map((tag) => [text(tag.get(1)), tagValue(tag)]);

function tagValue(tag: ThriftStruct): AttributeValue {
  switch (tag.get(2)) {
    case 1:
      return Number(tag.get(4) ?? 0);
    case 2:
      return tag.get(5) === true;
    case 3:
      return int64Value(int64(tag.get(6)));
    case 4: {
      const bytes = tag.get(7);
      return bytes instanceof Uint8Array ? base64Of(bytes) : '';
    }
  }
  return text(tag.get(3));
}

/** A field of another type than the definition's is read as absent. */
const int64 = (value: ThriftValue | undefined): bigint => (typeof value === 'bigint' ? value : 0n);
const text = (value: ThriftValue | undefined): string =>
  value instanceof Uint8Array ? textOf(value, 0, value.length) : '';
const structs = (value: ThriftValue | undefined): readonly ThriftStruct[] =>
  Array.isArray(value) ? value.filter((item): item is ThriftStruct => item instanceof Map) : [];
