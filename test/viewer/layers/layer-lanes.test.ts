/** Lanes of layers: every span has one place, none lies over another, and what is drawn of them is all there is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byStart } from '../../../viewer/layers/by-start.ts';
import { handoversIn } from '../../../viewer/layers/handovers.ts';
import { type RasterInput, rasterOf } from '../../../viewer/layers/lane-raster.ts';
import { firstOpen, LaneRows } from '../../../viewer/layers/lane-rows.ts';
import { acrossRows, alongRow } from '../../../viewer/layers/lane-walk.ts';
import { layOutLanes } from '../../../viewer/layers/layer-lanes.ts';
import { layOutTracks } from '../../../viewer/layers/tracks.ts';
import { indexPath } from '../../../viewer/trace/path-index.ts';
import { hasFailed, indexTrace } from '../../../viewer/trace/span-index.ts';
import { runView } from '../../fixtures/run-view.ts';

const view = runView();
const index = indexTrace(view.trace);
const path = indexPath(view.path, index);
const layout = layOutLanes({ ...index, layer: index.columns.spans.layer }, path.columns);
const everyCode = new Set(layout.lanes.map(({ code }) => code));
const positions = Array.from({ length: index.size }, (_, i) => i);
const named = (name: string): number => index.spans.findIndex((span) => span.name === name);

const starts = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 1e12 })), {
  maxLength: 120,
});

describe('spans by start', () => {
  it('are in order, and equals keep the order they had', () => {
    fc.assert(
      fc.property(starts, (list) => {
        const startNs = Float64Array.from(list);
        const sorted = byStart(startNs, Int32Array.from(list.keys()));
        expect([...sorted]).toEqual([...list.keys()].sort((a, b) => list[a]! - list[b]! || a - b));
      }),
    );
  });

  it('are in order when nearly all begin in the same instant', () => {
    const startNs = Float64Array.from({ length: 500 }, (_, i) => (i === 499 ? 1e15 : (i * 7) % 13));
    const sorted = byStart(
      startNs,
      Int32Array.from({ length: 500 }, (_, i) => i),
    );
    for (let i = 1; i < sorted.length; i++)
      expect(startNs[sorted[i]!]!).toBeGreaterThanOrEqual(startNs[sorted[i - 1]!]!);
  });
});

describe('tracks', () => {
  it('are as many as intervals were open at once, and hold none over another', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 30 })), { maxLength: 60 }),
        (list) => {
          const sorted = [...list].sort((a, b) => a[0] - b[0]);
          const startNs = Float64Array.from(sorted, ([start]) => start);
          const endNs = Float64Array.from(sorted, ([start, length]) => start + length);
          const { count, trackOf } = layOutTracks(startNs, endNs);
          const openAt = (ns: number): number =>
            sorted.filter(([start, length]) => start <= ns && ns < start + length).length;
          expect(count).toBe(Math.max(0, ...sorted.map(([start]) => openAt(start))));
          sorted.forEach((_, i) => {
            for (let j = 0; j < i; j++)
              if (trackOf[i] === trackOf[j]) expect(endNs[j]!).toBeLessThanOrEqual(startNs[i]!);
          });
        },
      ),
    );
  });
});

describe('the lanes of a run', () => {
  it('hold every span once, in the lane of its layer, sockets apart', () => {
    const drawn = layout.lanes.flatMap(({ spans }) => [...spans]);
    expect(drawn.sort((a, b) => a - b)).toEqual(positions);
    for (const span of positions) {
      const lane = layout.laneOf(span)!;
      expect(lane.layer).toBe(index.aside[span] === 1 ? undefined : index.spans[span]!.layer);
      expect(lane.spans[layout.placeOf[span]!]).toBe(span);
    }
    expect(layout.lanes.at(-1)?.title).toBe('connections');
  });

  it('add up to the critical path', () => {
    const onPath = view.path.reduce((sum, piece) => sum + piece.endNs - piece.startNs, 0);
    expect(layout.lanes.reduce((sum, { pathNs }) => sum + pathNs, 0)).toBe(onPath);
  });

  it('hold only what the run waited for, when only that is asked for', () => {
    const critical = layOutLanes(
      { ...index, layer: index.columns.spans.layer },
      path.columns,
      (span) => path.subtreeNs[span]! > 0,
    );
    const drawn = critical.lanes.flatMap(({ spans }) => [...spans]);
    expect(drawn.sort((a, b) => a - b)).toEqual(positions.filter((span) => path.subtreeNs[span]! > 0));
    expect(critical.laneOf(path.subtreeNs.indexOf(0))).toBeUndefined();
  });

  it('have a row a track when open, else one', () => {
    const closed = new LaneRows(layout, new Set());
    const open = new LaneRows(layout, everyCode);
    expect(closed.length).toBe(layout.lanes.length);
    expect(open.length).toBe(layout.lanes.reduce((sum, { tracks }) => sum + tracks, 0));
    for (const span of positions) {
      const row = open.at(open.rowOf(span))!;
      expect([row.lane, row.track]).toEqual([layout.laneOf(span), layout.trackOf[span]]);
      expect(closed.at(closed.rowOf(span))!.lane).toBe(layout.laneOf(span));
    }
    expect(open.at(open.length)).toBeUndefined();
  });

  it('open first where the verdict points, however many rows that takes less than there are', () => {
    const guilty = layout.laneOf(named('Seq Scan on orders'))!;
    const room = layout.lanes.length - 1 + guilty.tracks;
    const tall = layout.lanes.filter(({ code }) => firstOpen(layout, guilty, room).has(code));
    expect(tall.filter(({ tracks }) => tracks > 1)).toEqual([guilty]);
    expect(firstOpen(layout, guilty, layout.lanes.length).has(guilty.code)).toBe(false);
  });
});

describe('a row of a lane, drawn', () => {
  const input = (more: Partial<RasterInput> = {}): RasterInput => ({
    window: { startNs: 0, endNs: view.report.wallNs },
    width: 500,
    ownPathNs: path.ownNs,
    path: path.columns,
    failed: (span) => hasFailed(index, span),
    lit: undefined,
    ...more,
  });
  const open = new LaneRows(layout, everyCode);
  const rowsOf = (rows: LaneRows, given: RasterInput) =>
    Array.from({ length: rows.length }, (_, i) => ({
      row: rows.at(i)!,
      raster: rasterOf(rows.at(i)!, given),
    }));
  const pixel = (ns: number, { window, width }: RasterInput): number =>
    ((ns - window.startNs) * width) / (window.endNs - window.startNs);

  it.each([
    ['the whole run', input()],
    ['a window', input({ window: { startNs: 900e6, endNs: 1_100e6 } })],
    ['very few pixels', input({ width: 7 })],
  ])('leaves no span out: %s', (_, given) => {
    const rasters = rowsOf(open, given);
    for (const span of positions) {
      const [start, end] = [pixel(index.startNs[span]!, given), pixel(index.endNs[span]!, given)];
      if (end < 0 || start > given.width) continue;
      const { raster } = rasters[open.rowOf(span)]!;
      const inPixels = raster.thin.some(({ from, to }) => start < to && end >= from);
      expect(raster.bars.includes(span) || inPixels, index.spans[span]!.name).toBe(true);
    }
  });

  it('shows in a closed lane where anything of it lay, and where the path went', () => {
    const given = input();
    const closed = new LaneRows(layout, new Set());
    const database = layout.lanes.find(({ layer }) => layer === 'db')!;
    const { thin } = rasterOf(closed.at(closed.firstRowOf(database))!, given);
    const scan = named('Seq Scan on orders');
    const middle = pixel((index.startNs[scan]! + index.endNs[scan]!) / 2, given);
    expect(thin.find(({ from, to }) => from <= middle && middle < to)?.shows).toBe('path');
    const first = pixel(Math.min(...database.startNs), given);
    expect(thin.every(({ from }) => from >= Math.floor(first))).toBe(true);
  });

  it('keeps what was searched for apart from what shares its pixel', () => {
    const one = named('A shop.example @ 198.51.100.3:53');
    const given = input({ width: 40, lit: (span) => span === one });
    const { raster } = rowsOf(open, given)[open.rowOf(one)]!;
    expect(raster.thin.filter(({ lit }) => lit)).toHaveLength(1);
  });
});

describe('walking through lanes', () => {
  const open = new LaneRows(layout, everyCode);

  it('goes along a row in the order of time, and stops at its ends', () => {
    const lane = layout.lanes.find(({ layer }) => layer === 'network')!;
    const track = lane.spans.subarray(lane.firstOf[0], lane.firstOf[1]);
    let span = track[0]!;
    for (const next of track.subarray(1)) {
      expect(alongRow(open, span, 1)).toBe(next);
      expect(alongRow(open, next, -1)).toBe(span);
      span = next;
    }
    expect(alongRow(open, span, 1)).toBe(span);
  });

  it('goes through all of a closed lane', () => {
    const closed = new LaneRows(layout, new Set());
    const lane = layout.lanes.find(({ layer }) => layer === 'db')!;
    const seen = new Set<number>();
    let span = lane.spans[lane.startNs.indexOf(Math.min(...lane.startNs))]!;
    for (let next = alongRow(closed, span, 1); next !== span; next = alongRow(closed, span, 1)) {
      seen.add(span);
      span = next;
    }
    expect(seen.size + 1).toBe(lane.spans.length);
  });

  it('goes to what happened then in the row below', () => {
    const scan = named('Seq Scan on orders');
    const below = acrossRows(open, named('HashAggregate'), 1, index.startNs[scan]! + 1);
    expect(below).toBe(scan);
  });
});

it('threads lead from span to span where the critical path went over', () => {
  const window = { startNs: 0, endNs: view.report.wallNs };
  const found = handoversIn(path.columns, window, 1e6);
  for (const { ns, from, to } of found) {
    const next = view.path.findIndex((piece) => piece.startNs === ns && path.columns.span.length > 0);
    expect(next).toBeGreaterThan(0);
    expect(from).not.toBe(to);
  }
  expect(found.map(({ to }) => to)).toContain(named('Seq Scan on orders'));
  expect(handoversIn(path.columns, window, 10).length).toBeLessThan(found.length);
});
