/** The critical path, asked by span: which of its pieces lie in this span, and which in anything below it. */
import type { PathPiece } from '../../src/model/report.ts';
import type { Nanos } from '../../src/model/time.ts';
import { at, type SpanIndex } from './span-index.ts';

export interface PlacedPiece extends PathPiece {
  /** Position of the piece's span; −1 when the trace does not have it. */
  readonly span: number;
}

export interface PathIndex {
  /** Contiguous, in order of time. */
  readonly pieces: readonly PlacedPiece[];
  /** Time of the critical path spent in the span itself, by position. */
  readonly ownNs: Float64Array;
  /** The same with everything below it. */
  readonly subtreeNs: Float64Array;
}

export function indexPath(path: readonly PathPiece[], index: SpanIndex): PathIndex {
  const pieces = path.map((piece) => ({ ...piece, span: index.positionOf.get(piece.spanId) ?? -1 }));
  const ownNs = new Float64Array(index.spans.length);
  for (const piece of pieces) {
    if (piece.span >= 0) ownNs[piece.span] = at(ownNs, piece.span) + piece.endNs - piece.startNs;
  }
  const subtreeNs = ownNs.slice();
  for (let i = index.spans.length - 1; i > 0; i--) {
    const parent = at(index.parent, i);
    if (parent >= 0) subtreeNs[parent] = at(subtreeNs, parent) + at(subtreeNs, i);
  }
  return { pieces, ownNs, subtreeNs };
}

/** Pieces that overlap [startNs, endNs), found by halving. */
export function piecesBetween(path: PathIndex, startNs: Nanos, endNs: Nanos): readonly PlacedPiece[] {
  const { pieces } = path;
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.endNs ?? 0) <= startNs) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < pieces.length && (pieces[end]?.startNs ?? 0) < endNs) end++;
  return pieces.slice(low, end);
}

/** Pieces spent in the span or below it. Their times may lie outside the span's own where clocks disagree. */
export function piecesBelow(path: PathIndex, index: SpanIndex, span: number): readonly PlacedPiece[] {
  if (at(path.subtreeNs, span) === 0) return [];
  const [from, to] = [at(index.entered, span), at(index.left, span)];
  return path.pieces.filter((piece) => {
    const number = piece.span < 0 ? -1 : at(index.entered, piece.span);
    return number >= from && number < to;
  });
}
