/** A set of spans that also knows how many of them lie below any span, in constant time. */
import { at, type SpanIndex } from './span-index.ts';

export interface SpanSet {
  readonly size: number;
  has(span: number): boolean;
  /** How many are in the span's subtree, the span itself included. */
  within(span: number): number;
  /** In the order of the rows when everything is open. */
  readonly inOrder: readonly number[];
}

export function spanSet(index: SpanIndex, spans: Iterable<number>): SpanSet {
  const chosen = new Uint8Array(index.spans.length);
  for (const span of spans) chosen[span] = 1;
  const inOrder = [...chosen.keys()].filter((span) => chosen[span] === 1);
  inOrder.sort((a, b) => at(index.entered, a) - at(index.entered, b));
  // before[n]: how many chosen spans are numbered below n in the walk.
  const before = new Int32Array(index.spans.length + 1);
  for (const span of inOrder) before[at(index.entered, span) + 1] = 1;
  for (let n = 1; n < before.length; n++) before[n] = at(before, n) + at(before, n - 1);
  return {
    size: inOrder.length,
    has: (span) => chosen[span] === 1,
    within: (span) => at(before, at(index.left, span)) - at(before, at(index.entered, span)),
    inOrder,
  };
}

export const spanSetOfIds = (index: SpanIndex, spanIds: Iterable<string>): SpanSet =>
  spanSet(
    index,
    [...spanIds].flatMap((id) => index.positionOf.get(id) ?? []),
  );
