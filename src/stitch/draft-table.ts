/**
 * All drafts of a trace side by side while it is being stitched: what most steps ask of most drafts stands in columns, by
 * row. A row is the place in the list of reports, and stays; inferred drafts get the rows after them.
 *
 * `roles` says what a draft can be to others, in a few bits each: most steps look for a few of a million drafts, and would
 * else have to look at every one of them.
 */
import { float64s, inScratch, int32s, uint8s, uint16s } from '../model/column-memory.ts';
import type { ReportedSpan } from '../model/span.ts';
import {
  flagsOf,
  layerCode,
  NOBODY,
  type PlacesById,
  type SpanColumns,
  typeCode,
} from '../model/span-table.ts';
import type { Nanos } from '../model/time.ts';
import type { Classified } from './classify.ts';
import { Draft } from './draft.ts';
import type { Naming } from './read-reports.ts';
import { roleOf } from './roles.ts';

/** Room for residuals and calls, before the columns must grow. */
const ROOM_FOR_INFERRED = 1.25;

/** What a draft is. */
type Kind = Pick<Classified, 'type' | 'layer' | 'component'>;

export class DraftTable {
  /** As the columns, longer than there are drafts. */
  readonly reports: ReportedSpan[];
  readonly components: string[];
  startNs: Float64Array;
  endNs: Float64Array;
  /** As the source said it. */
  rawStartNs: Float64Array;
  rawEndNs: Float64Array;
  /** By row; `NOBODY` for the root, and for who does not belong to the trace. */
  parents: Int32Array;
  types: Uint8Array;
  layers: Uint8Array;
  roles: Uint16Array;
  /** As `FLAG` has them. */
  flags: Uint8Array;
  /** Numbers of the clocks, as `clockNames` has them. */
  clocks: Int32Array;
  readonly clockNames: string[] = [];
  sources: Uint16Array;
  readonly sourceNames: string[] = [];
  readonly notes = new Map<number, string[]>();
  /** Ids other than the reported ones, by row. */
  readonly ids = new Map<number, string>();
  readonly #drafts: (Draft | undefined)[] = [];
  readonly #clockNumbers = new Map<string, number>();
  readonly #sourceNumbers = new Map<string, number>();
  #size: number;

  /** `put` says what each is. */
  constructor(reported: readonly ReportedSpan[]) {
    const size = Math.ceil(reported.length * ROOM_FOR_INFERRED) + 16;
    this.#size = reported.length;
    this.reports = new Array(size);
    for (let row = 0; row < reported.length; row++) this.reports[row] = reported[row]!;
    this.components = new Array(size);
    this.startNs = float64s(size);
    this.endNs = float64s(size);
    this.rawStartNs = float64s(size);
    this.rawEndNs = float64s(size);
    this.parents = int32s(size).fill(NOBODY);
    this.types = uint8s(size);
    this.layers = uint8s(size);
    this.roles = uint16s(size);
    this.flags = uint8s(size);
    this.clocks = int32s(size);
    this.sources = uint16s(size);
  }

  get size(): number {
    return this.#size;
  }

  draft(row: number): Draft {
    const known = this.#drafts[row];
    if (known) return known;
    const draft = new Draft(this, row);
    this.#drafts[row] = draft;
    return draft;
  }

  idOf(row: number): string {
    return this.ids.get(row) ?? this.reports[row]!.spanId;
  }

  /**
   * Those, and who hangs below them, however deep, are no longer part of the trace.
   * @returns by row, 1 for who is gone
   */
  remove(drafts: Iterable<Draft>): Uint8Array {
    const away = uint8s(this.size);
    for (const { row } of drafts) away[row] = GONE;
    const passed: number[] = [];
    for (let row = 0; row < this.size; row++) {
      let at = row;
      for (; at !== NOBODY && away[at] === UNDECIDED; at = this.parents[at]!) {
        away[at] = STAYS;
        passed.push(at);
      }
      if (at !== NOBODY && away[at] === GONE) for (const each of passed) away[each] = GONE;
      passed.length = 0;
    }
    for (let row = 0; row < this.size; row++) {
      if (away[row] !== GONE) continue;
      this.roles[row] = 0;
      this.parents[row] = NOBODY;
    }
    return away.map((state) => (state === GONE ? 1 : 0));
  }

