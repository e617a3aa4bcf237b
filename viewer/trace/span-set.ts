/** A set of spans that also knows how many of them lie below any span, in constant time. */
import type { SpanIndex } from './span-index.ts';

export interface SpanSet {
  readonly size: number;
  has(span: number): boolean;
  /** How many are in the span's subtree, the span itself included. */
  within(span: number): number;
  /** In the order of the rows when everything is open. */
  readonly inOrder: Int32Array;
}

export function spanSet(index: SpanIndex, spans: Iterable<number>): SpanSet {
  const chosen = new Uint8Array(index.size);
  for (const span of spans) chosen[span] = 1;
  return chosenSet(index, chosen);
}

/** @param chosen 1 for those that are in the set, by position; it is kept */
export function chosenSet(index: SpanIndex, chosen: Uint8Array): SpanSet {
  // before[n]: how many chosen spans are numbered below n in the walk.
  const before = new Int32Array(index.size + 1);
  for (let n = 0; n < index.size; n++) before[n + 1] = before[n]! + chosen[index.inWalk[n]!]!;
  const size = before[index.size]!;
  const inOrder = new Int32Array(size);
  for (let n = 0; n < index.size; n++) {
    const span = index.inWalk[n]!;
    if (chosen[span] === 1) inOrder[before[n]!] = span;
  }
  return {
    size,
    has: (span) => chosen[span] === 1,
    within: (span) => before[index.left[span]!]! - before[index.entered[span]!]!,
    inOrder,
  };
}

export const spanSetOfIds = (index: SpanIndex, spanIds: Iterable<string>): SpanSet =>
  spanSet(
    index,
    [...spanIds].flatMap((id) => index.positionOf.get(id) ?? []),
  );
