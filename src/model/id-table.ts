/**
 * Numbers by span id. A `Map` of a million strings spends most of its time on growing, and reads strings all over memory
 * to compare them. This table has its size from the beginning, and an id of 16 hex digits is two words to it, beside its
 * number, so that a look reads one place of memory:
 *
 * ```
 * // slots  | 0 · · | 3 high low | 0 · · | 1 high low | 2 high low |     the number counted from 1, 0 for an empty slot;
 * //                                                                     1 and 2 wanted the same slot: the later took the next
 * ```
 * Ids of another form are in a Map beside it.
 */
import { int32s } from './column-memory.ts';

export class IdTable {
  #slots: Int32Array;
  /** Of the number of a slot: slots are a power of two. */
  #mask: number;
  readonly #others = new Map<string, number>();
  #size = 0;

  /** @param expected how many ids there will be; more of them make it grow */
  constructor(expected: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(4, expected * ROOM)));
    this.#slots = int32s(slots * SLOT_WORDS);
    this.#mask = slots - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** The number of this id: the one it has, or the next one, counted from 0. */
  put(id: string): number {
    const high = wordAt(id, 0);
    const low = wordAt(id, WORD_DIGITS);
    if (high < 0 || low < 0 || id.length !== ID_DIGITS) return this.#putOther(id);
    const at = this.#slotOf(high | 0, low | 0);
    const known = this.#slots[at]!;
    if (known !== EMPTY) return known - 1;
    // a table that is nearly full has long ways
    if (2 * this.#size > this.#mask) {
      this.#grow();
      return this.put(id);
    }
    const number = this.#size++;
    this.#slots[at] = number + 1;
    this.#slots[at + 1] = high;
    this.#slots[at + 2] = low;
    return number;
  }

  #grow(): void {
    const slots = this.#slots;
    this.#slots = int32s(slots.length * 2);
    this.#mask = this.#slots.length / SLOT_WORDS - 1;
    for (let from = 0; from < slots.length; from += SLOT_WORDS) {
      if (slots[from] === EMPTY) continue;
      const at = this.#slotOf(slots[from + 1]!, slots[from + 2]!);
      this.#slots.set(slots.subarray(from, from + SLOT_WORDS), at);
    }
  }

  /** −1 when the id was never put in. */
  numberOf(id: string): number {
    const high = wordAt(id, 0);
    const low = wordAt(id, WORD_DIGITS);
    if (high < 0 || low < 0 || id.length !== ID_DIGITS) return this.#others.get(id) ?? -1;
    return this.#slots[this.#slotOf(high | 0, low | 0)]! - 1;
  }

  #putOther(id: string): number {
    const known = this.#others.get(id);
    if (known !== undefined) return known;
    this.#others.set(id, this.#size);
    return this.#size++;
  }

  /** Where the id is, or would be. */
  #slotOf(high: number, low: number): number {
    const slots = this.#slots;
    let slot = mix(high, low) & this.#mask;
    for (;;) {
      const at = slot * SLOT_WORDS;
      if (slots[at] === EMPTY || (slots[at + 1] === high && slots[at + 2] === low)) return at;
      slot = (slot + 1) & this.#mask;
    }
  }
}

const EMPTY = 0;
/** Its number and its two words. */
const SLOT_WORDS = 3;
/** Slots an id: half of them stay empty at most, a third at least. */
const ROOM = 1.5;
const ID_DIGITS = 16;
const WORD_DIGITS = 8;

/** By code of the character: the digit's value; 16 for what is no lower-case hex digit. */
const DIGIT = new Uint8Array(256).fill(16);
for (let value = 0; value < 16; value++) DIGIT[value.toString(16).charCodeAt(0)] = value;

/** Eight hex digits as an unsigned number; −1 where there are none. */
function wordAt(id: string, from: number): number {
  if (id.length < from + WORD_DIGITS) return -1;
  let [word, seen] = [0, 0];
  for (let i = from; i < from + WORD_DIGITS; i++) {
    const code = id.charCodeAt(i);
    const digit = code < 256 ? DIGIT[code]! : 16;
    seen |= digit;
    word = (word << 4) | (digit & 15);
  }
  return seen < 16 ? word >>> 0 : -1;
}

/** Neighbours that differ in one digit shall lie apart. */
function mix(high: number, low: number): number {
  let hash = Math.imul(high ^ Math.imul(low, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
