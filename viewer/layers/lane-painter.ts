/** Draws the rows of lanes: thin bars by pixel, the others as the waterfall draws them, with their names where they fit. */
import type { Layer } from '../../src/model/layer.ts';
import { cutTo } from '../cut-text.ts';
import { type Painting, paintRow } from '../waterfall/bar-painter.ts';
import type { RowBars } from '../waterfall/bars.ts';
import type { RasterRow, ThinRun } from './lane-raster.ts';

const DIMMED_ALPHA = 0.16;
/** A name shorter than this tells nothing. */
const NAME_FROM_PX = 34;
const NAME_PAD_PX = 4;
const NAME_PX = 11;
/** Light enough to see the bar through, dense enough for letters to hold their contrast in every layer's colour. */
const PLATE_ALPHA = 0.86;
const OUTLINE_PX = 2;

export interface NamedBar {
  readonly span: number;
  readonly name: string;
  readonly bars: RowBars;
  readonly startNs: number;
  readonly endNs: number;
  /** What the verdict blames: framed. */
  readonly guilty: boolean;
}

export interface LanePainting extends Painting {
  readonly font: string;
  /** Width of a text in `font`. */
  measure(text: string): number;
}

export interface PlacedLaneRow {
  readonly layer: Layer | undefined;
  readonly raster: RasterRow;
  readonly bars: readonly NamedBar[];
  readonly isFirst: boolean;
  readonly top: number;
}

export function paintLaneRow(painting: LanePainting, row: PlacedLaneRow): void {
  const { context, geometry, palette } = painting;
  if (row.isFirst && row.top > 0) {
    context.fillStyle = palette.line;
    context.fillRect(0, row.top - 1, geometry.width, 1);
  }
  for (const run of row.raster.thin) paintThin(painting, run, row);
  for (const bar of row.bars) paintRow(painting, bar.bars, row.top);
  context.globalAlpha = 1;
  for (const bar of row.bars) paintName(painting, bar, row.top);
}

/** The colour of what says nothing of its layer: sockets. */
const SOCKETS_LAYER: Layer = 'tcp';

function paintThin(
  { context, palette, geometry, lit }: LanePainting,
  { from, to, shows, lit: isLit }: ThinRun,
  { layer, top }: PlacedLaneRow,
): void {
  const fill = palette.fill[layer ?? SOCKETS_LAYER];
  context.globalAlpha = lit && !isLit ? DIMMED_ALPHA : 1;
  context.fillStyle = shows === 'failed' ? palette.error : fill[shows === 'path' ? 'path' : 'own'];
  const left = geometry.chartLeft + from;
  context.fillRect(left, top + geometry.barTop, to - from, geometry.barHeight);
  if (shows !== 'path') return;
  context.fillStyle = palette.ink;
  context.fillRect(left, top + geometry.barTop + geometry.barHeight + 2, to - from, 1.5);
}

function paintName(painting: LanePainting, bar: NamedBar, top: number): void {
  const { context, palette, geometry, x, lit } = painting;
  const left = Math.max(x(bar.startNs), geometry.chartLeft);
  const right = Math.min(x(bar.endNs), geometry.width);
  const y = top + geometry.barTop;
  if (bar.guilty) outline(painting, left, right, y);
  const room = right - left - 2 * NAME_PAD_PX;
  if (room < NAME_FROM_PX) return;
  context.font = painting.font;
  const text = cutTo(bar.name, room, painting.measure);
  if (text === '') return;
  const isDimmed = lit !== undefined && !lit(bar.span);
  context.globalAlpha = PLATE_ALPHA;
  context.fillStyle = palette.background;
  context.fillRect(left + 2, y + 2, painting.measure(text) + NAME_PAD_PX, geometry.barHeight - 4);
  context.globalAlpha = 1;
  context.fillStyle = isDimmed ? palette.mute : palette.ink;
  context.textAlign = 'left';
  context.fillText(text, left + NAME_PAD_PX, y + geometry.barHeight / 2 + NAME_PX * 0.36);
}

function outline({ context, palette, geometry }: LanePainting, left: number, right: number, y: number): void {
  context.strokeStyle = palette.ink;
  context.lineWidth = OUTLINE_PX;
  context.strokeRect(left, y - 1, Math.max(right - left, OUTLINE_PX), geometry.barHeight + 2);
}

/** The critical path from one row to another, at the instant when it went over. */
export function paintHandover(painting: LanePainting, ns: number, fromTop: number, toTop: number): void {
  const { context, palette, geometry, x, lit } = painting;
  const line = geometry.barTop + geometry.barHeight + 2;
  context.globalAlpha = lit ? 0.35 : 1;
  context.fillStyle = palette.ink;
  const [from, to] = [Math.min(fromTop, toTop) + line, Math.max(fromTop, toTop) + line];
  context.fillRect(Math.round(x(ns)), from, 1, to - from + 1.5);
  context.globalAlpha = 1;
}
