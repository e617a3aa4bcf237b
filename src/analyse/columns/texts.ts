/** Distinct texts: collected while columns are made, read one by one when columns are looked at. */
import type { Texts } from '../../model/columns.ts';

export class TextCollector {
  readonly #codes = new Map<string, number>();

  /** The code of this text: the one it has, or the next. */
  code(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const next = this.#codes.size;
    this.#codes.set(text, next);
    return next;
  }

  done(): Texts {
    const encoder = new TextEncoder();
    const offsets = new Int32Array(this.#codes.size + 1);
    let bytes = new Uint8Array(FIRST_BYTES);
    let used = 0;
    for (const [text, code] of this.#codes) {
      // A UTF-16 unit is three bytes of UTF-8 at most.
      if (used + text.length * 3 > bytes.length) bytes = grown(bytes, used + text.length * 3);
      used += encoder.encodeInto(text, bytes.subarray(used)).written;
      offsets[code + 1] = used;
    }
    return new DecodedTexts(bytes.slice(0, used), offsets);
  }
}

const FIRST_BYTES = 4_096;

function grown(bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(bytes.length * 2, least));
  larger.set(bytes);
  return larger;
}

/** Each text is decoded when it is first asked for: a screen shows a few dozen of a million. */
export class DecodedTexts implements Texts {
  readonly #known: (string | undefined)[] = [];
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(
    readonly bytes: Uint8Array,
    readonly offsets: Int32Array,
  ) {}

  get size(): number {
    return Math.max(0, this.offsets.length - 1);
  }

  at(code: number): string {
    const known = this.#known[code];
    if (known !== undefined) return known;
    const text = this.#decoder.decode(this.bytes.subarray(this.offsets[code], this.offsets[code + 1]));
    this.#known[code] = text;
    return text;
  }
}
