/** Draws bars on a canvas: time becomes pixels here and nowhere else. */
import type { Mark } from '../trace/marks.ts';
import type { Bar, RowBars } from './bars.ts';
import type { Geometry } from './geometry.ts';
import { drawMark } from './mark-shape.ts';
import { hatchPattern, type Palette } from './palette.ts';
import type { Pen } from './pen.ts';

/** Anything shorter still gets this many pixels, or it could not be found. */
const LEAST_PX = 1.5;
const RADIUS_PX = 2;
const THIN_PX = 4;
const DIMMED_ALPHA = 0.16;

export interface Painting {
  readonly context: Pen;
  readonly palette: Palette;
  readonly geometry: Geometry;
  readonly x: (ns: number) => number;
  /** True for spans that are to stand out; undefined when none is. */
  readonly lit: ((span: number) => boolean) | undefined;
  readonly hatch: CanvasPattern | string | null;
}

export function createHatch(context: CanvasRenderingContext2D, palette: Palette): CanvasPattern | null {
  return hatchPattern(context, palette.hatch, window.devicePixelRatio || 1);
}

/** One row whose top is at `top` pixels. */
export function paintRow(painting: Painting, row: RowBars, top: number): void {
  const { context, geometry } = painting;
  const height = row.thin ? THIN_PX : geometry.barHeight;
  const y = top + geometry.barTop + (geometry.barHeight - height) / 2;
  paintBars(painting, row.bars, y, height);
  context.globalAlpha = 1;
  if (row.spare) paintOutline(painting, row, y, height);
  if (row.struck) paintStrike(painting, row, y, height);
  if (!row.thin) paintPathLine(painting, row, top + geometry.barTop + geometry.barHeight + 2);
  if (row.failed) paintError(painting, row, y, height);
  for (const mark of row.marks) paintMark(painting, mark, y + height / 2);
}

/**
 * Bars thinner than a pixel that begin in the same one, one after the other: the last lies on top, so only it is painted.
 *
 * ```
 * // bars     ||| ||    |===|  |||||      a closed row above a thousand spans
 * // painted    |  |    |===|      |
 * ```
 */
function paintBars(painting: Painting, bars: readonly Bar[], y: number, height: number): void {
  const { x } = painting;
  let top: Bar | undefined;
  let topPx = 0;
  for (const bar of bars) {
    const left = x(bar.startNs);
    const px = x(bar.endNs) - left < 1 ? Math.round(left) : Number.NaN;
    if (top && px !== topPx) paintBar(painting, top, y, height);
    top = bar;
    topPx = px;
  }
  if (top) paintBar(painting, top, y, height);
}

function paintBar(
  { context, palette, geometry, x, lit, hatch }: Painting,
  bar: Bar,
  y: number,
  height: number,
): void {
  const left = Math.max(x(bar.startNs), geometry.chartLeft - RADIUS_PX);
  const right = Math.min(x(bar.endNs), geometry.width);
  if (right < geometry.chartLeft || left > geometry.width) return;
  const width = Math.max(right - left, LEAST_PX);
  context.globalAlpha = lit && !lit(bar.span) ? DIMMED_ALPHA : 1;
  context.fillStyle = palette.fill[bar.layer][bar.tone];
  box(context, left, y, width, height);
  if ((bar.inferred || bar.layer === 'unknown') && hatch && bar.tone !== 'wait') {
    context.fillStyle = hatch;
    box(context, left, y, width, height);
  }
}

function box(context: Pen, left: number, top: number, width: number, height: number): void {
  // A path costs ten times as much as a rectangle, and nobody sees corners this small.
  if (width <= 2 * RADIUS_PX) {
    context.fillRect(left, top, width, height);
    return;
  }
  context.beginPath();
  context.roundRect(left, top, width, height, RADIUS_PX);
  context.fill();
}

function paintPathLine({ context, palette, geometry, x, lit }: Painting, row: RowBars, y: number): void {
  context.fillStyle = palette.ink;
  context.globalAlpha = lit ? 0.35 : 1;
  for (const [startNs, endNs] of row.line) {
    const left = Math.max(x(startNs), geometry.chartLeft);
    const right = Math.min(x(endNs), geometry.width);
    if (right >= geometry.chartLeft && left <= geometry.width) {
      context.fillRect(left, y, Math.max(right - left, 1), 1.5);
    }
  }
  context.globalAlpha = 1;
}

/** A frame: colour alone would not tell an error from a layer. */
function paintError(painting: Painting, row: RowBars, y: number, height: number): void {
  const box = boxOf(painting, row);
  if (!box) return;
  painting.context.strokeStyle = painting.palette.error;
  painting.context.lineWidth = 1.5;
  painting.context.strokeRect(box.left, y, box.width, height);
}

function paintOutline(painting: Painting, row: RowBars, y: number, height: number): void {
  const box = boxOf(painting, row);
  if (!box) return;
  const { context, palette } = painting;
  context.strokeStyle = palette.mute;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.strokeRect(box.left, y + 0.5, box.width, height - 1);
  context.setLineDash([]);
}

/** Crossed from corner to corner, whatever its length. */
function paintStrike(painting: Painting, row: RowBars, y: number, height: number): void {
  const box = boxOf(painting, row);
  if (!box) return;
  const { context, palette } = painting;
  const right = box.left + Math.max(box.width, height);
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(box.left, y);
  context.lineTo(right, y + height);
  context.moveTo(box.left, y + height);
  context.lineTo(right, y);
  context.stroke();
}

/** Where the row's first bar lies on screen; undefined outside of it. */
function boxOf({ geometry, x }: Painting, row: RowBars): { left: number; width: number } | undefined {
  const first = row.bars[0];
  if (!first) return undefined;
  const left = Math.max(x(first.startNs), geometry.chartLeft);
  const width = Math.max(Math.min(x(first.endNs), geometry.width) - left, LEAST_PX);
  return left > geometry.width || left + width < geometry.chartLeft ? undefined : { left, width };
}

function paintMark({ context, palette, geometry, x }: Painting, mark: Mark, y: number): void {
  const centre = x(mark.timeNs);
  if (centre < geometry.chartLeft || centre > geometry.width) return;
  context.save();
  context.translate(centre, y);
  drawMark(context, palette, mark.kind);
  context.restore();
}
