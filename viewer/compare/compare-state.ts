/** What is chosen on the screen of a comparison: rows, order, least change, search. Tells whoever listens. */
import { usualLeastChange } from '../../src/analyse/compare/least-change.ts';
import type { Comparison, SpanChange } from '../../src/model/comparison.ts';
import type { CompareAddress, SpanSort } from './compare-address.ts';
import { type SpanRow, type SpanRows, spanRows } from './span-rows.ts';

export class CompareState {
  readonly comparison: Comparison;
  readonly startMinNs: number;
  minNs: number;
  query: string;
  sort: SpanSort;
  selected: number | undefined;
  rows: SpanRows = { rows: [], found: 0 };
  readonly #spans: readonly SpanChange[];
  readonly #closed = new Set<number>();
  readonly #listeners: (() => void)[] = [];

  constructor(comparison: Comparison, address: CompareAddress) {
    this.comparison = comparison;
    this.#spans = comparison.spans ?? [];
    this.startMinNs = usualLeastChange(comparison);
    this.minNs = address.minNs ?? this.startMinNs;
    this.query = address.query;
    this.sort = address.sort;
    this.selected = this.#placeOf(address.selected);
    this.#choose();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Whether smaller changes are asked for than were sent: they must be fetched. */
  get wantsMore(): boolean {
    return this.minNs < (this.comparison.leftOut?.leastNs ?? 0);
  }

  set(change: Partial<Pick<CompareState, 'minNs' | 'query' | 'sort'>>): void {
    Object.assign(this, change);
    this.#choose();
    this.#tell();
  }

  select(place: number | undefined): void {
    this.selected = place;
    this.#tell();
  }

  toggle(place: number): void {
    if (!this.#closed.delete(place)) this.#closed.add(place);
    this.#choose();
    this.#tell();
  }

  /** Next or previous row; the first one when none is selected. */
  move(by: number): void {
    const { rows } = this.rows;
    const here = rows.findIndex(({ place }) => place === this.selected);
    const next = here < 0 ? 0 : Math.min(Math.max(here + by, 0), rows.length - 1);
    if (rows.length > 0) this.select(rows[next]?.place);
  }

  /** Opens the row, or goes to its first child. */
  inward(): void {
    const row = this.selectedRow;
    if (!row?.hasChildren) return;
    if (row.isOpen) this.move(1);
    else this.toggle(row.place);
  }

  /** Closes the row, or goes to its parent. */
  outward(): void {
    const row = this.selectedRow;
    if (!row) return;
    const parent = this.#spans[row.place]?.parent ?? -1;
    if (row.isOpen) this.toggle(row.place);
    else if (parent >= 0) this.select(parent);
  }

  get selectedRow(): SpanRow | undefined {
    return this.rows.rows.find(({ place }) => place === this.selected);
  }

  /** `a:SPAN_ID`, or `b:SPAN_ID` for what only the other run has. */
  get selectedName(): string | undefined {
    const span = this.selected === undefined ? undefined : this.#spans[this.selected];
    if (span?.a) return `a:${span.a.spanId}`;
    return span?.b ? `b:${span.b.spanId}` : undefined;
  }

  #placeOf(name: string | undefined): number | undefined {
    const match = /^([ab]):(.+)$/s.exec(name ?? '');
    if (!match) return undefined;
    const side = match[1] === 'a' ? 'a' : 'b';
    const place = this.#spans.findIndex((span) => span[side]?.spanId === match[2]);
    return place < 0 ? undefined : place;
  }

  #choose(): void {
    const { minNs, query, sort } = this;
    this.rows = spanRows(this.#spans, { minNs, query: query.trim(), sort, closed: this.#closed });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
