/** The critical path, asked by span: which of its pieces lie in this span, and which in anything below it. */
import { columnsOf } from '../../src/analyse/columns/columns-of.ts';
import { pieceOf } from '../../src/analyse/columns/span-at.ts';
import type { RunColumns } from '../../src/model/columns.ts';
import type { PathPiece, RunReport } from '../../src/model/report.ts';
import type { Nanos } from '../../src/model/time.ts';
import { lazyList } from './lazy-list.ts';
import { at, type SpanIndex } from './span-index.ts';

export interface PlacedPiece extends PathPiece {
  /** Position of the piece's span; −1 when the trace does not have it. */
  readonly span: number;
}

export interface PathIndex {
  readonly columns: RunColumns['path'];
  /** Contiguous, in order of time. Each is made when it is asked for. */
  readonly pieces: readonly PlacedPiece[];
  /** Time of the critical path spent in the span itself, by position. */
  readonly ownNs: Float64Array;
  /** The same with everything below it. */
  readonly subtreeNs: Float64Array;
  /** The pieces in the order of the walk through the tree, and where in the walk each one's span is. */
  readonly inWalk: Int32Array;
  readonly walked: Int32Array;
}

/** Of a path that stands beside its trace, not in columns. */
export function indexPath(path: readonly PathPiece[], index: SpanIndex): PathIndex {
  const report = { ledger: [], steps: [] } as unknown as RunReport;
  const trace = { ...index.columns.head.trace, spans: [] };
  const columns = columnsOf({ report, path, trace });
  const span = Int32Array.from(path, ({ spanId }) => index.positionOf.get(spanId) ?? -1);
  return indexPathColumns(
    { ...columns, path: { ...columns.path, span } },
    index,
    (i) => path[i] as PathPiece,
  );
}

/** The critical path added up, by position of a span. */
export type PathSums = Pick<PathIndex, 'ownNs' | 'subtreeNs' | 'inWalk' | 'walked'>;

export function sumPath(
  { startNs, endNs, span }: Pick<RunColumns['path'], 'startNs' | 'endNs' | 'span'>,
  parents: Int32Array,
  entered: Int32Array,
): PathSums {
  const ownNs = new Float64Array(parents.length);
  for (let i = 0; i < span.length; i++) {
    const position = span[i]!;
    if (position >= 0) ownNs[position] = ownNs[position]! + endNs[i]! - startNs[i]!;
  }
  const subtreeNs = ownNs.slice();
  for (let i = parents.length - 1; i > 0; i--) {
    const parent = parents[i]!;
    if (parent >= 0) subtreeNs[parent] = subtreeNs[parent]! + subtreeNs[i]!;
  }
  return { ownNs, subtreeNs, ...walkPieces(span, entered) };
}

export function indexPathColumns(
  columns: RunColumns,
  index: SpanIndex,
  piece: (i: number) => PathPiece = (i) => pieceOf(columns, i),
  sums = sumPath(columns.path, index.parent, index.entered),
): PathIndex {
  const { span } = columns.path;
  const pieces = lazyList(span.length, (i): PlacedPiece => ({ ...piece(i), span: span[i]! }));
  return { columns: columns.path, pieces, ...sums };
}

/** Sorted by where in the walk their spans are, and among those of one span by time; pieces without a span first. */
function walkPieces(span: Int32Array, entered: Int32Array): Pick<PathIndex, 'inWalk' | 'walked'> {
  const keys = new Float64Array(span.length);
  const width = span.length;
  for (let i = 0; i < width; i++) {
    const position = span[i]!;
    keys[i] = (position < 0 ? 0 : entered[position]! + 1) * width + i;
  }
  keys.sort();
  return {
    inWalk: Int32Array.from(keys, (key) => key % width),
    walked: Int32Array.from(keys, (key) => Math.floor(key / width) - 1),
  };
}

/** Pieces that overlap [startNs, endNs), found by halving. */
export function piecesBetween(path: PathIndex, startNs: Nanos, endNs: Nanos): readonly PlacedPiece[] {
  const { startNs: starts, endNs: ends } = path.columns;
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(ends, middle) <= startNs) low = middle + 1;
    else high = middle;
  }
  const found: PlacedPiece[] = [];
  for (let i = low; i < starts.length && at(starts, i) < endNs; i++)
    found.push(path.pieces[i] as PlacedPiece);
  return found;
}

/** Numbers, by time, of the pieces spent in the span or below it. */
export function piecesWithin(path: PathIndex, index: SpanIndex, span: number): Int32Array {
  const from = firstNotBefore(path.walked, at(index.entered, span));
  const to = firstNotBefore(path.walked, at(index.left, span));
  return path.inWalk.slice(from, to).sort();
}

function firstNotBefore(sorted: Int32Array, number: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(sorted, middle) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pieces spent in the span or below it. Their times may lie outside the span's own where clocks disagree. */
export const piecesBelow = (path: PathIndex, index: SpanIndex, span: number): readonly PlacedPiece[] =>
  Array.from(piecesWithin(path, index, span), (i) => path.pieces[i] as PlacedPiece);
