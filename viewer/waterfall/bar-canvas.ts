/** Two canvases on top of each other: the grid of the time axis under the names, the bars over them. */
import type { ScaleLinear } from 'd3';
import { el } from '../element.ts';
import { createHatch, type Painting } from './bar-painter.ts';
import type { Geometry } from './geometry.ts';
import { type Palette, readPalette } from './palette.ts';
import { tickCount } from './ticks.ts';

/** What a painter of rows gets; the pen of the screen can also say how wide a text would be. */
export interface ScreenPainting extends Painting {
  readonly context: CanvasRenderingContext2D;
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
    geometry: Geometry,
    x: ScaleLinear<number, number>,
    lit: ((span: number) => boolean) | undefined,
    paintRows: (painting: ScreenPainting) => void,
  ): void {
    this.palette ??= readPalette(this.bars);
    this.hatch ??= createHatch(this.pen, this.palette);
    const { pen, palette, hatch } = this;
    this.paintGrid(palette, geometry, x);
    this.clear(pen, geometry.width);
    this.paintWithin(0, this.height, { context: pen, palette, geometry, x, lit, hatch }, paintRows);
  }

  /**
   * What is painted already moves up by so many pixels; the rows painted are those of the strip that this leaves bare.
   * False when that cannot be done to the pixel: then all must be painted.
   *
   * ```
   * // before  | a b c d e f |        moved up by two
   * // after   | c d e f · · |        painted: · ·
   * ```
   */
  scroll(
    by: number,
    geometry: Geometry,
    x: ScaleLinear<number, number>,
    lit: ((span: number) => boolean) | undefined,
    paintRows: (painting: ScreenPainting, from: number, to: number) => void,
  ): boolean {
    const { pen, palette, hatch } = this;
    const px = by * this.ratio;
    if (!palette || Math.abs(by) >= this.height || px !== Math.round(px)) return false;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.globalCompositeOperation = 'copy';
    pen.drawImage(this.bars, 0, -px);
    pen.globalCompositeOperation = 'source-over';
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const [from, to] = by > 0 ? [this.height - by, this.height] : [0, -by];
    this.paintWithin(from, to, { context: pen, palette, geometry, x, lit, hatch }, (painting) =>
      paintRows(painting, from, to),
    );
    return true;
  }

  private paintWithin(
    top: number,
    bottom: number,
    painting: ScreenPainting,
    paintRows: (painting: ScreenPainting) => void,
  ): void {
    const { pen } = this;
    const { chartLeft, width } = painting.geometry;
    pen.save();
    pen.beginPath();
    pen.rect(chartLeft - 2, top, width, bottom - top);
    pen.clip();
    paintRows(painting);
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
