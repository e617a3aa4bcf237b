/**
 * Memory for columns. V8 looks through its whole heap for every 64 MB that ordinary array buffers have grown by, and a
 * trace of a million spans has 600 MB of reports to look through: half of stitching went into that. Shared memory is not
 * counted; it is given back with the arrays over it. Small columns, and those in a browser that shares no memory, are
 * ordinary.
 */

/** Bytes. Below this nobody notices a column. */
const LARGE = 256 * 1024;

function memory(bytes: number): ArrayBuffer | SharedArrayBuffer {
  return bytes >= LARGE && typeof SharedArrayBuffer === 'function'
    ? new SharedArrayBuffer(bytes)
    : new ArrayBuffer(bytes);
}

/** All 0, as in a new typed array. */
export const float64s = (length: number): Float64Array => new Float64Array(memory(length * 8));
export const bigUint64s = (length: number): BigUint64Array => new BigUint64Array(memory(length * 8));
export const int32s = (length: number): Int32Array => new Int32Array(memory(length * 4));
export const uint16s = (length: number): Uint16Array => new Uint16Array(memory(length * 2));
export const uint8s = (length: number): Uint8Array => new Uint8Array(memory(length));
