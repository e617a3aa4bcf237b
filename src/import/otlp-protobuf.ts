/**
 * OTLP traces in protobuf: `ExportTraceServiceRequest`, read field by field straight into spans, because a generated
 * decoder's object tree costs more than everything after it.
 *
 * Read: resource, scope name and version, spans with attributes, events, links, status. Skipped: trace state, flags,
 * dropped counts, schema URLs, and any field that is not known here. Every length is held inside its parent, so
 * that a damaged message ends in a warning after linear time.
 *
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
import { PbfReader } from 'pbf';
import type { ReportedEvent, SpanLink, SpanStatus } from '../model/span.ts';
import { emptyFields, OTLP_KINDS, OTLP_STATUS, otlpBatch } from './otlp-span.ts';
import {
  type AnyValue,
  attributeValueOf,
  base64Of,
  int64Value,
  MAX_VALUE_DEPTH,
  type MutableAttributes,
  setOwn,
  TOO_DEEP,
} from './otlp-value.ts';
import { textOf } from './repeated-text.ts';
import {
  type BatchResult,
  clockOf,
  type SpanBatch,
  type SpanFields,
  type SpanOrigin,
  UNSET,
} from './span-batch.ts';

type Range = readonly [startPos: number, endPos: number];

/** Begins with a `resource_spans` (field 1, length-delimited) that is no longer than what is there. */
export function isOtlpProtobuf(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x0a || bytes.length < 4) return false;
  const pbf = new PbfReader(bytes);
  pbf.pos = 1;
  const length = lengthAt(pbf);
  return length > 0 && pbf.pos + length <= bytes.length;
}

/** 0 where no number stands: one that does not end in ten bytes is none. */
function lengthAt(pbf: PbfReader): number {
  try {
    return pbf.readVarint();
  } catch {
    return 0;
  }
}

/** Reads one request. Never throws: what cannot be read is a warning, and `malformed` says that the end was not reached. */
export function readOtlpProtobuf(bytes: Uint8Array): BatchResult {
  const batch = otlpBatch();
  const pbf = new PbfReader(bytes);
  try {
    eachField(pbf, bytes.length, (field, end) => {
      if (field === 1) readResourceSpans(pbf, messageEnd(pbf, end), batch);
    });
  } catch (error) {
    batch.malformed(
      `not an OTLP trace message: broken at byte ${Math.min(pbf.pos, bytes.length)} of ${bytes.length} (${(error as Error).message})`,
    );
  }
  return batch.result();
}

/** Calls back for each field up to `end`; what the callback leaves unread is skipped. */
function eachField(pbf: PbfReader, end: number, read: (field: number, end: number) => void): void {
  let field = pbf.nextField(end);
  while (field) {
    read(field, end);
    field = pbf.nextField(end);
  }
  if (pbf.pos !== end) throw new Error('a field is longer than its message');
}

/** Position where the length-delimited value at the reader ends. */
function messageEnd(pbf: PbfReader, limit: number): number {
  if (pbf.type !== 2) throw new Error('a message was expected');
  const end = pbf.readVarint() + pbf.pos;
  if (end > limit) throw new Error('a message is longer than its parent');
  return end;
}

/** The resource may stand after the spans it belongs to: note where those are, read them second. */
function readResourceSpans(pbf: PbfReader, end: number, batch: SpanBatch): void {
  const resource: MutableAttributes = {};
  const scopes: Range[] = [];
  eachField(pbf, end, (field) => {
    if (field !== 1 && field !== 2) return;
    const innerEnd = messageEnd(pbf, end);
    if (field === 1) eachField(pbf, innerEnd, (f) => f === 1 && readKeyValue(pbf, innerEnd, resource));
    else {
      scopes.push([pbf.pos, innerEnd]);
      pbf.pos = innerEnd;
    }
  });
  const clock = clockOf(resource, 'otlp');
  for (const range of scopes) readScopeSpans(pbf, range, { resource, clock, scope: undefined }, batch);
  pbf.pos = end;
}

function readScopeSpans(pbf: PbfReader, [start, end]: Range, origin: SpanOrigin, batch: SpanBatch): void {
  const scoped = { ...origin, scope: scopeOf(pbf, start, end) };
  pbf.pos = start;
  eachField(pbf, end, (field) => {
    if (field === 2) batch.add(readSpan(pbf, messageEnd(pbf, end)), scoped);
  });
}

function scopeOf(pbf: PbfReader, start: number, end: number): string | undefined {
  let name = '';
  let version = '';
  pbf.pos = start;
  eachField(pbf, end, (field) => {
    if (field !== 1) return;
    eachField(pbf, messageEnd(pbf, end), (f, innerEnd) => {
      if (f === 1) name = readText(pbf, innerEnd);
      else if (f === 2) version = readText(pbf, innerEnd);
    });
  });
  return version ? `${name}@${version}` : name || undefined;
}

function readSpan(pbf: PbfReader, end: number): SpanFields {
  const span = emptyFields();
  let field = pbf.nextField(end);
  while (field) {
    readSpanField(pbf, field, end, span);
    field = pbf.nextField(end);
  }
  if (pbf.pos !== end) throw new Error('a field is longer than its span');
  return span;
}

