/** From ranks and offsets to pixels: to the right where there is room, downwards on a narrow screen. */
import { curveBumpX, curveBumpY, line } from 'd3';
import type { Pipe, Pipes } from '../../src/model/pipes.ts';
import { type LayoutPipe, layOut, type Spot } from './layout.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
}

export interface Drawn {
  readonly isDown: boolean;
  readonly width: number;
  readonly height: number;
  readonly stationWidth: number;
  readonly stationHeight: number;
  /** Station id → its top left corner. */
  readonly boxes: ReadonlyMap<string, Box>;
  /** Pipe id → its line, and where its sign is: the middle of what has room. */
  readonly lines: ReadonlyMap<string, { readonly d: string; readonly sign: Box }>;
}

/** Narrower than this the water runs down. */
const ACROSS_FROM_PX = 760;
const STATION = { width: 148, height: 94, gap: 40 };
const NARROW = { width: 146, height: 96, gap: 16 };
/** Between two ranks: room for a sign, and on wide screens not so much that the eye loses the pipe. */
const RANK_GAP = { least: 74, most: 240, down: 124 };
/** Above the stations: room for the flag of the guilty one. */
const MARGIN = { side: 16, top: 44, bottom: 20 };
const PASSAGE_PX = 46;

export function geometryOf(pipes: Pipes, availablePx: number): Drawn {
  return availablePx < ACROSS_FROM_PX ? down(pipes, availablePx) : across(pipes, availablePx);
}

function across(pipes: Pipes, availablePx: number): Drawn {
  const { width, height, gap } = STATION;
  const layout = layOut(ids(pipes), pipes.pipes, pipes.source, { breadth: height, gap, passage: PASSAGE_PX });
  const free = availablePx - 2 * MARGIN.side - layout.ranks * width;
  const rankGap = Math.min(RANK_GAP.most, Math.max(RANK_GAP.least, free / Math.max(1, layout.ranks - 1)));
  const inner = layout.ranks * width + (layout.ranks - 1) * rankGap;
  const left = Math.max(MARGIN.side, (availablePx - inner) / 2);
  const at = ({ rank, offset }: Spot): Box => ({
    x: left + rank * (width + rankGap),
    y: MARGIN.top + offset - height / 2,
  });
  const boxes = new Map([...layout.spots].map(([id, spot]) => [id, at(spot)]));
  const ports = portsOf(pipes.pipes, boxes, height, 'y');
  const lines = new Map<string, { d: string; sign: Box }>();
  const nearer = endsOf(pipes.pipes);
  for (const pipe of pipes.pipes) {
    const [from, to, port] = [boxes.get(pipe.from), boxes.get(pipe.to), ports.get(pipe.id)];
    if (!from || !to || !port) continue;
    const isBack = to.x <= from.x;
    const start = { x: from.x + (isBack ? 0 : width), y: port.from };
    const end = { x: to.x + (isBack ? width : 0), y: port.to };
    const passed = (layout.passages.get(pipe.id) ?? []).flatMap((spot) => {
      const { x, y } = at(spot);
      const middle = y + height / 2;
      return isBack
        ? [
            { x: x + width, y: middle },
            { x, y: middle },
          ]
        : [
            { x, y: middle },
            { x: x + width, y: middle },
          ];
    });
    const points = [start, ...passed, end];
    lines.set(pipe.id, { d: bump(points, 'x'), sign: signOf(points, nearer(pipe)) });
  }
  const bottom = MARGIN.top + layout.breadth + MARGIN.bottom;
  return {
    isDown: false,
    width: Math.max(availablePx, inner + 2 * MARGIN.side),
    height: bottom,
    stationWidth: width,
    stationHeight: height,
    boxes,
    lines,
  };
}

