/**
 * One quantity of a host over the window, as steps on a canvas: each value held since the instant before it.
 *
 * ```
 * // limit  - - - - - - - - - - - -
 * //             ____
 * //        ____|    |__
 * // value |___________|_____|
 * ```
 */
import type { Lane } from '../../src/model/report.ts';
import type { Nanos } from '../../src/model/time.ts';
import { ceilingOf, firstStart } from '../trace/lane-facts.ts';

export const LANE_HEIGHT_PX = 26;
const TOP_PX = 3;

export interface LaneColours {
  readonly area: string;
  readonly line: string;
  readonly limit: string;
  readonly ground: string;
}

export function readLaneColours(element: Element): LaneColours {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    area: colour('--select'),
    line: colour('--accent'),
    limit: colour('--bad'),
    ground: colour('--line'),
  };
}

export function paintLane(
  canvas: HTMLCanvasElement,
  lane: Lane,
  x: (ns: Nanos) => number,
  width: number,
  colours: LaneColours,
): void {
  const pen = resized(canvas, width);
  if (!pen) return;
  const ceiling = ceilingOf(lane);
  const y = (value: number): number =>
    LANE_HEIGHT_PX - 1 - (Math.max(0, Math.min(value, ceiling)) / ceiling) * (LANE_HEIGHT_PX - 1 - TOP_PX);
  pen.fillStyle = colours.ground;
  pen.fillRect(0, LANE_HEIGHT_PX - 1, width, 1);
  const points = stepPoints(lane, x, width, y);
  const [first, last] = [points[0], points.at(-1)];
  if (first && last) {
    pen.beginPath();
    for (const [px, py] of points) pen.lineTo(px, py);
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.lineTo(last[0], LANE_HEIGHT_PX - 1);
    pen.lineTo(first[0], LANE_HEIGHT_PX - 1);
    pen.fillStyle = colours.area;
    pen.globalCompositeOperation = 'destination-over';
    pen.fill();
    pen.globalCompositeOperation = 'source-over';
  }
  if (lane.limit !== undefined && lane.limit <= ceiling) paintLimit(pen, y(lane.limit), width, colours.limit);
}

function stepPoints(
  { timesNs, values }: Lane,
  x: (ns: Nanos) => number,
  width: number,
  y: (value: number) => number,
): [number, number][] {
  const points: [number, number][] = [];
  let from = x(firstStart(timesNs));
  for (const [i, time] of timesNs.entries()) {
    const to = x(time);
    if (to >= 0 && from <= width) points.push([from, y(values[i] ?? 0)], [to, y(values[i] ?? 0)]);
    from = to;
  }
  return points;
}

function paintLimit(pen: CanvasRenderingContext2D, y: number, width: number, colour: string): void {
  pen.beginPath();
  pen.setLineDash([5, 4]);
  pen.moveTo(0, y);
  pen.lineTo(width, y);
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.stroke();
  pen.setLineDash([]);
}

/** Wiped, at the screen's own resolution. */
function resized(canvas: HTMLCanvasElement, width: number): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(LANE_HEIGHT_PX * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const pen = canvas.getContext('2d');
  pen?.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen?.clearRect(0, 0, width, LANE_HEIGHT_PX);
  return pen;
}
