/** A trace indexed for walking: children by parent, types, and the few attribute readers that rules share. */

import { HEADWATER, type SpanType, spanType } from '../model/attributes.ts';
import { int32s } from '../model/column-memory.ts';
import type { Lane } from '../model/report.ts';
import type { Attributes } from '../model/span.ts';
import { FLAG, isTableSpan, layerCode, typeCode } from '../model/span-table.ts';
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
  readonly #firstOf: Int32Array;
  readonly #children: Int32Array;
  readonly #lists: (readonly Span[] | undefined)[];

  constructor(list: SpanList) {
    const { parents, length } = list;
    this.#list = list;
    this.#firstOf = int32s(length + 1);
    for (let i = 0; i < length; i++) if (parents[i]! >= 0) this.#firstOf[parents[i]! + 1]!++;
    for (let i = 1; i < this.#firstOf.length; i++) this.#firstOf[i]! += this.#firstOf[i - 1]!;
    const nextOf = int32s(length + 1);
    nextOf.set(this.#firstOf);
    this.#children = int32s(this.#firstOf[length]!);
    for (let i = 0; i < length; i++) {
      const parent = parents[i]!;
      if (parent >= 0) this.#children[nextOf[parent]!++] = i;
    }
    this.#lists = new Array(length);
  }

  childrenOf(span: Span): readonly Span[] {
    const place = this.#list.placeOf(span);
    if (place < 0 || this.#firstOf[place] === this.#firstOf[place + 1]) return NONE;
    return this.#lists[place] ?? this.#listFor(place);
  }

  #listFor(place: number): readonly Span[] {
    const [from, to] = [this.#firstOf[place]!, this.#firstOf[place + 1]!];
    const list: Span[] = new Array(to - from);
    let movesLeft = FEW_MOVES * list.length;
    for (let at = 0; at < list.length; at++) {
      const child = this.#list.at(this.#children[from + at]!)!;
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

/** Up to this many moves a child, children are put in order one by one: by start, most are nearly so. */
const FEW_MOVES = 8;

const earliestEndFirst = (a: Span, b: Span): number => a.endNs - b.endNs || a.startNs - b.startNs;

export const typeOf = (span: Pick<Span, 'attributes'>): SpanType | undefined =>
  isTableSpan(span) ? span.type : spanType(span.attributes[HEADWATER.type]);

/** The lists that questions about a whole trace begin with, all in its order, made for the first who asks. */
interface Lists {
  readonly byType: Map<SpanType, readonly Span[]>;
}

const listsOfTree = new WeakMap<Tree, Lists>();

function listsOf(tree: Tree): Lists {
  const known = listsOfTree.get(tree);
  if (known) return known;
  const lists: Lists = { byType: new Map() };
  listsOfTree.set(tree, lists);
  return lists;
}

/** Those of which the columns say so, in the trace's order. */
function spansWith({ list }: Tree, isIt: IsIt): Span[] {
  const found: Span[] = [];
  for (const place of placesWith(list, isIt)) found.push(list.at(place)!);
  return found;
}

type IsIt = (type: number, layer: number, isClient: boolean, place: number) => boolean;

function placesWith({ types, layers, flags }: SpanList, isIt: IsIt): number[] {
  const found: number[] = [];
  for (let place = 0; place < types.length; place++)
    if (isIt(types[place]!, layers[place]!, (flags[place]! & FLAG.client) !== 0, place)) found.push(place);
  return found;
}

const UNTYPED = typeCode(undefined);
const [DATABASE, SERVICE, NETWORK] = (['db', 'service', 'network'] as const).map(layerCode);

export function spansOfType(tree: Tree, type: SpanType): readonly Span[] {
  const { byType } = listsOf(tree);
  const known = byType.get(type);
  if (known) return known;
  const code = typeCode(type);
  const spans = spansWith(tree, (each) => each === code);
  byType.set(type, spans);
  return spans;
}

/** Their places. */
export function databaseClients({ list }: Pick<Tree, 'list'>): number[] {
  return placesWith(list, (type, layer, isClient) => layer === DATABASE && (isClient || type === UNTYPED));
}

/** A service that asks another one, as the columns say it. */
const isCallOf = (type: number, layer: number, isClient: boolean): boolean =>
  isClient && type === UNTYPED && layer === SERVICE;

/** Places of services' calls. */
export function serviceCalls({ list }: Tree): number[] {
  return placesWith(list, isCallOf);
}

/** Of services' calls, those that may have failed. */
export function failedCalls(tree: Tree): Span[] {
  const { flags } = tree.list;
  return spansWith(
    tree,
    (type, layer, isClient, place) => (flags[place]! & FLAG.failed) !== 0 && isCallOf(type, layer, isClient),
  );
}

/** Places of what stitching has drawn beside servers, for the time that a client waited and none of them was at work. */
export function residualsOf({ list }: Tree): number[] {
  return placesWith(
    list,
    (type, layer, _, place) => type === UNTYPED && layer === NETWORK && list.isInferred(place),
  );
}

export const isResidual = (span: Span): boolean => span.source === STITCH && span.layer === 'network';

/** Few spans are further from what encloses them; above this the way up is remembered, for a tree may be 100 000 deep. */
const LONG_WAY_UP = 32;

/** Nearest span of a type at or above this one. */
export function enclosing(tree: Tree, span: Span, type: SpanType): Span | undefined {
  let steps = 0;
  for (let at: Span | undefined = span; at; at = tree.parentOf(at)) {
    if (typeOf(at) === type) return at;
    if (++steps === LONG_WAY_UP) return enclosingFarUp(tree, at, type);
  }
  return undefined;
}

const enclosingByTree = new WeakMap<Tree, Map<SpanType, Map<Span, Span | undefined>>>();

function enclosingFarUp(tree: Tree, span: Span, type: SpanType): Span | undefined {
  const byType = enclosingByTree.get(tree) ?? new Map<SpanType, Map<Span, Span | undefined>>();
  enclosingByTree.set(tree, byType);
  const known = byType.get(type) ?? new Map<Span, Span | undefined>();
  byType.set(type, known);
  const passed: Span[] = [];
  let at: Span | undefined = span;
  for (; at && !known.has(at) && typeOf(at) !== type; at = tree.parentOf(at)) passed.push(at);
  const found = at && known.has(at) ? known.get(at) : at;
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
