/** A trace indexed for walking: children by parent, types, and the few attribute readers that rules share. */
import { HEADWATER, SPAN_TYPES, type SpanType } from '../model/attributes.ts';
import type { Lane } from '../model/report.ts';
import type { Attributes } from '../model/span.ts';
import type { Span, Trace } from '../model/trace.ts';

export interface Tree {
  readonly root: Span;
  readonly spans: readonly Span[];
  readonly spanById: ReadonlyMap<string, Span>;
  /** Children sorted by end, ascending; an empty list for a leaf. */
  childrenOf(span: Span): readonly Span[];
  parentOf(span: Span): Span | undefined;
  /** What the hosts' kernels said meanwhile. */
  readonly lanes: readonly Lane[];
}

const NONE: readonly Span[] = [];

export function treeOf(trace: Pick<Trace, 'rootId' | 'spans'>, lanes: readonly Lane[] = []): Tree {
  const spanById = new Map<string, Span>();
  const children = new Map<string, Span[]>();
  for (const span of trace.spans) {
    spanById.set(span.spanId, span);
    if (span.parentId === null) continue;
    const siblings = children.get(span.parentId);
    if (siblings) siblings.push(span);
    else children.set(span.parentId, [span]);
  }
  for (const siblings of children.values())
    siblings.sort((a, b) => a.endNs - b.endNs || a.startNs - b.startNs);
  const root = spanById.get(trace.rootId);
  if (!root) throw new Error(`The trace has no span with its root's id ${trace.rootId}.`);
  return {
    root,
    spans: trace.spans,
    spanById,
    childrenOf: (span) => children.get(span.spanId) ?? NONE,
    lanes,
    parentOf: (span) => (span.parentId === null ? undefined : spanById.get(span.parentId)),
  };
}

export const typeOf = (span: Pick<Span, 'attributes'>): SpanType | undefined => {
  const value = span.attributes[HEADWATER.type];
  return SPAN_TYPES.find((type) => type === value);
};

/** Nearest span of a type at or above this one. */
export function enclosing(tree: Tree, span: Span, type: SpanType): Span | undefined {
  for (let at: Span | undefined = span; at; at = tree.parentOf(at)) if (typeOf(at) === type) return at;
  return undefined;
}

export function numberAt(attributes: Attributes, key: string): number | undefined {
  const value = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function textAt(attributes: Attributes, key: string): string | undefined {
  const value = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export const isDatabaseClient = (span: Span): boolean =>
  span.layer === 'db' && (span.kind === 'client' || typeOf(span) === undefined);
