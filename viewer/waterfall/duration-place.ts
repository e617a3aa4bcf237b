/** Where the duration of a row is written. */
import { formatDuration } from '../../src/model/time.ts';
import type { RunState } from '../run/run-state.ts';
import { type Row, rowExtent } from '../trace/rows.ts';
import { spanAt } from '../trace/span-index.ts';
import type { Geometry } from './geometry.ts';
import { isStruck } from './row-bars.ts';

const GAP_PX = 6;
/** Room that a duration's label needs right of a bar; else it stands left of it. */
const DURATION_PX = 58;
/** Between a name's end and the edge, where names stand above their bars. */
const STACKED_EDGE_PX = 8;

export interface DurationPlace {
  readonly text: string;
  /** Where the words begin, or end when `endsThere`. */
  readonly at: number;
  readonly endsThere: boolean;
  readonly hidden: boolean;
}

/**
 * ```
 * //   [=====bar=====] 431 ms          right of the bar,
 * //          431 ms [=======bar=====| left of it where the screen ends,
 * //   |===========bar===========|     nowhere when the bar fills the screen: the panel has it
 * ```
 */
export function durationPlace(
  row: Row,
  { index }: Pick<RunState, 'index'>,
  geometry: Geometry,
  x: (ns: number) => number,
): DurationPlace {
  const { startNs, endNs } = rowExtent(row, index);
  const text = formatDuration(endNs - startNs);
  if (geometry.stacked) return { text, at: geometry.width - STACKED_EDGE_PX, endsThere: true, hidden: false };
  // The cross of a struck bar is as wide as the bar is high, at least.
  const struckPx = row.kind === 'span' && isStruck(spanAt(index, row.span)) ? geometry.barHeight : 0;
  const [left, right] = [x(startNs), Math.max(x(endNs), x(startNs) + struckPx)];
  const offScreen = right < geometry.chartLeft || left > geometry.width;
  const fitsRight = right + GAP_PX + DURATION_PX <= geometry.width;
  const fitsLeft = left - GAP_PX - DURATION_PX >= geometry.chartLeft;
  return {
    text,
    at: Math.round(fitsRight ? Math.max(right, geometry.chartLeft) + GAP_PX : left - GAP_PX),
    endsThere: !fitsRight,
    hidden: offScreen || (!fitsRight && !fitsLeft),
  };
}
