/**
 * The same run at the times that its sources gave, before clocks were aligned and spans were placed: for seeing what
 * alignment did. The critical path is left out: between clocks that disagree there is none.
 */
import type { Drawn } from '../waterfall/row-bars.ts';
import { indexPath } from './path-index.ts';
import { at, type SpanIndex } from './span-index.ts';

export function asReported({ index, ...drawn }: Drawn): Drawn {
  const reported = { ...index, ...reportedTimes(index) };
  return { ...drawn, index: reported, path: indexPath([], index) };
}

function reportedTimes({ columns: { moved }, ...index }: SpanIndex) {
  const [startNs, endNs] = [index.startNs.slice(), index.endNs.slice()];
  for (let i = 0; i < moved.span.length; i++) {
    const span = at(moved.span, i);
    startNs[span] = at(moved.startNs, i);
    endNs[span] = at(moved.endNs, i);
  }
  return { startNs, endNs };
}

/** How many spans stand elsewhere than their sources said. */
export const movedSpans = ({ columns }: SpanIndex): number => columns.moved.span.length;
