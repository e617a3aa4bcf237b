/**
 * A connection's row: made, used, idle.
 *
 * ```
 * // row    |==tcp==|==tls==|#####used#####|          |##used##|
 * // pale   |----------------------- open ----------------------|
 * ```
 * One that nobody used is drawn in outline only: it cost, and bought nothing.
 */
import { type Connections, isSpare, requestsOf, setupOf, useOfConnection } from '../trace/connections.ts';
import { at, hasFailed, layerAt, type SpanIndex } from '../trace/span-index.ts';
import type { Bar, RowBars } from './bars.ts';

export function connectionBars(index: SpanIndex, connections: Connections, position: number): RowBars {
  const spare = isSpare(connections, position);
  const open: Bar = {
    startNs: at(index.startNs, position),
    endNs: at(index.endNs, position),
    layer: spare ? 'think' : 'tcp',
    tone: 'wait',
    inferred: false,
    span: position,
  };
  const setup = setupOf(index, connections, position).map((phase): Bar => {
    const [startNs, endNs, layer] = [at(index.startNs, phase), at(index.endNs, phase), layerAt(index, phase)];
    return { ...open, startNs, endNs, layer: spare ? 'think' : layer, tone: 'own', span: phase };
  });
  const used = requestsOf(connections, position).map(
    (request): Bar => ({
      ...open,
      ...useOfConnection(index, request),
      layer: 'network',
      tone: 'own',
      span: request,
    }),
  );
  return {
    bars: [open, ...setup, ...used],
    line: [],
    thin: false,
    failed: hasFailed(index, position),
    struck: false,
    spare,
    marks: [],
  };
}

/** All connections on one line, while they are folded. */
export function connectionGroupBars(
  index: SpanIndex,
  connections: Connections,
  members: readonly number[],
  expanded: boolean,
): RowBars {
  const rows = members.map((member) => connectionBars(index, connections, member));
  const bars = rows.flatMap((row) => (expanded ? row.bars.slice(0, 1) : row.bars));
  // Pale ones first, or an idle connection would hide what another one does.
  const order = (bar: Bar): number => (bar.tone === 'wait' ? 0 : 1);
  bars.sort((a, b) => order(a) - order(b));
  const failed = !expanded && rows.some((row) => row.failed);
  return { bars, line: [], thin: expanded, failed, struck: false, spare: false, marks: [] };
}
