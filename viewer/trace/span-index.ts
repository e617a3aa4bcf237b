/**
 * A trace laid out in flat arrays, so that a million spans can be walked between two frames.
 * A span is its position everywhere in the viewer; a `Span` is made of the columns when one is looked at.
 *
 * `entered` and `left` number the spans in the order of a walk through the tree: everything below a span has an
 * `entered` within [entered, left) of it, so "is it below" is two comparisons.
 */
import { columnsOf } from '../../src/analyse/columns/columns-of.ts';
import { attributeOf, spanOf, typeOfCode } from '../../src/analyse/columns/span-at.ts';
import { HEADWATER, SPAN_TYPES, type SpanType } from '../../src/model/attributes.ts';
import { CODED, type RunColumns } from '../../src/model/columns.ts';
import type { Layer } from '../../src/model/layer.ts';
import type { RunReport } from '../../src/model/report.ts';
import type { AttributeValue } from '../../src/model/span.ts';
import type { Span, Trace } from '../../src/model/trace.ts';
import { lazyList } from './lazy-list.ts';
import { PositionById } from './position-by-id.ts';

export interface SpanIndex {
  readonly columns: RunColumns;
  /** How many spans there are. */
  readonly size: number;
  /** Each is made when it is asked for: to walk them all, walk the columns. */
  readonly spans: readonly Span[];
  readonly positionOf: { get(spanId: string): number | undefined };
  /** −1 for a root. */
  readonly parent: Int32Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  /** Children of span i: `children` from `firstChild[i]` to `firstChild[i + 1]`. */
  readonly firstChild: Int32Array;
  readonly children: Int32Array;
  readonly roots: readonly number[];
  readonly depth: Int32Array;
  readonly entered: Int32Array;
  readonly left: Int32Array;
  /** Which span has this number in the walk: what `entered` says the other way round. */
  readonly inWalk: Int32Array;
  /** 1 for connections and all below them: they tell again, socket by socket, what the requests have told. */
  readonly aside: Uint8Array;
}

/** A span whose parent is missing, or stands after it, hangs under the root: nothing is left out. */
export const indexTrace = (trace: Trace): SpanIndex =>
  indexColumns(columnsOf({ trace, path: [], report: NO_REPORT }));

const NO_REPORT = { ledger: [], steps: [] } as unknown as RunReport;

/** The tree in flat arrays, by position. */
export type TreeArrays = Pick<
  SpanIndex,
  'firstChild' | 'children' | 'roots' | 'depth' | 'entered' | 'left' | 'inWalk' | 'aside'
>;

export function treeArrays({ parent, type }: Pick<RunColumns['spans'], 'parent' | 'type'>): TreeArrays {
  const family = childrenOf(parent);
  return { ...family, ...walkTree(parent, family), aside: asideOf(type, parent) };
}

/** @param slots of `PositionById` */
export function indexColumns(
  columns: RunColumns,
  tree = treeArrays(columns.spans),
  slots?: Int32Array,
): SpanIndex {
  const { parent, startNs, endNs } = columns.spans;
  return {
    columns,
    size: parent.length,
    spans: lazyList(parent.length, (i) => spanOf(columns, i)),
    positionOf: new PositionById(columns, slots),
    parent,
    startNs,
    endNs,
    ...tree,
  };
}

const codeOf = (type: SpanType): number => SPAN_TYPES.indexOf(type) + 1;
const CONNECTION = codeOf('connection');
const HOST_CONNECTION = codeOf('host_connection');

function asideOf(types: Uint8Array, parent: Int32Array): Uint8Array {
  const aside = new Uint8Array(parent.length);
  for (let i = 0; i < aside.length; i++) {
    const above = parent[i]!;
    if (types[i] === CONNECTION || types[i] === HOST_CONNECTION || (above >= 0 && aside[above] === 1))
      aside[i] = 1;
  }
  return aside;
}

interface Family {
  readonly firstChild: Int32Array;
  readonly children: Int32Array;
  readonly roots: readonly number[];
}

function childrenOf(parent: Int32Array): Family {
  const firstChild = new Int32Array(parent.length + 1);
  const roots: number[] = [];
  for (let i = 0; i < parent.length; i++) {
    const p = parent[i]!;
    if (p < 0) roots.push(i);
    else firstChild[p + 1] = firstChild[p + 1]! + 1;
  }
  for (let i = 1; i < firstChild.length; i++) firstChild[i] = firstChild[i]! + firstChild[i - 1]!;
  const next = firstChild.slice();
  const children = new Int32Array(parent.length - roots.length);
  for (let i = 0; i < parent.length; i++) {
    const p = parent[i]!;
    if (p < 0) continue;
    children[next[p]!] = i;
    next[p] = next[p]! + 1;
  }
  return { firstChild, children, roots };
}