function readSpanField(pbf: PbfReader, field: number, end: number, span: SpanFields): void {
  switch (field) {
    case 1:
      span.traceId = readHex(pbf, end);
      break;
    case 2:
      span.spanId = readHex(pbf, end);
      break;
    case 4:
      span.parentSpanId = readHex(pbf, end);
      break;
    case 5:
      span.name = readText(pbf, end);
      break;
    case 6:
      span.kind = OTLP_KINDS[pbf.readVarint()] ?? 'internal';
      break;
    case 7:
      span.startUnixNano = readFixed64(pbf);
      break;
    case 8:
      span.endUnixNano = readFixed64(pbf);
      break;
    case 9:
      readKeyValue(pbf, end, span.attributes);
      break;
    case 11:
      span.events.push(readEvent(pbf, messageEnd(pbf, end)));
      break;
    case 13:
      span.links.push(readLink(pbf, messageEnd(pbf, end)));
      break;
    case 15:
      span.status = readStatus(pbf, messageEnd(pbf, end));
      break;
  }
}

function readEvent(pbf: PbfReader, end: number): ReportedEvent {
  const event = { name: '', timeUnixNano: 0n, attributes: {} as MutableAttributes };
  eachField(pbf, end, (field) => {
    if (field === 1) event.timeUnixNano = readFixed64(pbf);
    else if (field === 2) event.name = readText(pbf, end);
    else if (field === 3) readKeyValue(pbf, end, event.attributes);
  });
  return event;
}

function readLink(pbf: PbfReader, end: number): SpanLink {
  const attributes: MutableAttributes = {};
  let traceId = '';
  let spanId = '';
  eachField(pbf, end, (field) => {
    if (field === 1) traceId = readHex(pbf, end);
    else if (field === 2) spanId = readHex(pbf, end);
    else if (field === 4) readKeyValue(pbf, end, attributes);
  });
  return Object.keys(attributes).length ? { traceId, spanId, attributes } : { traceId, spanId };
}

function readStatus(pbf: PbfReader, end: number): SpanStatus {
  let code: SpanStatus['code'] = 'unset';
  let message = '';
  eachField(pbf, end, (field) => {
    if (field === 2) message = readText(pbf, end);
    else if (field === 3) code = OTLP_STATUS[pbf.readVarint()] ?? 'unset';
  });
  if (message) return { code, message };
  return code === 'unset' ? UNSET : { code };
}

function readKeyValue(pbf: PbfReader, limit: number, into: MutableAttributes): void {
  const [key, value] = readPair(pbf, limit, 0);
  setOwn(into, key, attributeValueOf(value));
}

function readPair(pbf: PbfReader, limit: number, depth: number): [string, AnyValue] {
  const end = messageEnd(pbf, limit);
  let key = '';
  let value: AnyValue = null;
  let field = pbf.nextField(end);
  while (field) {
    if (field === 1) key = readText(pbf, end);
    else if (field === 2) value = readAnyValue(pbf, messageEnd(pbf, end), depth);
    field = pbf.nextField(end);
  }
  if (pbf.pos !== end) throw new Error('an attribute is longer than its message');
  return [key, value];
}

function readAnyValue(pbf: PbfReader, end: number, depth: number): AnyValue {
  let value: AnyValue = null;
  let field = pbf.nextField(end);
  while (field) {
    value = readAnyValueField(pbf, field, end, depth) ?? value;
    field = pbf.nextField(end);
  }
  if (pbf.pos !== end) throw new Error('a value is longer than its message');
  return value;
}

function readAnyValueField(pbf: PbfReader, field: number, end: number, depth: number): AnyValue | undefined {
  switch (field) {
    case 1:
      return readText(pbf, end);
    case 2:
      return pbf.readBoolean();
    case 3:
      return readInt64(pbf);
    case 4:
      return pbf.readDouble();
    case 5:
    case 6:
      if (depth < MAX_VALUE_DEPTH) return readNested(pbf, field, messageEnd(pbf, end), depth + 1);
      pbf.pos = messageEnd(pbf, end);
      return TOO_DEEP;
    case 7:
      return base64Of(readByteRange(pbf, end));
  }
  return undefined;
}

function readNested(pbf: PbfReader, field: number, end: number, depth: number): AnyValue {
  const list: AnyValue[] = [];
  const map: Record<string, AnyValue> = {};
  eachField(pbf, end, (f) => {
    if (f !== 1) return;
    if (field === 5) list.push(readAnyValue(pbf, messageEnd(pbf, end), depth));
    else setOwn(map, ...readPair(pbf, end, depth));
  });
  return field === 5 ? list : map;
}

function readFixed64(pbf: PbfReader): bigint {
  const value = pbf.dataView.getBigUint64(pbf.pos, true);
  pbf.pos += 8;
  return value;
}

/** pbf gives 64-bit varints as doubles; where a double is not enough, the bytes are read again. */
function readInt64(pbf: PbfReader): number | string {
  const start = pbf.pos;
  const value = pbf.readVarint(true);
  if (Number.isSafeInteger(value)) return value;
  let exact = 0n;
  for (let i = start, shift = 0n; i < pbf.pos; i++, shift += 7n)
    exact |= BigInt((pbf.buf[i] ?? 0) & 0x7f) << shift;
  return int64Value(BigInt.asIntN(64, exact));
}

function readByteRange(pbf: PbfReader, limit: number): Uint8Array {
  const end = messageEnd(pbf, limit);
  const bytes = pbf.buf.subarray(pbf.pos, end);
  pbf.pos = end;
  return bytes;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function readHex(pbf: PbfReader, limit: number): string {
  let hex = '';
  for (const byte of readByteRange(pbf, limit)) hex += HEX[byte];
  return hex;
}

function readText(pbf: PbfReader, limit: number): string {
  const end = messageEnd(pbf, limit);
  const start = pbf.pos;
  pbf.pos = end;
  return textOf(pbf.buf, start, end);
}
