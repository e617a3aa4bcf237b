/** Two canvases on top of each other: the grid of the time axis under the names, the bars over them. */
import type { ScaleLinear } from 'd3';
import { el } from '../element.ts';
import { createHatch, paintRow } from './bar-painter.ts';
import type { RowBars } from './bars.ts';
import type { Geometry } from './geometry.ts';
import { type Palette, readPalette } from './palette.ts';
import { tickCount } from './ticks.ts';

export interface PlacedRow {
  readonly bars: RowBars;
  /** Pixels from the top of the stage. */
  readonly top: number;
}

export class BarCanvas {
  readonly grid = el('canvas', { class: 'grid', 'aria-hidden': true });
  readonly bars = el('canvas', { class: 'bars', 'aria-hidden': true });
  private readonly gridPen = penOf(this.grid);
  private readonly pen = penOf(this.bars);
  private palette: Palette | undefined;
  private hatch: CanvasPattern | null = null;
  private ratio = 1;
  private height = 0;

  /** In CSS pixels. Setting a canvas's size wipes it, so only when it is another. */
  resize(width: number, height: number): void {
    this.ratio = window.devicePixelRatio || 1;
    this.height = height;
    const [w, h] = [Math.round(width * this.ratio), Math.round(height * this.ratio)];
    if (this.bars.width === w && this.bars.height === h) return;
    for (const canvas of [this.grid, this.bars]) [canvas.width, canvas.height] = [w, h];
    this.hatch = null;
  }

  /** The colours are read again at the next painting. */
  forgetColours(): void {
    this.palette = undefined;
    this.hatch = null;
  }

  paint(
    rows: readonly PlacedRow[],
    geometry: Geometry,
    x: ScaleLinear<number, number>,
    lit: ((span: number) => boolean) | undefined,
  ): void {
    this.palette ??= readPalette(this.bars);
    this.hatch ??= createHatch(this.pen, this.palette);
    const { pen, palette, hatch } = this;
    this.paintGrid(palette, geometry, x);
    this.clear(pen, geometry.width);
    pen.save();
    pen.beginPath();
    pen.rect(geometry.chartLeft - 2, 0, geometry.width, this.height);
    pen.clip();
    const painting = { context: pen, palette, geometry, x, lit, hatch };
    for (const { bars, top } of rows) paintRow(painting, bars, top);
    pen.restore();
  }

  private paintGrid(palette: Palette, geometry: Geometry, x: ScaleLinear<number, number>): void {
    this.clear(this.gridPen, geometry.width);
    this.gridPen.fillStyle = palette.line;
    for (const tick of x.ticks(tickCount(geometry.width - geometry.chartLeft))) {
      this.gridPen.fillRect(Math.round(x(tick)), 0, 1, this.height);
    }
  }

  private clear(pen: CanvasRenderingContext2D, width: number): void {
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, width, this.height);
  }
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('This browser gives no 2D canvas to draw on.');
  return pen;
}