  /** Says what the report in this row is. */
  put(row: number, { type, layer, component }: Kind): void {
    const report = this.reports[row]!;
    this.components[row] = component;
    this.types[row] = typeCode(type);
    this.layers[row] = layerCode(layer);
    this.roles[row] = roleOf(type, report);
    this.flags[row] = flagsOf(report, type === undefined && layer === 'service');
    this.clocks[row] = numberOf(report.clock, this.#clockNumbers, this.clockNames);
    this.sources[row] = numberOf(report.source, this.#sourceNumbers, this.sourceNames);
  }

  /** A draft that no source reported. */
  add(report: ReportedSpan, kind: Kind, startNs: Nanos, endNs: Nanos): Draft {
    return this.draft(this.addRow(report, kind, startNs, endNs));
  }

  /** The same, without an object for it. @returns its row */
  addRow(report: ReportedSpan, kind: Kind, startNs: Nanos, endNs: Nanos): number {
    const row = this.#size++;
    this.reports[row] = report;
    if (row >= this.startNs.length) this.#grow();
    this.put(row, kind);
    this.startNs[row] = this.rawStartNs[row] = startNs;
    this.endNs[row] = Math.max(startNs, endNs);
    this.rawEndNs[row] = endNs;
    return row;
  }

  #grow(): void {
    const size = this.startNs.length * 2;
    this.startNs = grown(this.startNs, float64s(size));
    this.endNs = grown(this.endNs, float64s(size));
    this.rawStartNs = grown(this.rawStartNs, float64s(size));
    this.rawEndNs = grown(this.rawEndNs, float64s(size));
    this.parents = grown(this.parents, int32s(size).fill(NOBODY));
    this.types = grown(this.types, uint8s(size));
    this.layers = grown(this.layers, uint8s(size));
    this.roles = grown(this.roles, uint16s(size));
    this.flags = grown(this.flags, uint8s(size));
    this.clocks = grown(this.clocks, int32s(size));
    this.sources = grown(this.sources, uint16s(size));
  }

  /** The rows in the order that is given, as a trace's columns: parents must stand before their children. */
  columns(order: Int32Array): SpanColumns {
    return inScratch((scratch) => this.#columns(order, scratch.int32s(this.size).fill(NOBODY)));
  }

  #columns(order: Int32Array, places: Int32Array): SpanColumns {
    for (let place = 0; place < order.length; place++) places[order[place]!] = place;
    const parents = int32s(order.length);
    for (let place = 0; place < order.length; place++) {
      const parent = this.parents[order[place]!]!;
      parents[place] = parent === NOBODY ? NOBODY : places[parent]!;
    }
    return {
      parents,
      reports: listed(this.reports, order),
      components: listed(this.components, order),
      startNs: gathered(this.startNs, order, float64s(order.length)),
      endNs: gathered(this.endNs, order, float64s(order.length)),
      rawStartNs: gathered(this.rawStartNs, order, float64s(order.length)),
      rawEndNs: gathered(this.rawEndNs, order, float64s(order.length)),
      types: gathered(this.types, order, uint8s(order.length)),
      layers: gathered(this.layers, order, uint8s(order.length)),
      flags: gathered(this.flags, order, uint8s(order.length)),
      sources: gathered(this.sources, order, uint16s(order.length)),
      sourceNames: this.sourceNames,
      notes: placed(this.notes, places),
      ids: placed(this.ids, places),
    };
  }

  /** Where each reported id is in that order; undefined where some drafts have got other ids. */
  placesById(order: Int32Array, { ids, numbers }: Naming): PlacesById | undefined {
    if (this.ids.size > 0) return undefined;
    const places = int32s(ids.size).fill(NOBODY);
    for (let place = 0; place < order.length; place++) {
      const row = order[place]!;
      if (row < numbers.length) places[numbers[row]!] = place;
    }
    return { ids, places };
  }
}

const [UNDECIDED, STAYS, GONE] = [0, 1, 2];

function numberOf(name: string, numbers: Map<string, number>, names: string[]): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  const number = names.push(name) - 1;
  numbers.set(name, number);
  return number;
}

function grown<T extends Float64Array | Int32Array | Uint16Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function gathered<T extends Float64Array | Uint16Array | Uint8Array>(from: T, order: Int32Array, to: T): T {
  for (let i = 0; i < order.length; i++) to[i] = from[order[i]!]!;
  return to;
}

function listed<T>(from: readonly T[], order: Int32Array): T[] {
  const to: T[] = new Array(order.length);
  for (let i = 0; i < order.length; i++) to[i] = from[order[i]!]!;
  return to;
}

function placed<T>(byRow: ReadonlyMap<number, T>, places: Int32Array): Map<number, T> {
  const byPlace = new Map<number, T>();
  for (const [row, value] of byRow) if (places[row] !== NOBODY) byPlace.set(places[row]!, value);
  return byPlace;
}
