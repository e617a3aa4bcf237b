/**
 * The spans of a stitched trace side by side: a column for each of what every rule asks of them, so that a million spans
 * are a few arrays and not a million objects. A span as an object is made for those who ask for it: `at(place)` looks
 * into the table, `spans()` gives plain ones, which know nothing of it.
 *
 * ```
 * // place      0     1     2     3        parents before children, siblings by start
 * // parents   −1     0     1     0
 * // startNs    0   120   150   900
 * // reports    r     r     r     r        what was said of it: name, attributes, links …; never changed
 * ```
 */

import { SPAN_TYPES, type SpanType } from './attributes.ts';
import { int32s } from './column-memory.ts';
import { IdTable } from './id-table.ts';
import { LAYERS, type Layer } from './layer.ts';
import type { Attributes, ReportedSpan, SpanKind, SpanLink, SpanStatus } from './span.ts';
import { type Nanos, sinceOrigin, type UnixNano } from './time.ts';
import type { Span, Trace, TraceEvent } from './trace.ts';

export const NOBODY = -1;

/** Code of a type in a column: 0 for a span that has none. */
const CODE_BY_TYPE: ReadonlyMap<unknown, number> = new Map(SPAN_TYPES.map((type, i) => [type, i + 1]));
export const typeCode = (type: SpanType | undefined): number => CODE_BY_TYPE.get(type) ?? 0;
export const typeOfCode = (code: number): SpanType | undefined => SPAN_TYPES[code - 1];

const CODE_BY_LAYER: ReadonlyMap<Layer, number> = new Map(LAYERS.map((layer, i) => [layer, i]));
export const layerCode = (layer: Layer): number => CODE_BY_LAYER.get(layer)!;

export const FLAG = {
  /** Reported as a `client`. */
  client: 1,
  /** Its status is an error. */
  error: 2,
  /** Of a service's call: it may have failed at the end of who was asked, an error, or an answer that tells of one. */
  failed: 4,
  /** Reported as a `server`. */
  server: 8,
} as const;

/** A status from here on says that the server failed (RFC 9110, 15.6). */
const SERVER_ERROR = 500;

const isServerError = (value: unknown): boolean => typeof value === 'number' && value >= SERVER_ERROR;

/** Asked with the keys written out at the place: that is found far quicker than one that is handed over. */
export function flagsOf(
  { kind, status, attributes }: Pick<Span, 'kind' | 'status' | 'attributes'>,
  isOfService: boolean,
): number {
  const isError = status.code === 'error';
  if (kind !== 'client') return (isError ? FLAG.error : 0) | (kind === 'server' ? FLAG.server : 0);
  if (!isOfService) return isError ? FLAG.client | FLAG.error : FLAG.client;
  if (isError) return FLAG.client | FLAG.error | FLAG.failed;
  const mayHaveFailed =
    isServerError(attributes['http.response.status_code']) ||
    isServerError(attributes['http.status_code']) ||
    attributes['rpc.grpc.status_code'] !== undefined;
  return mayHaveFailed ? FLAG.client | FLAG.failed : FLAG.client;
}

/** All by place. */
export interface SpanColumns {
  readonly reports: readonly ReportedSpan[];
  readonly parents: Int32Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  readonly rawStartNs: Float64Array;
  readonly rawEndNs: Float64Array;
  readonly types: Uint8Array;
  readonly layers: Uint8Array;
  /** What rules look for in all spans, in a few bits each: `FLAG`. */
  readonly flags: Uint8Array;
  readonly components: readonly string[];
  /** Numbers of the sources, as `sourceNames` has them. */
  readonly sources: Uint16Array;
  readonly sourceNames: readonly string[];
  /** Why a span hangs or lies where it does, of those that have anything to say. */
  readonly notes: ReadonlyMap<number, readonly string[]>;
  /** Of the spans whose id is not the reported one. */
  readonly ids: ReadonlyMap<number, string>;
}

