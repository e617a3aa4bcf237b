/**
 * The waterfall in a terminal: the spans that the critical path went through, as a tree on one axis.
 *
 * ```
 *   GET /checkout                     ░░░░░████████░░░░          142 ms
 * ```
 * `█` is time the span itself spent on the critical path, `░` time it waited for what is below it, `·` off the path.
 */
import { HEADWATER } from '../../model/attributes.ts';
import type { PathPiece, RunView } from '../../model/report.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { type Colours, layerPaint, plain, toWidth } from './colour.ts';

/** Rows whose part of the critical path is smaller than this share of the run are counted, not drawn. */
const SHOWN_SHARE = 0.004;
const MAX_ROWS = 48;
const DURATION_WIDTH = 9;

interface Row {
  readonly span: Span;
  readonly depth: number;
  readonly hidden: number;
}

export function renderWaterfall(view: RunView, width: number, colours: Colours): string {
  const { path, report } = view;
  const ownPieces = groupBySpan(path);
  const pathNs = pathNsBySpan(view.trace.spans, ownPieces);
  const rows = rowsOf(view, pathNs);
  const labelWidth = Math.min(52, Math.max(24, Math.floor(width * 0.42)));
  const barWidth = Math.max(16, width - labelWidth - DURATION_WIDTH - 4);
  const lines = rows.map((row) => {
    const { span, depth, hidden } = row;
    const label = toWidth(`${'  '.repeat(depth)}${nameOf(span)}`, labelWidth);
    const pale = (pathNs.get(span.spanId) ?? 0) > 0 ? '░' : '·';
    const bar = drawBar(span, pale, ownPieces.get(span.spanId) ?? [], report.wallNs, barWidth, colours);
    const duration = formatDuration(span.endNs - span.startNs).padStart(DURATION_WIDTH);
    const more = hidden > 0 ? `\n${colours.dim(`${'  '.repeat(depth + 1)}+ ${hidden} more`)}` : '';
    return `${depth === 0 ? colours.bold(label) : label}  ${bar}  ${colours.dim(duration)}${more}`;
  });
  return [axis(report.wallNs, labelWidth, barWidth, colours), ...lines].join('\n');
}

function axis(wallNs: Nanos, labelWidth: number, barWidth: number, colours: Colours): string {
  const end = formatDuration(wallNs);
  return colours.dim(
    `${' '.repeat(labelWidth + 2)}0${' '.repeat(Math.max(1, barWidth - 1 - end.length))}${end}`,
  );
}

/** A name that says which part speaks, where the tree does not. */
function nameOf(span: Span): string {
  const isService = span.layer === 'service' && span.kind === 'server';
  return plain(isService || span.layer === 'lb' ? `${span.component}  ${span.name}` : span.name);
}

function groupBySpan(path: readonly PathPiece[]): Map<string, PathPiece[]> {
  const groups = new Map<string, PathPiece[]>();
  for (const piece of path) {
    const group = groups.get(piece.spanId);
    if (group) group.push(piece);
    else groups.set(piece.spanId, [piece]);
  }
  return groups;
}

/** Time on the critical path of each span and all below it. `spans` holds parents before children. */
function pathNsBySpan(
  spans: readonly Span[],
  own: ReadonlyMap<string, readonly PathPiece[]>,
): Map<string, Nanos> {
  const total = new Map<string, Nanos>();
  for (let i = spans.length - 1; i >= 0; i--) {
    const span = spans[i]!;
    const ownNs = (own.get(span.spanId) ?? []).reduce((sum, piece) => sum + piece.endNs - piece.startNs, 0);
    const ns = (total.get(span.spanId) ?? 0) + ownNs;
    total.set(span.spanId, ns);
    if (span.parentId !== null) total.set(span.parentId, (total.get(span.parentId) ?? 0) + ns);
  }
  return total;
}

/** Raises the bar until the rows fit; at the whole run's length only the run and its steps are left. */
function rowsOf({ trace, report }: RunView, pathNs: ReadonlyMap<string, Nanos>): Row[] {
  let rows = rowsFrom(trace.spans, pathNs, report.wallNs * SHOWN_SHARE);
  for (let share = SHOWN_SHARE; rows.length > MAX_ROWS && share < 1; share *= 1.5)
    rows = rowsFrom(trace.spans, pathNs, report.wallNs * share);
  return rows.slice(0, MAX_ROWS);
}

const isStep = (span: Span): boolean => span.attributes[HEADWATER.type] === 'step';

function rowsFrom(spans: readonly Span[], pathNs: ReadonlyMap<string, Nanos>, leastNs: Nanos): Row[] {
  const depthOf = new Map<string, number>();
  const hidden = new Map<string, number>();
  const shown: { span: Span; depth: number }[] = [];
  for (const span of spans) {
    const parentDepth = span.parentId === null ? -1 : depthOf.get(span.parentId);
    if (parentDepth === undefined) continue;
    const depth = parentDepth + 1;
    const isShown = depth === 0 || isStep(span) || (pathNs.get(span.spanId) ?? 0) > leastNs;
    if (isShown) {
      depthOf.set(span.spanId, depth);
      shown.push({ span, depth });
    } else if (span.parentId !== null) {
      hidden.set(span.parentId, (hidden.get(span.parentId) ?? 0) + 1);
    }
  }
  const isLeaf = new Set(shown.map(({ span }) => span.spanId));
  for (const { span } of shown) isLeaf.delete(span.parentId ?? '');
  return shown.map(({ span, depth }) => ({
    span,
    depth,
    hidden: isLeaf.has(span.spanId) ? 0 : (hidden.get(span.spanId) ?? 0),
  }));
}

function drawBar(
  span: Span,
  pale: string,
  pieces: readonly PathPiece[],
  wallNs: Nanos,
  width: number,
  colours: Colours,
): string {
  const column = (ns: Nanos) => Math.min(width, Math.max(0, Math.floor((ns / Math.max(1, wallNs)) * width)));
  const cells: string[] = Array.from({ length: width }, () => ' ');
  const paint = layerPaint(colours, span.layer);
  const from = Math.min(width - 1, column(span.startNs));
  for (let i = from; i < Math.max(from + 1, column(span.endNs)); i++) cells[i] = paint(pale);
  for (const piece of pieces) {
    const start = Math.min(width - 1, column(piece.startNs));
    const solid = layerPaint(colours, piece.layer);
    for (let i = start; i < Math.max(start + 1, column(piece.endNs)); i++) cells[i] = solid('█');
  }
  return cells.join('');
}
