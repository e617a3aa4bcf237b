/** From span to span in lanes: along a row in the order of time, and across rows at about the same instant. */
import type { Nanos } from '../../src/model/time.ts';
import type { RowWalk } from '../run/row-walk.ts';
import type { RunState } from '../run/run-state.ts';
import { spanKey } from '../trace/rows.ts';
import { at } from '../trace/span-index.ts';
import type { LaneChart } from './lane-chart.ts';
import type { LaneRows } from './lane-rows.ts';
import type { LayerLane } from './layer-lanes.ts';
import { nearestInRow } from './nearest.ts';

export function laneWalk(chart: LaneChart, state: RunState): RowWalk {
  const select = (span: number | undefined): void => {
    if (span !== undefined) state.select(spanKey(span));
  };
  const along = (by: 1 | -1): void => {
    const span = state.selectedSpan;
    if (span !== undefined) select(alongRow(chart.rows, span, by));
  };
  return {
    move: (by) => select(acrossRows(chart.rows, state.selectedSpan, by, middleOf(state))),
    inward: () => along(1),
    outward: () => along(-1),
    toEnd: (end) => select(endOf(chart.rows, end)),
    toggle() {
      const span = state.selectedSpan;
      const lane = span === undefined ? undefined : chart.layout.laneOf(span);
      if (lane) chart.toggle(lane);
    },
    toggleAll: () => chart.toggleAll(),
  };
}

/** Of what of the selected span is on screen, else of the window. */
function middleOf({ selectedSpan, window, index }: RunState): Nanos {
  if (selectedSpan === undefined) return (window.startNs + window.endNs) / 2;
  const from = Math.max(at(index.startNs, selectedSpan), window.startNs);
  const to = Math.min(at(index.endNs, selectedSpan), window.endNs);
  return to >= from ? (from + to) / 2 : (window.startNs + window.endNs) / 2;
}

/** The next span of the same row (−1: the one before); the span itself at the end of it. */
export function alongRow(rows: LaneRows, span: number, by: 1 | -1): number {
  const lane = rows.layout.laneOf(span);
  if (!lane) return span;
  if (!rows.isOpen(lane)) return alongLane(rows, lane, span, by);
  const track = rows.layout.trackOf[span]!;
  const next = rows.layout.placeOf[span]! + by;
  return next < lane.firstOf[track]! || next >= lane.firstOf[track + 1]! ? span : lane.spans[next]!;
}

/** In a closed lane, all of its spans are one row: the nearest start after this one, or before it. */
function alongLane({ layout }: LaneRows, lane: LayerLane, span: number, by: 1 | -1): number {
  const here = layout.placeOf[span]!;
  const key = (place: number): number => lane.startNs[place]!;
  const isAfter = (a: number, b: number): boolean => key(a) > key(b) || (key(a) === key(b) && a > b);
  let best = -1;
  for (let place = 0; place < lane.spans.length; place++) {
    const isCandidate = by > 0 ? isAfter(place, here) : isAfter(here, place);
    if (!isCandidate) continue;
    if (best < 0 || (by > 0 ? isAfter(best, place) : isAfter(place, best))) best = place;
  }
  return best < 0 ? span : lane.spans[best]!;
}

/** The span of the row so many rows on that is nearest in time. */
export function acrossRows(
  rows: LaneRows,
  span: number | undefined,
  by: number,
  ns: Nanos,
): number | undefined {
  const here = span === undefined ? (by > 0 ? -1 : rows.length) : rows.rowOf(span);
  return nearestInRow(rows, Math.min(Math.max(here + by, 0), rows.length - 1), ns);
}

/** First or last span of the run in the order of lanes. */
export const endOf = (rows: LaneRows, end: 'first' | 'last'): number | undefined =>
  end === 'first'
    ? nearestInRow(rows, 0, Number.MIN_SAFE_INTEGER)
    : nearestInRow(rows, rows.length - 1, Number.MAX_SAFE_INTEGER);
