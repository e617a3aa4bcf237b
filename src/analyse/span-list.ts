/**
 * The spans of a trace by place, with the columns that every question about a whole trace begins with. A stitched trace
 * has its table; of one that was read from JSON, copied or cut, the columns are made here.
 */

import { HEADWATER, spanType } from '../model/attributes.ts';
import { int32s, uint8s } from '../model/column-memory.ts';
import { IdTable } from '../model/id-table.ts';
import { LAYERS, type Layer } from '../model/layer.ts';
import type { Attributes } from '../model/span.ts';
import {
  flagsOf,
  isTableSpan,
  layerCode,
  NOBODY,
  type SpanTable,
  spanTableOf,
  typeCode,
} from '../model/span-table.ts';
import type { Span, Trace } from '../model/trace.ts';

/** What stitching names as the source of the spans that it draws. */
export const STITCH = 'stitch';

export interface SpanList {
  readonly length: number;
  at(place: number): Span | undefined;
  all(): readonly Span[];
  /** −1 for a span that is none of them. A copy of a span has its place too. */
  placeOf(span: Span): number;
  /** −1 for an id that no span has. */
  placeOfId(spanId: string): number;
  /** The same, and quicker, for an id that some report names. */
  placeOfNamed(spanId: string): number;
  /** By place; −1 for who has no parent. */
  readonly parents: Int32Array;
  readonly types: Uint8Array;
  readonly layers: Uint8Array;
  /** As `FLAG` has them. */
  readonly flags: Uint8Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  readonly components: readonly string[];
  nameAt(place: number): string;
  attributesAt(place: number): Attributes;
  /** Drawn by stitching: no source reported it. */
  isInferred(place: number): boolean;
  /** Which sources told of each layer. */
  sourcesByLayer(): Map<Layer, Set<string>>;
}

export function spanListOf(trace: Pick<Trace, 'spans'>): SpanList {
  const table = spanTableOf(trace);
  return table ? new TableList(table) : new PlainList(trace.spans);
}

class TableList implements SpanList {
  readonly #table: SpanTable;

  constructor(table: SpanTable) {
    this.#table = table;
  }
  get length(): number {
    return this.#table.length;
  }
  get parents(): Int32Array {
    return this.#table.columns.parents;
  }
  get types(): Uint8Array {
    return this.#table.columns.types;
  }
  get layers(): Uint8Array {
    return this.#table.columns.layers;
  }
  get flags(): Uint8Array {
    return this.#table.columns.flags;
  }
  get startNs(): Float64Array {
    return this.#table.columns.startNs;
  }
  get endNs(): Float64Array {
    return this.#table.columns.endNs;
  }
  get components(): readonly string[] {
    return this.#table.columns.components;
  }
  nameAt(place: number): string {
    return this.#table.columns.reports[place]!.name;
  }
  attributesAt(place: number): Attributes {
    return this.#table.columns.reports[place]!.attributes;
  }
  isInferred(place: number): boolean {
    const { sources, sourceNames } = this.#table.columns;
    return sourceNames[sources[place]!] === STITCH;
  }
  at(place: number): Span | undefined {
    return this.#table.at(place);
  }
  all(): readonly Span[] {
    return Array.from({ length: this.length }, (_, place) => this.#table.at(place)!);
  }
  placeOf(span: Span): number {
    return isTableSpan(span) && span.isOf(this.#table) ? span.place : this.placeOfId(span.spanId);
  }
  placeOfId(spanId: string): number {
    return this.#table.placeOfId(spanId);
  }
  placeOfNamed(spanId: string): number {
    return this.#table.placeOfNamed(spanId);
  }
  sourcesByLayer(): Map<Layer, Set<string>> {
    const { sources, sourceNames, layers } = this.#table.columns;
    const isSeen = uint8s(LAYERS.length * sourceNames.length);
    for (let place = 0; place < layers.length; place++)
      isSeen[layers[place]! * sourceNames.length + sources[place]!] = 1;
    const found = LAYERS.map((layer, i): [Layer, Set<string>] => [
      layer,
      new Set(sourceNames.filter((_, source) => isSeen[i * sourceNames.length + source] === 1)),
    ]);
    return new Map(found);
  }
}

class PlainList implements SpanList {
  readonly #spans: readonly Span[];
  readonly parents: Int32Array;
  readonly types: Uint8Array;
  readonly layers: Uint8Array;
  readonly flags: Uint8Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  readonly components: readonly string[];
  #places: { readonly ids: IdTable; readonly byNumber: Int32Array } | undefined;
  /** By the span itself: two may have one id. */
  readonly #placeBySpan: ReadonlyMap<Span, number>;

  constructor(spans: readonly Span[]) {
    this.#spans = spans;
    this.types = Uint8Array.from(spans, ({ attributes }) => typeCode(spanType(attributes[HEADWATER.type])));
    this.layers = Uint8Array.from(spans, ({ layer }) => layerCode(layer));
    this.flags = Uint8Array.from(spans, (span, place) =>
      flagsOf(span, this.types[place] === 0 && span.layer === 'service'),
    );
    this.startNs = Float64Array.from(spans, ({ startNs }) => startNs);
    this.endNs = Float64Array.from(spans, ({ endNs }) => endNs);
    this.components = spans.map(({ component }) => component);
    this.parents = this.#parentPlaces();
    this.#placeBySpan = new Map(spans.map((span, place) => [span, place]));
  }
  get length(): number {
    return this.#spans.length;
  }
  at(place: number): Span | undefined {
    return this.#spans[place];
  }
  all(): readonly Span[] {
    return this.#spans;
  }
  placeOf(span: Span): number {
    return this.#placeBySpan.get(span) ?? this.placeOfId(span.spanId);
  }
  placeOfId(spanId: string): number {
    this.#places ??= this.#placesById();
    return this.#places.byNumber[this.#places.ids.numberOf(spanId)] ?? NOBODY;
  }

  placeOfNamed(spanId: string): number {
    return this.placeOfId(spanId);
  }
  nameAt(place: number): string {
    return this.#spans[place]!.name;
  }
  attributesAt(place: number): Attributes {
    return this.#spans[place]!.attributes;
  }
  isInferred(place: number): boolean {
    return this.#spans[place]!.source === STITCH;
  }
  sourcesByLayer(): Map<Layer, Set<string>> {
    const found = new Map(LAYERS.map((layer): [Layer, Set<string>] => [layer, new Set()]));
    for (const { layer, source } of this.#spans) found.get(layer)!.add(source);
    return found;
  }

  #placesById() {
    const ids = new IdTable(this.length);
    const byNumber = int32s(this.length);
    this.#spans.forEach(({ spanId }, place) => {
      byNumber[ids.put(spanId)] = place;
    });
    return { ids, byNumber };
  }

  /**
   * Most traces are listed depth first, so that the parent is the span before, or above that one: found in as many steps
   * as there are spans. The others are looked up.
   */
  #parentPlaces(): Int32Array {
    const spans = this.#spans;
    const parents = int32s(spans.length);
    let stepsLeft = 2 * spans.length;
    for (let i = 0; i < spans.length; i++) {
      const { parentId } = spans[i]!;
      let above = stepsLeft > 0 ? i - 1 : NOBODY;
      for (; above >= 0 && spans[above]!.spanId !== parentId; above = parents[above]!) stepsLeft--;
      parents[i] = parentId === null || above >= 0 ? above : this.placeOfId(parentId);
    }
    return parents;
  }
}
