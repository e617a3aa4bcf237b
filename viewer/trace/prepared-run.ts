/**
 * What a run needs before its first bars: the tree, its walk, its critical path, its moments. Flat arrays only, so that
 * a worker can make them and hand them over without a copy.
 */
import type { RunColumns } from '../../src/model/columns.ts';
import type { TimeWindow } from '../waterfall/time-window.ts';
import { type MarkOrder, orderMarks } from './marks.ts';
import { type PathSums, sumPath } from './path-index.ts';
import { slotsOf } from './position-by-id.ts';
import { type TreeArrays, treeArrays } from './span-index.ts';

export interface PreparedRun {
  readonly tree: TreeArrays;
  readonly path: PathSums;
  readonly marks: MarkOrder;
  /** Where to find a span by its id; undefined where ids are texts of their own. */
  readonly slots: Int32Array | undefined;
  /** From the first start to the last end. A connection may outlive the run: those do not count. */
  readonly reach: TimeWindow;
}

export function prepareRun(columns: RunColumns): PreparedRun {
  const tree = treeArrays(columns.spans);
  return {
    tree,
    path: sumPath(columns.path, columns.spans.parent, tree.entered),
    marks: orderMarks(columns.events.span, tree.entered),
    slots: columns.spans.idText.length > 0 ? undefined : slotsOf(columns),
    reach: reachOf(columns, tree.aside),
  };
}

function reachOf({ spans: { startNs: starts, endNs: ends } }: RunColumns, aside: Uint8Array): TimeWindow {
  let [startNs, endNs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < aside.length; i++) {
    if (aside[i] === 1) continue;
    startNs = Math.min(startNs, starts[i]!);
    endNs = Math.max(endNs, ends[i]!);
  }
  return { startNs, endNs };
}
