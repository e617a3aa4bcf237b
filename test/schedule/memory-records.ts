/** Records as the store keeps them, in memory; may be told to break after some more writes, as a program that is killed. */
import type { RecordStore } from '../../src/schedule/records.ts';
import type { RecordFilter, StoreRecord } from '../../src/store/store.ts';

interface Kept {
  readonly atUnixMs: number;
  readonly text: string;
}

export class MemoryRecords implements RecordStore {
  readonly #texts = new Map<string, Map<string, Kept>>();
  writesLeft = Number.POSITIVE_INFINITY;

  get isBroken(): boolean {
    return this.writesLeft < 0;
  }

  keepRecord(kind: string, record: StoreRecord): void {
    this.#write();
    this.#of(kind).set(record.key, { atUnixMs: record.atUnixMs, text: JSON.stringify(record) });
  }
  dropRecord(kind: string, key: string): void {
    this.#write();
    this.#of(kind).delete(key);
  }
  record(kind: string, key: string): StoreRecord | undefined {
    const kept = this.#of(kind).get(key);
    return kept && (JSON.parse(kept.text) as StoreRecord);
  }
  records(kind: string, { sinceUnixMs, untilUnixMs, limit = 1_000 }: RecordFilter = {}): StoreRecord[] {
    return [...this.#of(kind).values()]
      .filter(
        ({ atUnixMs }) => atUnixMs >= (sinceUnixMs ?? -Infinity) && atUnixMs <= (untilUnixMs ?? Infinity),
      )
      .sort((a, b) => b.atUnixMs - a.atUnixMs)
      .slice(0, limit)
      .map(({ text }) => JSON.parse(text) as StoreRecord);
  }

  #of(kind: string): Map<string, Kept> {
    const known = this.#texts.get(kind) ?? new Map<string, Kept>();
    this.#texts.set(kind, known);
    return known;
  }

  #write(): void {
    this.writesLeft--;
    if (this.isBroken) throw new Error('killed in the middle of a write');
  }
}
