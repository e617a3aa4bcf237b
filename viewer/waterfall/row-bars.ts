import type { Nanos } from '../../src/model/time.ts';
import type { Span } from '../../src/model/trace.ts';
import type { Connections } from '../trace/connections.ts';
import { type Marks, marksOf } from '../trace/marks.ts';
import { type PathIndex, type PlacedPiece, piecesBetween, piecesWithin } from '../trace/path-index.ts';
import type { Row } from '../trace/rows.ts';
import {
  at,
  childrenOfSpan,
  hasFailed,
  isInferred,
  layerAt,
  type SpanIndex,
  spanAt,
  typeAt,
  typeOf,
} from '../trace/span-index.ts';
import type { Bar, RowBars, Tone } from './bars.ts';
import { connectionBars, connectionGroupBars } from './connection-bars.ts';
import { type Interval, subtractIntervals, unionIntervals } from './intervals.ts';

/** What the bars of a row are made from. */
export interface Drawn {
  readonly index: SpanIndex;
  readonly path: PathIndex;
  readonly connections: Connections;
  readonly marks: Marks;
}

/** A closed row above more spans than this shows its critical path only; the rest would be a smear. */
const SUBTREE_DRAWN = 4_000;

/** More marks than this in one row could not be told apart. */
const MARKS_DRAWN = 200;

export function barsOf(row: Row, drawn: Drawn): RowBars {
  const { index, path, connections, marks } = drawn;
  if (row.kind === 'group') {
    const { kind, members } = row.group;
    return kind === 'connections'
      ? connectionGroupBars(index, connections, members, row.expanded)
      : groupBars(members, row.expanded, index, path);
  }
  const type = typeAt(index, row.span);
  if (type === 'connection') return connectionBars(index, connections, row.span);
  const closed = row.expandable && !row.expanded;
  const pieces = piecesWithin(path, index, row.span);
  const own = closed ? pieces : pieces.filter((piece) => path.columns.span[piece] === row.span);
  const thin = (type === 'run' || type === 'step') && row.expanded;
  return {
    bars: [...(closed ? closedBars(index, row.span) : openBars(index, row.span)), ...barsOfPieces(path, own)],
    line: lineOf(path, pieces),
    thin,
    failed: hasFailed(index, row.span),
    struck: isStruck(spanAt(index, row.span)),
    spare: false,
    marks: marksOf(marks, index, row.span, closed, MARKS_DRAWN),
  };
}

/** A try that came to nothing: it failed, or another was faster. */
export function isStruck(span: Span): boolean {
  const type = typeOf(span);
  if (type !== 'connect_attempt' && type !== 'proxy_try') return false;
  return span.status.code === 'error' || span.attributes['headwater.tcp.outcome'] === 'abandoned';
}

function groupBars(members: readonly number[], open: boolean, index: SpanIndex, path: PathIndex): RowBars {
  const small = members.length <= SUBTREE_DRAWN;
  const pieces = piecesOfAll(members, path, index);
  const tone = open ? 'wait' : 'own';
  const bars =
    small && !open
      ? members.flatMap((m) => closedBars(index, m))
      : members.map((m) => wholeBar(index, m, tone));
  return {
    bars: open ? bars : [...bars, ...barsOfPieces(path, pieces)],
    line: lineOf(path, pieces),
    thin: open,
    failed: members.some((member) => hasFailed(index, member)),
    struck: false,
    spare: false,
    marks: [],
  };
}

/** An open row or a leaf: pale where others work, stronger where it works itself. */
function openBars(index: SpanIndex, position: number): Bar[] {
  const workers = workersInside(index, position);
  const busy = unionIntervals(
    workers.map((child): Interval => [at(index.startNs, child), at(index.endNs, child)]),
  );
  const own = subtractIntervals([at(index.startNs, position), at(index.endNs, position)], busy);
  const whole = wholeBar(index, position, 'wait');
  return [whole, ...own.map(([startNs, endNs]): Bar => ({ ...whole, startNs, endNs, tone: 'own' }))];
}

/**
 * Who works while the span is open: its children. A phase of a request or of a proxy (`waiting`, `server`) has none;
 * there it is the brothers that are not phases, since they answer what it waits for.
 */
function workersInside(index: SpanIndex, position: number): readonly number[] {
  const type = typeAt(index, position);
  const children = [...childrenOfSpan(index, position)].filter((child) => index.aside[child] !== 1);
  if (type !== 'phase' && type !== 'proxy_phase') return children;
  const parent = at(index.parent, position);
  const brothers = parent < 0 ? [] : [...childrenOfSpan(index, parent)];
  return [...children, ...brothers.filter((b) => typeAt(index, b) !== type)].filter(
    (b) => b !== position && index.aside[b] !== 1,
  );
}

function closedBars(index: SpanIndex, position: number): Bar[] {
  const size = at(index.left, position) - at(index.entered, position);
  const whole = wholeBar(index, position, size > 1 ? 'wait' : 'own');
  if (size === 1 || size > SUBTREE_DRAWN) return [whole];
  return [whole, ...paintOrder(index, position).map((span) => wholeBar(index, span, 'own'))];
}

/** Level by level, phases before the others of a level: what stands later is more particular. */
function paintOrder(index: SpanIndex, position: number): number[] {
  const order: number[] = [];
  const below = (span: number): number[] =>
    [...childrenOfSpan(index, span)].filter((child) => index.aside[child] === index.aside[position]);
  let level = below(position);
  while (level.length > 0) {
    const isPhase = (span: number): boolean => /^(proxy_)?phase$|^action$/.test(typeAt(index, span) ?? '');
    order.push(...level.filter(isPhase), ...level.filter((span) => !isPhase(span)));
    level = level.flatMap(below);
  }
  return order;
}

function wholeBar(index: SpanIndex, position: number, tone: Tone): Bar {
  return {
    startNs: at(index.startNs, position),
    endNs: at(index.endNs, position),
    layer: layerAt(index, position),
    tone,
    inferred: isInferred(index, position),
    span: position,
  };
}

/** Pieces are by time and touch or stand apart: joined as they come. */
function lineOf({ columns: { startNs, endNs } }: PathIndex, pieces: Int32Array): Interval[] {
  const line: [number, number][] = [];
  for (const piece of pieces) {
    const [from, to] = [at(startNs, piece), at(endNs, piece)];
    const last = line.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) line.push([from, to]);
  }
  return line;
}

const barsOfPieces = (path: PathIndex, pieces: Int32Array): Bar[] =>
  Array.from(pieces, (piece) => pathBar(path.pieces[piece] as PlacedPiece));

function piecesOfAll(members: readonly number[], path: PathIndex, index: SpanIndex): Int32Array {
  const pieces: number[] = [];
  for (const member of members) {
    if (at(path.subtreeNs, member) === 0) continue;
    for (const piece of piecesWithin(path, index, member)) pieces.push(piece);
  }
  return Int32Array.from(pieces).sort();
}

const pathBar = (piece: PlacedPiece): Bar => ({
  startNs: piece.startNs,
  endNs: piece.endNs,
  layer: piece.layer,
  tone: 'path',
  inferred: piece.evidence === 'inferred',
  span: piece.span,
});

/** The critical path as one row of its own: who had the water, from the first instant to the last. */
export const pathBars = (path: PathIndex, startNs: Nanos, endNs: Nanos): Bar[] =>
  piecesBetween(path, startNs, endNs).map(pathBar);
