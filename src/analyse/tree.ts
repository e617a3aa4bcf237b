/** A trace indexed for walking: children by parent, types, and the few attribute readers that rules share. */

import { HEADWATER, SPAN_TYPES, type SpanType, spanType } from '../model/attributes.ts';
import { inScratch, int32s } from '../model/column-memory.ts';
import type { Lane } from '../model/report.ts';
import type { Attributes } from '../model/span.ts';
import { FLAG, isTableSpan, layerCode, NOBODY, typeCode } from '../model/span-table.ts';
import type { Span, Trace } from '../model/trace.ts';
import { type SpanList, STITCH, spanListOf } from './span-list.ts';

export interface Tree {
  readonly root: Span;
  readonly list: SpanList;
  /** All as objects: a large trace has a million; ask `list` for columns where those will do. */
  readonly spans: readonly Span[];
  readonly spanById: { get(spanId: string): Span | undefined };
  /** The span that a report names in an attribute of its own: by what a request was begun, on which connection it rode. */
  spanNamed(spanId: string | undefined): Span | undefined;
  /** Children sorted by end, ascending; an empty list for a leaf. */
  childrenOf(span: Span): readonly Span[];
  /** The same by place, each list in the trace's order: those of p are `children[firstChild[p]]` up to `firstChild[p + 1]`. */
  readonly firstChild: Int32Array;
  readonly children: Int32Array;
  parentOf(span: Span): Span | undefined;
  /** In `list`; −1 for a span that is none of them. For what is remembered of each: arrays cost less than maps. */
  placeOf(span: Span): number;
  /** What the hosts' kernels said meanwhile. */
  readonly lanes: readonly Lane[];
}

const NONE: readonly Span[] = [];

export function treeOf(trace: Pick<Trace, 'rootId' | 'spans'>, lanes: readonly Lane[] = []): Tree {
  const list = spanListOf(trace);
  const first = list.at(0);
  const root = first?.spanId === trace.rootId ? first : list.at(list.placeOfId(trace.rootId));
  if (!root) throw new Error(`The trace has no span with its root's id ${trace.rootId}.`);
  const family = new Family(list);
  let spans: readonly Span[] | undefined;
  return {
    root,
    list,
    get spans() {
      spans ??= list.all();
      return spans;
    },
    spanById: { get: (spanId) => list.at(list.placeOfId(spanId)) },
    spanNamed: (spanId) => (spanId === undefined ? undefined : list.at(list.placeOfNamed(spanId))),
    childrenOf: (span) => family.childrenOf(span),
    firstChild: family.firstChild,
    children: family.children,
    lanes,
    parentOf: (span) => list.at(list.parents[list.placeOf(span)] ?? -1),
    placeOf: (span) => list.placeOf(span),
  };
}

/**
 * Who has which children, by numbers: those of one parent lie side by side. Lists of spans are made for those who are
 * asked for, which is a part of a large trace.
 */
class Family {
  readonly #list: SpanList;
  readonly firstChild: Int32Array;
  readonly children: Int32Array;
  readonly #lists: (readonly Span[] | undefined)[];

  constructor(list: SpanList) {
    const { parents, length } = list;
    this.#list = list;
    this.firstChild = int32s(length + 1);
    for (let i = 0; i < length; i++) if (parents[i]! >= 0) this.firstChild[parents[i]! + 1]!++;
    for (let i = 1; i < this.firstChild.length; i++) this.firstChild[i]! += this.firstChild[i - 1]!;
    this.children = int32s(this.firstChild[length]!);
    inScratch((scratch) => {
      const nextOf = scratch.int32s(length + 1);
      nextOf.set(this.firstChild);
      for (let i = 0; i < length; i++) {
        const parent = parents[i]!;
        if (parent >= 0) this.children[nextOf[parent]!++] = i;
      }
    });
    this.#lists = new Array(length);
  }

  childrenOf(span: Span): readonly Span[] {
    const place = this.#list.placeOf(span);
    if (place < 0 || this.firstChild[place] === this.firstChild[place + 1]) return NONE;
    return this.#lists[place] ?? this.#listFor(place);
  }

  #listFor(place: number): readonly Span[] {
    const [from, to] = [this.firstChild[place]!, this.firstChild[place + 1]!];
    const list: Span[] = new Array(to - from);
    let movesLeft = FEW_MOVES * list.length;
    for (let at = 0; at < list.length; at++) {
      const child = this.#list.at(this.children[from + at]!)!;
      let gap = at;
      for (; movesLeft > 0 && gap > 0 && earliestEndFirst(list[gap - 1]!, child) > 0; gap--, movesLeft--)
        list[gap] = list[gap - 1]!;
      list[gap] = child;
    }
    if (movesLeft <= 0) list.sort(earliestEndFirst);
    this.#lists[place] = list;
    return list;
  }
}

/** Of those children for which this holds, the first in `childrenOf`; −1 where there is none. */
export function firstToEnd(
  parent: number,
  { list, firstChild, children }: Pick<Tree, 'list' | 'firstChild' | 'children'>,
  isIt: (list: SpanList, place: number) => boolean,
): number {
  const { startNs, endNs } = list;
  let found = NOBODY;
  for (let i = firstChild[parent]!; i < firstChild[parent + 1]!; i++) {
    const child = children[i]!;
    if (!isIt(list, child)) continue;
    const isFirst =
      found === NOBODY ||
      endNs[child]! < endNs[found]! ||
      (endNs[child] === endNs[found] && startNs[child]! < startNs[found]!);
    if (isFirst) found = child;
  }
  return found;
}

/** Up to this many moves a child, children are put in order one by one: by start, most are nearly so. */
const FEW_MOVES = 8;