/** A rank with more stations than fit beside each other goes on in the next row. */
function down(pipes: Pipes, availablePx: number): Drawn {
  const { width, height, gap } = NARROW;
  const layout = layOut(ids(pipes), pipes.pipes, pipes.source, { breadth: width, gap, passage: 0 });
  const perRow = Math.max(1, Math.floor((availablePx - 2 * MARGIN.side + gap) / (width + gap)));
  const boxes = new Map<string, Box>();
  let y = MARGIN.top;
  for (let rank = 0; rank < layout.ranks; rank++) {
    const here = [...layout.spots]
      .filter(([, spot]) => spot.rank === rank)
      .sort((a, b) => a[1].offset - b[1].offset);
    for (let i = 0; i < here.length; i += perRow) {
      const row = here.slice(i, i + perRow);
      const left = (availablePx - (row.length * (width + gap) - gap)) / 2;
      for (const [n, [id]] of row.entries()) boxes.set(id, { x: left + n * (width + gap), y });
      y += height + RANK_GAP.down;
    }
  }
  const ports = portsOf(pipes.pipes, boxes, width, 'x');
  const lines = new Map<string, { d: string; sign: Box }>();
  const nearer = endsOf(pipes.pipes);
  for (const pipe of pipes.pipes) {
    const [from, to, port] = [boxes.get(pipe.from), boxes.get(pipe.to), ports.get(pipe.id)];
    if (!from || !to || !port) continue;
    const isBack = to.y <= from.y;
    const start = { x: port.from, y: from.y + (isBack ? 0 : height) };
    const end = { x: port.to, y: to.y + (isBack ? height : 0) };
    const sign = {
      x: start.x + nearer(pipe) * (end.x - start.x),
      y: end.y + (isBack ? 1 : -1) * (RANK_GAP.down / 2),
    };
    lines.set(pipe.id, { d: bump([start, end], 'y'), sign });
  }
  return {
    isDown: true,
    width: availablePx,
    height: y - RANK_GAP.down + MARGIN.bottom,
    stationWidth: width,
    stationHeight: height,
    boxes,
    lines,
  };
}

const ids = ({ stations }: Pipes): string[] => stations.map(({ id }) => id);

const bump = (points: readonly Box[], along: 'x' | 'y'): string =>
  line<Box>()
    .x(({ x }) => x)
    .y(({ y }) => y)
    .curve(along === 'x' ? curveBumpX : curveBumpY)(points) ?? '';

/**
 * In the first stretch behind stations that are passed, else in the only one: sideways in the middle, and up and down
 * nearer to the end where fewer pipes come together, for there is room.
 */
function signOf(points: readonly Box[], nearer: number): Box {
  if (points.length > 2) return { x: (points[1]!.x + points[2]!.x) / 2, y: points[1]!.y };
  const [a, b] = [points[0]!, points.at(-1)!];
  return { x: (a.x + b.x) / 2, y: a.y + nearer * (b.y - a.y) };
}

/** A sign between two stations is never further than this from their middle: it must lie on its pipe. */
const [NEAR_START, NEAR_END] = [0.3, 0.7];

function endsOf(pipes: readonly LayoutPipe[]): (pipe: LayoutPipe) => number {
  const out = new Map<string, number>();
  const into = new Map<string, number>();
  for (const { from, to } of pipes) {
    out.set(from, (out.get(from) ?? 0) + 1);
    into.set(to, (into.get(to) ?? 0) + 1);
  }
  return ({ from, to }) => {
    const more = (out.get(from) ?? 0) - (into.get(to) ?? 0);
    return more === 0 ? 0.5 : more > 0 ? NEAR_END : NEAR_START;
  };
}

/** Where on the side of its stations each pipe begins and ends: side by side, in the order of the other ends. */
function portsOf(
  pipes: readonly LayoutPipe[],
  boxes: ReadonlyMap<string, Box>,
  side: number,
  axis: 'x' | 'y',
): Map<string, { from: number; to: number }> {
  const ports = new Map<string, { from: number; to: number }>(
    pipes.map(({ id }) => [id, { from: 0, to: 0 }]),
  );
  for (const end of ['from', 'to'] as const) {
    const other = end === 'from' ? 'to' : 'from';
    for (const [id, box] of boxes) {
      const own = pipes
        .filter((pipe) => pipe[end] === id && boxes.has(pipe[other]))
        .sort((a, b) => boxes.get(a[other])![axis] - boxes.get(b[other])![axis]);
      own.forEach((pipe, i) => {
        ports.get(pipe.id)![end] = box[axis] + (side * (i + 1)) / (own.length + 1);
      });
    }
  }
  return ports;
}

/** Thickest for the most calls; the area, not the width, goes with the number. */
export function thicknessOf(pipes: readonly Pick<Pipe, 'calls'>[]): (calls: number) => number {
  const most = Math.max(1, ...pipes.map(({ calls }) => calls));
  return (calls) => 4 + 14 * Math.sqrt(calls / most);
}
