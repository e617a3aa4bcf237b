/**
 * A trace laid out in flat arrays, so that a hundred thousand spans can be walked between two frames.
 * A span is its position in `trace.spans` everywhere in the viewer.
 *
 * `entered` and `left` number the spans in the order of a walk through the tree: everything below a span has an
 * `entered` within [entered, left) of it, so "is it below" is two comparisons.
 */
import { HEADWATER, SPAN_TYPES, type SpanType } from '../../src/model/attributes.ts';
import type { Span, Trace } from '../../src/model/trace.ts';

export interface SpanIndex {
  readonly spans: readonly Span[];
  readonly positionOf: ReadonlyMap<string, number>;
  /** −1 for a root. */
  readonly parent: Int32Array;
  /** Children of span i: `children` from `firstChild[i]` to `firstChild[i + 1]`. */
  readonly firstChild: Int32Array;
  readonly children: Int32Array;
  readonly roots: readonly number[];
  readonly depth: Int32Array;
  readonly entered: Int32Array;
  readonly left: Int32Array;
  /** 1 for connections and all below them: they tell again, socket by socket, what the requests have told. */
  readonly aside: Uint8Array;
}

/** A span whose parent is missing, or stands after it, hangs under the root: nothing is left out. */
export function indexTrace(trace: Trace): SpanIndex {
  const { spans } = trace;
  const positionOf = new Map<string, number>();
  spans.forEach((span, i) => {
    if (!positionOf.has(span.spanId)) positionOf.set(span.spanId, i);
  });
  const parent = parentsOf(spans, positionOf, positionOf.get(trace.rootId) ?? 0);
  const { firstChild, children, roots } = childrenOf(parent);
  const walk = walkTree(parent, firstChild, children, roots);
  return { spans, positionOf, parent, firstChild, children, roots, ...walk, aside: asideOf(spans, parent) };
}

function asideOf(spans: readonly Span[], parent: Int32Array): Uint8Array {
  const aside = new Uint8Array(spans.length);
  spans.forEach((span, i) => {
    const type = typeOf(span);
    const above = at(parent, i);
    if (type === 'connection' || type === 'host_connection' || (above >= 0 && aside[above] === 1))
      aside[i] = 1;
  });
  return aside;
}

function parentsOf(
  spans: readonly Span[],
  positionOf: ReadonlyMap<string, number>,
  root: number,
): Int32Array {
  const parent = new Int32Array(spans.length).fill(-1);
  spans.forEach((span, i) => {
    if (i === root) return;
    const named = span.parentId === null ? undefined : positionOf.get(span.parentId);
    // A root that is not the first span may have later spans only as children, or the walk would go in circles.
    parent[i] = named !== undefined && named < i ? named : root < i ? root : -1;
  });
  return parent;
}

function childrenOf(parent: Int32Array) {
  const firstChild = new Int32Array(parent.length + 1);
  const roots: number[] = [];
  for (const [i, p] of parent.entries()) {
    if (p < 0) roots.push(i);
    else firstChild[p + 1] = at(firstChild, p + 1) + 1;
  }
  for (let i = 1; i < firstChild.length; i++) firstChild[i] = at(firstChild, i) + at(firstChild, i - 1);
  const next = firstChild.slice();
  const children = new Int32Array(parent.length - roots.length);
  for (const [i, p] of parent.entries()) {
    if (p < 0) continue;
    children[at(next, p)] = i;
    next[p] = at(next, p) + 1;
  }
  return { firstChild, children, roots };
}

/** Without recursion: a chain of 50 000 spans is a trace too. */
function walkTree(
  parent: Int32Array,
  firstChild: Int32Array,
  children: Int32Array,
  roots: readonly number[],
) {
  const size = parent.length;
  const [depth, entered, left] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
  const subtree = new Int32Array(size).fill(1);
  for (let i = size - 1; i >= 0; i--) {
    const p = at(parent, i);
    if (p >= 0) subtree[p] = at(subtree, p) + at(subtree, i);
  }
  let number = 0;
  const place = (span: number, first: number): void => {
    entered[span] = first;
    left[span] = first + at(subtree, span);
  };
  for (const root of roots) {
    place(root, number);
    number += at(subtree, root);
  }
  // Parents stand before children, so each span's own number is known when its children are placed.
  for (let i = 0; i < size; i++) {
    let first = at(entered, i) + 1;
    for (let c = at(firstChild, i); c < at(firstChild, i + 1); c++) {
      const child = at(children, c);
      depth[child] = at(depth, i) + 1;
      place(child, first);
      first += at(subtree, child);
    }
  }
  return { depth, entered, left };
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
  if (!span) throw new RangeError(`There is no span ${position} in a trace of ${index.spans.length}.`);
  return span;
};

const KNOWN_TYPES: ReadonlySet<unknown> = new Set(SPAN_TYPES);
/** Asked of every span several times over: a set, not a search. */
const isSpanType = (type: unknown): type is SpanType => KNOWN_TYPES.has(type);

/** What a span of the probe or a log is; undefined for a service's own spans. */
export function typeOf(span: Span): SpanType | undefined {
  const type = span.attributes[HEADWATER.type];
  return isSpanType(type) ? type : undefined;
}
