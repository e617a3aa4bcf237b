/**
 * Thrift's binary protocol, as far as a struct sent by itself needs it: no message header, no compact protocol.
 *
 * ```
 * struct   { type:1  field id:2  value }…  0x00
 * string   length:4  bytes          list, set   element type:1  count:4  values
 * bool 2 · byte 3 · double 4 · i16 6 · i32 8 · i64 10 · string 11 · struct 12 · map 13 · set 14 · list 15, big-endian
 * ```
 * Every count is held against the bytes that are left (an element is at least one byte), and depth has a limit, so that
 * a damaged message ends in an Error after linear time.
 *
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md
 */

export type ThriftValue = number | bigint | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;
/** Values by field id. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** Jaeger's structs nest five deep. */
const MAX_DEPTH = 32;
const TYPE = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const;

/** @throws Error that says where the bytes stop making sense */
export function readThriftStruct(bytes: Uint8Array): ThriftStruct {
  return new ThriftReader(bytes).struct(0);
}

class ThriftReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #pos = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw this.#broken('structs nest too deep');
    const fields = new Map<number, ThriftValue>();
    for (let type = this.#byte(); type !== TYPE.stop; type = this.#byte()) {
      const id = this.#view.getInt16(this.#skip(2));
      fields.set(id, this.#value(type, depth));
    }
    return fields;
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case TYPE.bool:
        return this.#byte() !== 0;
      case TYPE.byte:
        return this.#view.getInt8(this.#skip(1));
      case TYPE.double:
        return this.#view.getFloat64(this.#skip(8));
      case TYPE.i16:
        return this.#view.getInt16(this.#skip(2));
      case TYPE.i32:
        return this.#view.getInt32(this.#skip(4));
      case TYPE.i64:
        return this.#view.getBigInt64(this.#skip(8));
      case TYPE.string:
        return this.#string();
      case TYPE.struct:
        return this.struct(depth + 1);
      case TYPE.list:
      case TYPE.set:
        return this.#list(depth + 1);
      case TYPE.map:
        return this.#map(depth + 1);
    }
    throw this.#broken(`there is no type ${type}`);
  }

  #string(): Uint8Array {
    const length = this.#view.getInt32(this.#skip(4));
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  #list(depth: number): ThriftValue[] {
    if (depth > MAX_DEPTH) throw this.#broken('lists nest too deep');
    const type = this.#byte();
    const count = this.#count();
    const list: ThriftValue[] = [];
    for (let i = 0; i < count; i++) list.push(this.#value(type, depth));
    return list;
  }

  /** Jaeger has none; what is not known must be passed over rightly. */
  #map(depth: number): ThriftValue[] {
    if (depth > MAX_DEPTH) throw this.#broken('maps nest too deep');
    const keyType = this.#byte();
    const valueType = this.#byte();
    const count = this.#count();
    for (let i = 0; i < count; i++) {
      this.#value(keyType, depth);
      this.#value(valueType, depth);
    }
    return [];
  }

  #count(): number {
    const count = this.#view.getInt32(this.#skip(4));
    if (count < 0 || count > this.#bytes.length - this.#pos)
      throw this.#broken(`a list of ${count} elements`);
    return count;
  }

  #byte(): number {
    return this.#bytes[this.#skip(1)]!;
  }

  /** Position before the step. */
  #skip(length: number): number {
    const start = this.#pos;
    if (length < 0 || length > this.#bytes.length - start) throw this.#broken('it ends too early');
    this.#pos += length;
    return start;
  }

  #broken(reason: string): Error {
    return new Error(`broken at byte ${this.#pos} of ${this.#bytes.length}: ${reason}`);
  }
}
