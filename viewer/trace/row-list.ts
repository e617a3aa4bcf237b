/** The rows in order, as numbers; a `Row` is made for one that is looked at. A million rows are eight megabytes. */
import type { Row } from './rows.ts';

const FIRST_CAPACITY = 1_024;

export class RowList implements Iterable<Row> {
  private items = new Int32Array(FIRST_CAPACITY);
  private levels = new Int32Array(FIRST_CAPACITY);
  private readonly known = new Map<number, Row>();
  length = 0;

  /** @param make of a span, or `~first` of a group, and its level */
  constructor(private readonly make: (item: number, level: number) => Row) {}

  push(item: number, level: number): void {
    if (this.length === this.items.length) {
      this.items = grown(this.items);
      this.levels = grown(this.levels);
    }
    this.items[this.length] = item;
    this.levels[this.length++] = level;
  }

  /** Negative: from the end. */
  at(i: number): Row | undefined {
    const place = i < 0 ? this.length + i : i;
    if (place < 0 || place >= this.length) return undefined;
    let row = this.known.get(place);
    if (!row) {
      row = this.make(this.items[place] ?? 0, this.levels[place] ?? 1);
      this.known.set(place, row);
    }
    return row;
  }

  /** −1: the key has no row now. */
  indexOf(key: string | undefined): number {
    if (key === undefined) return -1;
    const number = Number(key.slice(1));
    const place = this.items.indexOf(key.startsWith('g') ? ~number : number);
    return place < this.length ? place : -1;
  }

  /** The nearest row above that is less deep. */
  parentOf(place: number): Row | undefined {
    const level = this.levels[place] ?? 1;
    for (let i = place - 1; i >= 0; i--) if ((this.levels[i] ?? 1) < level) return this.at(i);
    return undefined;
  }

  byKey(key: string | undefined): Row | undefined {
    const place = this.indexOf(key);
    return place < 0 ? undefined : this.at(place);
  }

  slice(from: number, to: number): Row[] {
    const rows: Row[] = [];
    for (let i = Math.max(0, from); i < Math.min(to, this.length); i++) rows.push(this.at(i) as Row);
    return rows;
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let i = 0; i < this.length; i++) yield this.at(i) as Row;
  }
}

function grown(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
