/** Spans as an OTLP export request in protobuf, for measuring how fast one is read. One resource, one scope. */
import { PbfWriter } from 'pbf';
import { type Attributes, type ReportedSpan, SPAN_KINDS } from '../../src/model/span.ts';

export function otlpRequest(spans: readonly ReportedSpan[]): Uint8Array {
  const writer = new PbfWriter();
  const [first] = spans;
  if (first) {
    writer.writeMessage(
      1,
      (_, resourceSpans) => {
        resourceSpans.writeMessage(1, (__, resource) => writeAttributes(resource, 1, first.resource), null);
        resourceSpans.writeMessage(2, (__, scope) => writeSpans(scope, spans), null);
      },
      null,
    );
  }
  return writer.finish();
}

function writeSpans(writer: PbfWriter, spans: readonly ReportedSpan[]): void {
  for (const span of spans) writer.writeMessage(2, writeSpan, span);
}

function writeSpan(span: ReportedSpan, writer: PbfWriter): void {
  writer.writeBytesField(1, Buffer.from(span.traceId, 'hex'));
  writer.writeBytesField(2, Buffer.from(span.spanId, 'hex'));
  if (span.parentSpanId) writer.writeBytesField(4, Buffer.from(span.parentSpanId, 'hex'));
  writer.writeStringField(5, span.name);
  writer.writeVarintField(6, SPAN_KINDS.indexOf(span.kind) + 1);
  writeTime(writer, 7, span.startUnixNano);
  writeTime(writer, 8, span.endUnixNano);
  writeAttributes(writer, 9, span.attributes);
}

/** fixed64, little endian */
function writeTime(writer: PbfWriter, field: number, unixNano: bigint): void {
  writer.writeTag(field, 1);
  writer.writeFixed32(Number(BigInt.asUintN(32, unixNano)));
  writer.writeFixed32(Number(unixNano >> 32n));
}

function writeAttributes(writer: PbfWriter, field: number, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes))
    writer.writeMessage(
      field,
      (_, pair) => {
        pair.writeStringField(1, key);
        pair.writeMessage(
          2,
          (__, any) => {
            if (typeof value === 'string') any.writeStringField(1, value);
            else if (typeof value === 'boolean') any.writeBooleanField(2, value);
            else if (typeof value === 'number') any.writeVarintField(3, value);
          },
          null,
        );
      },
      null,
    );
}
