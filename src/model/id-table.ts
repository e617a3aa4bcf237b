/**
 * Numbers by span id. A `Map` of a million strings spends most of its time on growing, and reads strings all over memory
 * to compare them. This table has its size from the beginning, and an id of 16 hex digits is two numbers to it:
 *
 * ```
 * // slots  | · | 2 | · | 0 | 1 | · | · | · |     0 and 1 wanted the same slot: the later one took the next
 * // words  | high low | high low | high low |      by number; ids of another form are in a Map beside it
 * ```
 */
import { int32s } from './column-memory.ts';
export class IdTable {
  #slots: Int32Array;
  #mask: number;
  #words: Int32Array;
  readonly #others = new Map<string, number>();
  #size = 0;

  /** @param expected how many ids there will be; more of them make it grow */
  constructor(expected: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(4, expected * ROOM)));
    this.#slots = int32s(size).fill(EMPTY);
    this.#mask = size - 1;
    this.#words = int32s(size);
  }

  get size(): number {
    return this.#size;
  }

  /** The number of this id: the one it has, or the next one, counted from 0. */
  put(id: string): number {
    const high = wordAt(id, 0);
    const low = wordAt(id, WORD_DIGITS);
    if (high < 0 || low < 0 || id.length !== ID_DIGITS) return this.#putOther(id);
    const slot = this.#slotOf(high | 0, low | 0);
    const known = this.#slots[slot]!;
    if (known !== EMPTY) return known;
    // a word too many would have no place, and a table that is nearly full has long ways
    if (2 * this.#size >= this.#words.length) {
      this.#grow();
      return this.put(id);
    }
    const number = this.#size++;
    this.#words[2 * number] = high;
    this.#words[2 * number + 1] = low;
    this.#slots[slot] = number;
    return number;
  }

  #grow(): void {
    const [slots, words] = [this.#slots, this.#words];
    this.#slots = int32s(slots.length * 2).fill(EMPTY);
    this.#mask = this.#slots.length - 1;
    this.#words = int32s(words.length * 2);
    this.#words.set(words);
    for (const number of slots) {
      if (number === EMPTY) continue;
      this.#slots[this.#slotOf(words[2 * number]!, words[2 * number + 1]!)] = number;
    }
  }

  /** −1 when the id was never put in. */
  numberOf(id: string): number {
    const high = wordAt(id, 0);
    const low = wordAt(id, WORD_DIGITS);
    if (high < 0 || low < 0 || id.length !== ID_DIGITS) return this.#others.get(id) ?? EMPTY;
    return this.#slots[this.#slotOf(high | 0, low | 0)]!;
  }

  #putOther(id: string): number {
    const known = this.#others.get(id);
    if (known !== undefined) return known;
    if (2 * this.#size >= this.#words.length) this.#grow();
    this.#others.set(id, this.#size);
    return this.#size++;
  }

  /** Where the id is, or would be. */
  #slotOf(high: number, low: number): number {
    const words = this.#words;
    let slot = mix(high, low) & this.#mask;
    for (let known = this.#slots[slot]!; known !== EMPTY; known = this.#slots[slot]!) {
      if (words[2 * known] === high && words[2 * known + 1] === low) return slot;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }
}

const EMPTY = -1;
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