const earliestEndFirst = (a: Span, b: Span): number => a.endNs - b.endNs || a.startNs - b.startNs;

export const typeOf = (span: Pick<Span, 'attributes'>): SpanType | undefined =>
  isTableSpan(span) ? span.type : spanType(span.attributes[HEADWATER.type]);

/** The places of each type that questions about a whole trace begin with, made for the first who asks. */
interface Types {
  /** By code of the type: where its places begin. */
  readonly first: Int32Array;
  /** By type, then in the trace's order. */
  readonly places: Int32Array;
  /** As spans, of those types for which somebody asked. */
  readonly spans: (readonly Span[] | undefined)[];
}

const typesByList = new WeakMap<SpanList, Types>();

function typesIn(list: SpanList): Types {
  const known = typesByList.get(list);
  if (known) return known;
  const first = new Int32Array(SPAN_TYPES.length + 2);
  for (let place = 0; place < list.length; place++) first[list.types[place]! + 1]!++;
  for (let type = 1; type < first.length; type++) first[type]! += first[type - 1]!;
  const places = int32s(list.length);
  const next = Int32Array.from(first);
  for (let place = 0; place < list.length; place++) places[next[list.types[place]!]!++] = place;
  const types: Types = { first, places, spans: [] };
  typesByList.set(list, types);
  return types;
}

/** In the trace's order. */
export function placesOfType({ list }: Pick<Tree, 'list'>, type: SpanType): Int32Array {
  const { first, places } = typesIn(list);
  const code = typeCode(type);
  return places.subarray(first[code], first[code + 1]);
}

/** Those of which the columns say so, in the trace's order. */
function placesWith({ length }: SpanList, isIt: (place: number) => boolean): number[] {
  const found: number[] = [];
  for (let place = 0; place < length; place++) if (isIt(place)) found.push(place);
  return found;
}

export const UNTYPED = typeCode(undefined);
const [SERVICE, NETWORK] = (['service', 'network'] as const).map(layerCode);
/** As a column has it. */
export const DATABASE = layerCode('db');

export function spansOfType(tree: Tree, type: SpanType): readonly Span[] {
  const { spans } = typesIn(tree.list);
  const code = typeCode(type);
  spans[code] ??= Array.from(placesOfType(tree, type), (place) => tree.list.at(place)!);
  return spans[code];
}

/** Places of who asks a database. */
export function databaseClients({ list }: Pick<Tree, 'list'>): number[] {
  return placesWith(list, (place) => isDatabaseClientAt(list, place));
}

/** As `isDatabaseClient`. */
export const isDatabaseClientAt = ({ types, layers, flags }: SpanList, place: number): boolean =>
  layers[place] === DATABASE && (types[place] === UNTYPED || (flags[place]! & FLAG.client) !== 0);

/** As `isServiceCall`. */
export const isServiceCallAt = ({ types, layers, flags }: SpanList, place: number): boolean =>
  layers[place] === SERVICE && types[place] === UNTYPED && (flags[place]! & FLAG.client) !== 0;

/** Of services' calls, those that may have failed. */
export function failedCalls({ list }: Tree): Span[] {
  const isIt = (place: number) => (list.flags[place]! & FLAG.failed) !== 0 && isServiceCallAt(list, place);
  return placesWith(list, isIt).map((place) => list.at(place)!);
}

/** Places of what stitching has drawn beside servers, for the time that a client waited and none of them was at work. */
export function residualsOf({ list }: Tree): number[] {
  const { types, layers } = list;
  return placesWith(
    list,
    (place) => types[place] === UNTYPED && layers[place] === NETWORK && list.isInferred(place),
  );
}

export const isResidual = (span: Span): boolean => span.source === STITCH && span.layer === 'network';

/** Nearest span of a type at or above this one. */
export function enclosing(tree: Tree, span: Span, type: SpanType): Span | undefined {
  return typeOf(span) === type ? span : tree.list.at(enclosingPlace(tree, tree.list.placeOf(span), type));
}

/** Few spans are further from what encloses them; above this the way up is remembered, for a tree may be 100 000 deep. */
const LONG_WAY_UP = 32;

/** The same by place; −1 where there is none. */
export function enclosingPlace({ list }: Pick<Tree, 'list'>, place: number, type: SpanType): number {
  const { parents, types } = list;
  const code = typeCode(type);
  let steps = 0;
  for (let at = place; at >= 0; at = parents[at]!) {
    if (types[at] === code) return at;
    if (++steps === LONG_WAY_UP) return enclosingFarUp(list, at, code);
  }
  return NOBODY;
}

const enclosingByList = new WeakMap<SpanList, Map<number, Map<number, number>>>();

function enclosingFarUp(list: SpanList, place: number, code: number): number {
  const { parents, types } = list;
  const byCode = enclosingByList.get(list) ?? new Map<number, Map<number, number>>();
  enclosingByList.set(list, byCode);
  const known = byCode.get(code) ?? new Map<number, number>();
  byCode.set(code, known);
  const passed: number[] = [];
  let at = place;
  for (; at >= 0 && !known.has(at) && types[at] !== code; at = parents[at]!) passed.push(at);
  const found = known.get(at) ?? at;
  for (const each of passed) known.set(each, found);
  return found;
}

export function numberAt(attributes: Attributes, key: string): number | undefined {
  const value = attributes[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function textAt(attributes: Attributes, key: string): string | undefined {
  const value = attributes[key];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export const isDatabaseClient = (span: Span): boolean =>
  span.layer === 'db' && (span.kind === 'client' || typeOf(span) === undefined);

/** A service that asks another one. */
export const isServiceCall = (span: Span): boolean =>
  span.kind === 'client' && span.layer === 'service' && typeOf(span) === undefined;
