/** Positions by span id. A `Map` of a million ids would take a second to make, for a few dozen questions. */
import type { RunColumns } from '../../src/model/columns.ts';

const HEX_ID = /^[0-9a-f]{16}$/;
const EMPTY = -1;

export class PositionById {
  readonly #columns: RunColumns;
  #slots: Int32Array | undefined;
  #byText: ReadonlyMap<string, number> | undefined;

  /** @param slots made before, by `slotsOf` */
  constructor(columns: RunColumns, slots?: Int32Array) {
    this.#columns = columns;
    this.#slots = slots;
  }

  /** The first of that id. */
  get(spanId: string): number | undefined {
    if (this.#columns.spans.idText.length > 0) {
      this.#byText ??= positionsByText(this.#columns);
      return this.#byText.get(spanId);
    }
    if (!HEX_ID.test(spanId)) return undefined;
    this.#slots ??= slotsOf(this.#columns);
    const [high, low] = [Number.parseInt(spanId.slice(0, 8), 16), Number.parseInt(spanId.slice(8), 16)];
    const found = this.#slots[slotOf(this.#columns, this.#slots, high, low)] ?? EMPTY;
    return found === EMPTY ? undefined : found;
  }
}

function positionsByText({ spans, texts }: RunColumns): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  spans.idText.forEach((code, i) => {
    const id = texts.at(code);
    if (!positions.has(id)) positions.set(id, i);
  });
  return positions;
}

/**
 * ```
 * // slots   | · | 2 | · | 0 | 1 | · | · | · |     0 and 1 wanted the same slot: the later one took the next
 * ```
 */
export function slotsOf(columns: RunColumns): Int32Array {
  const { idHigh, idLow } = columns.spans;
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(2, idHigh.length * 2)))).fill(EMPTY);
  for (let i = 0; i < idHigh.length; i++) {
    const slot = slotOf(columns, slots, idHigh[i] ?? 0, idLow[i] ?? 0);
    if (slots[slot] === EMPTY) slots[slot] = i;
  }
  return slots;
}

/** Where the id is, or would be. */
function slotOf({ spans }: RunColumns, slots: Int32Array, high: number, low: number): number {
  const mask = slots.length - 1;
  let slot = (Math.imul(high, 0x9e3779b1) ^ Math.imul(low, 0x85ebca6b)) & mask;
  for (let i = slots[slot] ?? EMPTY; i !== EMPTY; i = slots[slot] ?? EMPTY) {
    if (spans.idHigh[i] === high && spans.idLow[i] === low) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}
