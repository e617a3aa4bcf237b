/**
 * What is drawn of a run in progress: steps, calls and requests as rows; in each request's bar whatever is known of
 * it, layer by layer.
 *
 * ```
 * // request   |=====browser=====================|
 * // phases      |dns|tcp|tls|-----network------|
 * // servers                    |lb|==service=|        deeper parts are drawn over those around them
 * ```
 */
import { HEADWATER } from '../../model/attributes.ts';
import type { LivePiece, LiveRow, LiveRun } from '../../model/live.ts';
import type { Span, Trace } from '../../model/trace.ts';

/** More rows than anybody follows while they move. */
export const MAX_LIVE_ROWS = 600;
const MAX_PIECES = 80;
const ROW_TYPES: ReadonlySet<unknown> = new Set(['step', 'action', 'request']);

type Rows = Pick<LiveRun, 'rows' | 'hidden' | 'nowNs' | 'sources'>;

/** @param trace undefined before anything has come in */
export function liveRows(trace: Trace | undefined): Rows {
  const root = trace?.spans.find(({ spanId }) => spanId === trace.rootId);
  if (!trace || !root) return { rows: [], hidden: 0, nowNs: 0, sources: {} };
  const childrenById = new Map<string, Span[]>();
  const sources: Record<string, number> = {};
  for (const span of trace.spans) {
    sources[span.source] = (sources[span.source] ?? 0) + 1;
    if (span.parentId === null) continue;
    const siblings = childrenById.get(span.parentId);
    if (siblings) siblings.push(span);
    else childrenById.set(span.parentId, [span]);
  }
  const rows: LiveRow[] = [];
  const open: { span: Span; level: number }[] = [{ span: root, level: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { span, level } = next;
    if (ROW_TYPES.has(typeOf(span))) rows.push(rowOf(span, level, root.startNs, childrenById));
    const below = (childrenById.get(span.spanId) ?? []).filter((child) => ROW_TYPES.has(typeOf(child)));
    for (const child of below.toSorted((a, b) => b.startNs - a.startNs))
      open.push({ span: child, level: level + 1 });
  }
  const shown = rows.slice(-MAX_LIVE_ROWS);
  return { rows: shown, hidden: rows.length - shown.length, nowNs: root.endNs - root.startNs, sources };
}

const typeOf = ({ attributes }: Span): unknown => attributes[HEADWATER.type];

function rowOf(
  span: Span,
  level: number,
  originNs: number,
  childrenById: ReadonlyMap<string, readonly Span[]>,
): LiveRow {
  const isOpen = span.attributes[HEADWATER.open] === true;
  return {
    spanId: span.spanId,
    kind: typeOf(span) as LiveRow['kind'],
    name: span.name,
    component: span.component,
    level,
    startNs: span.startNs - originNs,
    endNs: span.endNs - originNs,
    open: isOpen,
    ...(span.status.code === 'error' && { error: span.status.message ?? 'failed' }),
    pieces: typeOf(span) === 'request' ? piecesOf(span, originNs, childrenById) : [],
  };
}

/** What is below the request, from above to below; a part of its parent's layer adds nothing to see. */
function piecesOf(
  request: Span,
  originNs: number,
  childrenById: ReadonlyMap<string, readonly Span[]>,
): LivePiece[] {
  const pieces: LivePiece[] = [];
  let level: readonly Span[] = [request];
  while (level.length > 0 && pieces.length < MAX_PIECES) {
    const below = level.flatMap((parent) =>
      (childrenById.get(parent.spanId) ?? []).map((child) => ({
        child,
        isNews: child.layer !== parent.layer,
      })),
    );
    for (const { child, isNews } of below)
      if (isNews && pieces.length < MAX_PIECES)
        pieces.push({
          layer: child.layer,
          evidence: child.evidence,
          startNs: child.startNs - originNs,
          endNs: child.endNs - originNs,
        });
    level = below.map(({ child }) => child);
  }
  return pieces;
}
