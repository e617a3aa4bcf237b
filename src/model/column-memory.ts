/**
 * Memory for columns. V8 looks through its whole heap for every 64 MB that ordinary array buffers have grown by, and a
 * trace of a million spans has 600 MB of reports to look through: half of stitching went into that. Shared memory is not
 * counted; it is given back with the arrays over it. Small columns, and those in a browser that shares no memory, are
 * ordinary.
 *
 * Memory that nobody has touched yet is slow: the kernel hands it out page by page. What a step needs only while it is at
 * work is therefore taken `inScratch`, where the next step has the same memory again.
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

/** Bytes of one piece of scratch memory; a longer column gets a piece of its own length. */
const PIECE = 16 * 1024 * 1024;
/** Every kind of column may begin there. */
const ALIGNED = 8;

/** Columns for one step, all 0. They are another step's as soon as it ends: none may be kept. */
export class Scratch {
  readonly #pieces: { readonly buffer: ArrayBuffer | SharedArrayBuffer; used: number; dirty: number }[] = [];

  float64s(length: number): Float64Array {
    const bytes = length * 8;
    if (bytes < LARGE) return new Float64Array(length);
    return new Float64Array(this.#take(bytes), this.#takenAt, length);
  }
  int32s(length: number): Int32Array {
    const bytes = length * 4;
    if (bytes < LARGE) return new Int32Array(length);
    return new Int32Array(this.#take(bytes), this.#takenAt, length);
  }
  uint8s(length: number): Uint8Array {
    if (length < LARGE) return new Uint8Array(length);
    return new Uint8Array(this.#take(length), this.#takenAt, length);
  }

  /** What the work takes is free again when it has ended. */
  during<T>(work: (scratch: Scratch) => T): T {
    const usedBefore = this.#pieces.map(({ used }) => used);
    try {
      return work(this);
    } finally {
      this.#pieces.forEach((piece, i) => {
        piece.used = usedBefore[i] ?? 0;
      });
    }
  }

  #takenAt = 0;

  #take(bytes: number): ArrayBuffer | SharedArrayBuffer {
    const piece = this.#pieceFor(bytes);
    const end = piece.used + bytes;
    this.#takenAt = piece.used;
    if (piece.dirty > piece.used)
      new Uint8Array(piece.buffer, piece.used, Math.min(end, piece.dirty) - piece.used).fill(0);
    piece.used = Math.ceil(end / ALIGNED) * ALIGNED;
    piece.dirty = Math.max(piece.dirty, end);
    return piece.buffer;
  }

  #pieceFor(bytes: number) {
    const fitting = this.#pieces.find(({ buffer, used }) => buffer.byteLength - used >= bytes);
    if (fitting) return fitting;
    const piece = { buffer: memory(Math.max(PIECE, bytes)), used: 0, dirty: 0 };
    this.#pieces.push(piece);
    return piece;
  }
}

let open: Scratch | undefined;

/** The outermost work that asks has the memory, and lets go of it when it has ended. */
export function inScratch<T>(work: (scratch: Scratch) => T): T {
  const outer = open;
  open ??= new Scratch();
  try {
    return open.during(work);
  } finally {
    open = outer;
  }
}
