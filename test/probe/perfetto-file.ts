/** Small traces by hand, as fields of Perfetto's .proto files, by number: `traceFile([[10, 1], [11, [[23, 'a name']]]])`. */

/** Whole numbers are written as varints, others as doubles, lists as messages. */
export type Field = readonly [number: number, value: number | bigint | boolean | string | readonly Field[]];

/** A file of these packets. */
export const traceFile = (...packets: readonly (readonly Field[])[]): Uint8Array =>
  Uint8Array.from(messageOf(packets.map((packet): Field => [1, packet])));

const messageOf = (fields: readonly Field[]): number[] => fields.flatMap(fieldOf);

function fieldOf([number, value]: Field): number[] {
  if (typeof value === 'string') return sized(number, [...new TextEncoder().encode(value)]);
  if (typeof value === 'object') return sized(number, messageOf(value));
  if (typeof value === 'number' && !Number.isInteger(value))
    return [...varint((number << 3) | 1), ...new Uint8Array(new Float64Array([value]).buffer)];
  return [...varint(number << 3), ...varint(value)];
}

const sized = (number: number, bytes: readonly number[]): number[] => [
  ...varint((number << 3) | 2),
  ...varint(bytes.length),
  ...bytes,
];

function varint(value: number | bigint | boolean): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}
