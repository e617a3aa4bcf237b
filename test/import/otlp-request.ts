/** Writes OTLP by hand, for the messages that no well-behaved exporter sends. */
import { PbfWriter } from 'pbf';

export type Field = (pbf: PbfWriter) => void;

export const message = (...fields: Field[]): Uint8Array => {
  const pbf = new PbfWriter();
  for (const field of fields) field(pbf);
  return pbf.finish();
};
export const nested =
  (tag: number, ...fields: Field[]): Field =>
  (pbf) =>
    pbf.writeMessage(
      tag,
      (_: null, inner) => {
        for (const field of fields) field(inner);
      },
      null,
    );
export const text =
  (tag: number, value: string): Field =>
  (pbf) =>
    pbf.writeStringField(tag, value);
export const varint =
  (tag: number, value: number): Field =>
  (pbf) =>
    pbf.writeVarintField(tag, value);
export const bytes =
  (tag: number, hex: string): Field =>
  (pbf) =>
    pbf.writeBytesField(tag, Buffer.from(hex, 'hex'));
export const fixed64 =
  (tag: number, value: bigint): Field =>
  (pbf) => {
    pbf.writeTag(tag, 1);
    pbf.realloc(8);
    pbf.dataView.setBigUint64(pbf.pos, value, true);
    pbf.pos += 8;
  };
export const keyValue = (tag: number, key: string, value: Field): Field =>
  nested(tag, text(1, key), nested(2, value));

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
export const SPAN_ID = '00f067aa0ba902b7';
export const START = 1795333153872950123n;

/** A span's message (field 2 of ScopeSpans) that is fine as it is; further fields override. */
export const span = (...fields: Field[]): Field =>
  nested(
    2,
    bytes(1, TRACE_ID),
    bytes(2, SPAN_ID),
    text(5, 'work'),
    fixed64(7, START),
    fixed64(8, START + 1n),
    ...fields,
  );
export const request = (...spans: Field[]): Uint8Array =>
  message(nested(1, nested(1, keyValue(1, 'service.name', text(1, 'shop'))), nested(2, ...spans)));
