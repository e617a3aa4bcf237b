/**
 * A span while its trace is being stitched: a row of the draft table as an object. Its times are relative to the trace's
 * origin, and its parent is still open. What was reported is never changed.
 */
import type { SpanType } from '../model/attributes.ts';
import { LAYERS, type Layer } from '../model/layer.ts';
import type { Attributes, ReportedSpan, SpanKind, SpanStatus } from '../model/span.ts';
import { NOBODY, typeOfCode } from '../model/span-table.ts';
import type { Nanos } from '../model/time.ts';
import type { DraftTable } from './draft-table.ts';

export class Draft {
  readonly #table: DraftTable;
  readonly row: number;

  constructor(table: DraftTable, row: number) {
    this.#table = table;
    this.row = row;
  }

  get report(): ReportedSpan {
    return this.#table.reports[this.row]!;
  }
  get parent(): Draft | undefined {
    const parent = this.#table.parents[this.row]!;
    return parent === NOBODY ? undefined : this.#table.draft(parent);
  }
  set parent(parent: Draft | undefined) {
    this.#table.parents[this.row] = parent ? parent.row : NOBODY;
  }
  get spanId(): string {
    return this.#table.idOf(this.row);
  }
  set spanId(spanId: string) {
    this.#table.ids.set(this.row, spanId);
  }
  get type(): SpanType | undefined {
    return typeOfCode(this.#table.types[this.row]!);
  }
  get layer(): Layer {
    return LAYERS[this.#table.layers[this.row]!]!;
  }
  get component(): string {
    return this.#table.components[this.row]!;
  }
  get name(): string {
    return this.report.name;
  }
  get kind(): SpanKind {
    return this.report.kind;
  }
  get clock(): string {
    return this.report.clock;
  }
  get source(): string {
    return this.report.source;
  }
  get evidence(): ReportedSpan['evidence'] {
    return this.report.evidence;
  }
  get precisionNs(): Nanos {
    return this.report.precisionNs;
  }
  get status(): SpanStatus {
    return this.report.status;
  }
  get attributes(): Attributes {
    return this.report.attributes;
  }
  get rawStartNs(): Nanos {
    return this.#table.rawStartNs[this.row]!;
  }
  get rawEndNs(): Nanos {
    return this.#table.rawEndNs[this.row]!;
  }
  get startNs(): Nanos {
    return this.#table.startNs[this.row]!;
  }
  set startNs(ns: Nanos) {
    this.#table.startNs[this.row] = ns;
  }
  get endNs(): Nanos {
    return this.#table.endNs[this.row]!;
  }
  set endNs(ns: Nanos) {
    this.#table.endNs[this.row] = ns;
  }

  /** Adds why it hangs or lies where it does. */
  note(why: string): void {
    const { notes } = this.#table;
    const known = notes.get(this.row);
    if (known) known.push(why);
    else notes.set(this.row, [why]);
  }
}