/** Without recursion: a chain of 50 000 spans is a trace too. */
function walkTree(parent: Int32Array, { firstChild, children, roots }: Family) {
  const size = parent.length;
  const [depth, entered, left] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
  const [subtree, inWalk] = [new Int32Array(size).fill(1), new Int32Array(size)];
  for (let i = size - 1; i >= 0; i--) {
    const p = parent[i]!;
    if (p >= 0) subtree[p] = subtree[p]! + subtree[i]!;
  }
  let number = 0;
  const place = (span: number, first: number): void => {
    entered[span] = first;
    inWalk[first] = span;
    left[span] = first + subtree[span]!;
  };
  for (const root of roots) {
    place(root, number);
    number += subtree[root]!;
  }
  // Parents stand before children, so each span's own number is known when its children are placed.
  for (let i = 0; i < size; i++) {
    let first = entered[i]! + 1;
    for (let c = firstChild[i]!; c < firstChild[i + 1]!; c++) {
      const child = children[c]!;
      depth[child] = depth[i]! + 1;
      place(child, first);
      first += subtree[child]!;
    }
  }
  return { depth, entered, left, inWalk };
}

/** An element of a typed array that is known to be inside it. */
export const at = (array: Int32Array | Float64Array | Uint8Array, i: number): number => array[i] ?? 0;

export const hasChildren = (index: SpanIndex, span: number): boolean =>
  at(index.firstChild, span + 1) > at(index.firstChild, span);

export const childrenOfSpan = (index: SpanIndex, span: number): Int32Array =>
  index.children.subarray(at(index.firstChild, span), at(index.firstChild, span + 1));

export const isWithin = (index: SpanIndex, span: number, ancestor: number): boolean =>
  at(index.entered, span) >= at(index.entered, ancestor) &&
  at(index.entered, span) < at(index.left, ancestor);

/** From the root down, the span itself not included. */
export function ancestorsOf(index: SpanIndex, span: number): number[] {
  const chain: number[] = [];
  for (let p = at(index.parent, span); p >= 0; p = at(index.parent, p)) chain.push(p);
  return chain.reverse();
}

export const spanAt = (index: SpanIndex, position: number): Span => {
  const span = index.spans[position];
  if (!span) throw new RangeError(`There is no span ${position} in a trace of ${index.size}.`);
  return span;
};

const KNOWN_TYPES: ReadonlySet<unknown> = new Set(SPAN_TYPES);
const isSpanType = (type: unknown): type is SpanType => KNOWN_TYPES.has(type);

/** What a span of the probe or a log is; undefined for a service's own spans. */
export function typeOf(span: Span): SpanType | undefined {
  const type = span.attributes[HEADWATER.type];
  return isSpanType(type) ? type : undefined;
}

// The same of columns, without making a span: for what is asked of many.

export const typeAt = (index: SpanIndex, i: number): SpanType | undefined =>
  typeOfCode(at(index.columns.spans.type, i));

export const layerAt = (index: SpanIndex, i: number): Layer =>
  CODED.layer[at(index.columns.spans.layer, i)] ?? 'unknown';

export const isInferred = (index: SpanIndex, i: number): boolean =>
  CODED.evidence[at(index.columns.spans.evidence, i)] === 'inferred';

const ERROR = CODED.status.indexOf('error');
export const hasFailed = (index: SpanIndex, i: number): boolean => index.columns.spans.status[i] === ERROR;

export const nameAt = (index: SpanIndex, i: number): string =>
  index.columns.texts.at(at(index.columns.spans.name, i));

export const attributeAt = (index: SpanIndex, i: number, name: string): AttributeValue | undefined =>
  attributeOf(index.columns, i, name);

/** All spans of a type, in the order of the trace. */
export function spansOfType(index: SpanIndex, type: SpanType): number[] {
  const found: number[] = [];
  const [types, code] = [index.columns.spans.type, codeOf(type)];
  for (let i = types.indexOf(code); i >= 0; i = types.indexOf(code, i + 1)) found.push(i);
  return found;
}