/** Places by the number of an id; −1 for an id that no span of the table was reported under. */
export interface PlacesById {
  readonly ids: IdTable;
  readonly places: Int32Array;
}

const NONE: readonly never[] = [];

export class SpanTable {
  readonly columns: SpanColumns;
  readonly #origin: UnixNano;
  readonly #looks: (TableSpan | undefined)[];
  readonly #reported: PlacesById | undefined;
  #spans: readonly Span[] | undefined;
  #all: PlacesById | undefined;

  /** @param reported of the spans that were reported; left out where some have other ids than the reported ones */
  constructor(columns: SpanColumns, origin: UnixNano, reported?: PlacesById) {
    this.columns = columns;
    this.#origin = origin;
    this.#looks = new Array(columns.reports.length);
    this.#reported = reported;
  }

  get length(): number {
    return this.#looks.length;
  }

  /** The span at a place, as a look into the table: the same object each time. */
  at(place: number): Span | undefined {
    return this.#looks[place] ?? (place >= 0 && place < this.length ? this.#look(place) : undefined);
  }

  #look(place: number): TableSpan {
    const look = new TableSpan(this, place);
    this.#looks[place] = look;
    return look;
  }

  /** Plain objects, made once. */
  spans(): readonly Span[] {
    this.#spans ??= Array.from({ length: this.length }, (_, place) => plain(this.at(place)!));
    return this.#spans;
  }

  idAt(place: number): string {
    const { ids, reports } = this.columns;
    return (ids.size > 0 && ids.get(place)) || reports[place]!.spanId;
  }

  eventsAt(place: number): readonly TraceEvent[] {
    const { events } = this.columns.reports[place]!;
    if (events.length === 0) return NONE;
    return events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      timeNs: sinceOrigin(timeUnixNano, this.#origin),
      attributes,
    }));
  }

  /** Where a span is, by its id; −1 for an id that no span has. */
  placeOfId(spanId: string): number {
    const place = this.placeOfNamed(spanId);
    if (place !== NOBODY || !this.#reported) return place;
    this.#all ??= this.#placesById();
    return placeIn(this.#all, spanId);
  }

  /** The same for an id that a report names: of what was inferred, no report knows. */
  placeOfNamed(spanId: string): number {
    if (this.#reported) return placeIn(this.#reported, spanId);
    this.#all ??= this.#placesById();
    return placeIn(this.#all, spanId);
  }

  #placesById(): PlacesById {
    const ids = new IdTable(this.length);
    const places = int32s(this.length);
    for (let place = 0; place < this.length; place++) places[ids.put(this.idAt(place))] = place;
    return { ids, places };
  }
}

function placeIn({ ids, places }: PlacesById, spanId: string): number {
  const number = ids.numberOf(spanId);
  return number < 0 ? NOBODY : places[number]!;
}

/** One row of a table as a span. */
export class TableSpan implements Span {
  /** Every rule asks for it. */
  readonly type: SpanType | undefined;
  readonly #table: SpanTable;
  readonly #columns: SpanColumns;
  readonly #report: ReportedSpan;
  readonly #place: number;

  constructor(table: SpanTable, place: number) {
    this.#table = table;
    this.#columns = table.columns;
    this.#report = table.columns.reports[place]!;
    this.#place = place;
    this.type = typeOfCode(table.columns.types[place]!);
  }

  /** In its table. */
  get place(): number {
    return this.#place;
  }
  isOf(table: SpanTable): boolean {
    return this.#table === table;
  }
  get spanId(): string {
    return this.#table.idAt(this.#place);
  }
  get parentId(): string | null {
    const parent = this.#columns.parents[this.#place]!;
    return parent === NOBODY ? null : this.#table.idAt(parent);
  }
  get name(): string {
    return this.#report.name;
  }
  get kind(): SpanKind {
    return this.#report.kind;
  }
  get startNs(): Nanos {
    return this.#columns.startNs[this.#place]!;
  }
  get endNs(): Nanos {
    return this.#columns.endNs[this.#place]!;
  }
  get rawStartNs(): Nanos {
    return this.#columns.rawStartNs[this.#place]!;
  }
  get rawEndNs(): Nanos {
    return this.#columns.rawEndNs[this.#place]!;
  }
  get layer(): Layer {
    return LAYERS[this.#columns.layers[this.#place]!]!;
  }
  get component(): string {
    return this.#columns.components[this.#place]!;
  }
  get evidence(): Span['evidence'] {
    return this.#report.evidence;
  }
  get source(): string {
    return this.#report.source;
  }
  get clock(): string {
    return this.#report.clock;
  }
  get precisionNs(): Nanos {
    return this.#report.precisionNs;
  }
  get status(): SpanStatus {
    return this.#report.status;
  }
  get attributes(): Attributes {
    return this.#report.attributes;
  }
  get events(): readonly TraceEvent[] {
    return this.#table.eventsAt(this.#place);
  }
  get links(): readonly SpanLink[] {
    return this.#report.links;
  }
  get osProcess(): Span['osProcess'] {
    return osProcessOf(this.#report.resource);
  }
  get placed(): readonly string[] {
    return this.#columns.notes.get(this.#place) ?? NONE;
  }
}

export const isTableSpan = (span: object): span is TableSpan => span instanceof TableSpan;

/** Every key of a span, so that what is written, compared and copied is whole. */
const plain = (span: Span): Span => ({
  spanId: span.spanId,
  parentId: span.parentId,
  name: span.name,
  kind: span.kind,
  startNs: span.startNs,
  endNs: span.endNs,
  rawStartNs: span.rawStartNs,
  rawEndNs: span.rawEndNs,
  layer: span.layer,
  component: span.component,
  evidence: span.evidence,
  source: span.source,
  clock: span.clock,
  precisionNs: span.precisionNs,
  status: span.status,
  attributes: span.attributes,
  events: span.events,
  links: span.links,
  osProcess: span.osProcess,
  placed: span.placed,
});

/** Reports of one program share one resource. */
const osProcessByResource = new WeakMap<Attributes, Span['osProcess']>();

function osProcessOf(resource: Attributes): Span['osProcess'] {
  const pid = resource['process.pid'];
  if (typeof pid !== 'number') return undefined;
  const known = osProcessByResource.get(resource);
  if (known) return known;
  const host = resource['host.name'];
  const told = { pid, ...(typeof host === 'string' && { host }) };
  osProcessByResource.set(resource, told);
  return told;
}

const tableByTrace = new WeakMap<object, SpanTable>();

/** A trace whose spans become objects when somebody asks for them. */
export function traceOver(table: SpanTable, rest: Omit<Trace, 'spans'>): Trace {
  const { traceId, originUnixNano, rootId, clocks, warnings } = rest;
  const trace: Trace = {
    traceId,
    originUnixNano,
    rootId,
    get spans() {
      return table.spans();
    },
    clocks,
    warnings,
  };
  tableByTrace.set(trace, table);
  return trace;
}

/** The same trace, which keeps its table. */
export function withWarnings(trace: Trace, warnings: Trace['warnings']): Trace {
  const table = tableByTrace.get(trace);
  return table ? traceOver(table, { ...restOf(trace), warnings }) : { ...trace, warnings };
}

/** Without its spans: to ask for them makes a million objects. */
const restOf = ({ traceId, originUnixNano, rootId, clocks, warnings }: Trace): Omit<Trace, 'spans'> => ({
  traceId,
  originUnixNano,
  rootId,
  clocks,
  warnings,
});

/** Undefined for a trace that was read from JSON, copied or cut. */
export const spanTableOf = (trace: object): SpanTable | undefined => tableByTrace.get(trace);
