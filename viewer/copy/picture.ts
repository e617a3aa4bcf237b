/**
 * The waterfall as a picture that stands for itself: verdict on top, axis, rows with names and bars, legend below.
 * Drawn by the painter of the screen; with a canvas's pen it becomes PNG, with an `SvgPen` SVG.
 */
import { LAYER_NAME, type Layer } from '../../src/model/layer.ts';
import { cutTo } from '../cut-text.ts';
import { type Painting, paintRow } from '../waterfall/bar-painter.ts';
import type { RowBars } from '../waterfall/bars.ts';
import type { Geometry } from '../waterfall/geometry.ts';
import type { Palette } from '../waterfall/palette.ts';
import type { Pen } from '../waterfall/pen.ts';

export interface PictureRow {
  readonly name: string;
  readonly note: string;
  /** Where the name begins; the triangle stands before it. */
  readonly indentPx: number;
  /** `true` open, `false` closed, undefined without rows below. */
  readonly open: boolean | undefined;
  readonly selected: boolean;
  /** What the verdict blames. */
  readonly guilty: boolean;
  readonly quiet: boolean;
  readonly failed: boolean;
  readonly duration: { readonly text: string; readonly at: number; readonly endsThere: boolean } | undefined;
  readonly bars: RowBars;
}

export interface Picture {
  readonly title: string;
  readonly subtitle: string;
  readonly geometry: Geometry;
  readonly x: (ns: number) => number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  readonly rows: readonly PictureRow[];
  /** Draws what lies over the rows from their top on: lanes draw all of theirs at once. */
  readonly over?: (painting: Painting, measure: Measure) => void;
  readonly layers: readonly Layer[];
  readonly lit: ((span: number) => boolean) | undefined;
  readonly palette: Palette;
  /** `system-ui, sans-serif` */
  readonly fontFamily: string;
}

/** Width of a text in a CSS font. */
export type Measure = (text: string, font: string) => number;

const EDGE_PX = 14;
const TITLE = { line: 22, size: 16 };
const SUBTITLE_PX = 20;
const AXIS_PX = 24;
const LEGEND_PX = 30;
const BASELINE_PX = 4;
const TWISTY_PX = 14;
const NOTE_GAP_PX = 8;
const MOST_TITLE_LINES = 4;
/** Between a name and the bars; a stacked row's name leaves room for its duration. */
const NAMES_GAP_PX = 8;
const STACKED_DURATION_PX = 76;

/** The picture with its texts laid out: how high it is, and how to draw it. */
export interface LaidOut {
  readonly width: number;
  readonly height: number;
  draw(pen: Pen, hatch: CanvasPattern | string | null): void;
}

export function layOut(picture: Picture, measure: Measure): LaidOut {
  const { geometry, rows } = picture;
  const title = wrap(picture.title, geometry.width - 2 * EDGE_PX, (text) =>
    measure(text, fontOf(picture, TITLE.size, 650)),
  );
  const rowsTop = EDGE_PX + title.length * TITLE.line + SUBTITLE_PX + AXIS_PX;
  const rowsEnd = rowsTop + rows.length * geometry.rowHeight;
  const height = rowsEnd + LEGEND_PX;
  return {
    width: geometry.width,
    height,
    draw(pen, hatch) {
      ground(pen, picture, height);
      drawHead(pen, picture, title, measure);
      drawAxis(pen, picture, rowsTop, rowsEnd);
      const { palette, lit, x } = picture;
      const painting = { context: pen, palette, geometry, x, lit, hatch };
      rows.forEach((row, i) => {
        const top = rowsTop + i * geometry.rowHeight;
        drawName(pen, picture, row, top, measure);
        paintRow(painting, row.bars, top);
        pen.globalAlpha = 1;
        drawDuration(pen, picture, row, top);
      });
      if (picture.over) {
        pen.save();
        pen.translate(0, rowsTop);
        picture.over(painting, measure);
        pen.restore();
      }
      drawLegend(pen, picture, rowsEnd, measure);
    },
  };
}

const fontOf = ({ fontFamily }: Picture, px: number, weight = 400): string =>
  `${weight} ${px}px ${fontFamily}`;

function ground(pen: Pen, { palette, geometry }: Picture, height: number): void {
  pen.fillStyle = palette.background;
  pen.fillRect(0, 0, geometry.width, height);
}

interface Words {
  readonly px: number;
  readonly colour: string;
  readonly weight?: number;
  readonly align?: CanvasTextAlign;
}

function write(pen: Pen, picture: Picture, text: string, x: number, y: number, words: Words): void {
  pen.font = fontOf(picture, words.px, words.weight);
  pen.fillStyle = words.colour;
  pen.textAlign = words.align ?? 'left';
  pen.fillText(text, x, y);
}

function drawHead(pen: Pen, picture: Picture, title: readonly string[], measure: Measure): void {
  const { palette, geometry } = picture;
  const top = EDGE_PX + BASELINE_PX;
  title.forEach((line, i) => {
    write(pen, picture, line, EDGE_PX, top + 10 + i * TITLE.line, {
      px: TITLE.size,
      weight: 650,
      colour: palette.ink,
    });
  });
  const subtitle = cutTo(picture.subtitle, geometry.width - 2 * EDGE_PX, (text) =>
    measure(text, fontOf(picture, 12)),
  );
  write(pen, picture, subtitle, EDGE_PX, top + 8 + title.length * TITLE.line, {
    px: 12,
    colour: palette.mute,
  });
}

function drawAxis(pen: Pen, picture: Picture, rowsTop: number, rowsEnd: number): void {
  const { palette, ticks, geometry } = picture;
  for (const { at, text } of ticks) {
    pen.fillStyle = palette.line;
    pen.fillRect(Math.round(at), rowsTop - 4, 1, rowsEnd - rowsTop + 4);
    // The first label would be cut in half by the names' edge.
    const align = at - geometry.chartLeft < 20 ? 'left' : 'center';
    write(pen, picture, text, at, rowsTop - 8, { px: 11, colour: palette.mute, align });
  }
}

function drawName(pen: Pen, picture: Picture, row: PictureRow, top: number, measure: Measure): void {
  const { palette, geometry } = picture;
  const lineHeight = geometry.stacked ? geometry.barTop : geometry.rowHeight;
  const middle = top + lineHeight / 2;
  const end = geometry.stacked ? geometry.width - STACKED_DURATION_PX : geometry.chartLeft - NAMES_GAP_PX;
  if (row.selected) {
    pen.fillStyle = palette.accent;
    pen.globalAlpha = 0.13;
    pen.fillRect(0, top, geometry.width, geometry.rowHeight);
    pen.globalAlpha = 1;
    pen.fillRect(0, top, 3, geometry.rowHeight);
  }
  if (row.open !== undefined) drawTwisty(pen, palette.mute, row.indentPx - TWISTY_PX, middle, row.open);
  const weight = row.guilty ? 650 : 400;
  const colour = row.failed ? palette.error : row.quiet ? palette.mute : palette.ink;
  const widthIn = (px: number, bold: number) => (text: string) => measure(text, fontOf(picture, px, bold));
  const name = cutTo(row.name, end - row.indentPx, widthIn(13, weight));
  write(pen, picture, name, row.indentPx, middle + BASELINE_PX, { px: 13, weight, colour });
  const noteAt = row.indentPx + widthIn(13, weight)(name) + NOTE_GAP_PX;
  const note = cutTo(row.note, end - noteAt, widthIn(12, 400));
  const noteColour = row.failed ? palette.error : palette.mute;
  if (note) write(pen, picture, note, noteAt, middle + BASELINE_PX, { px: 12, colour: noteColour });
}

function drawTwisty(pen: Pen, colour: string, x: number, middle: number, open: boolean): void {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(x, middle - (open ? 3 : 4));
  if (open) pen.lineTo(x + 8, middle - 3);
  else pen.lineTo(x + 6, middle);
  pen.lineTo(open ? x + 4 : x, middle + (open ? 3 : 4));
  pen.closePath();
  pen.fill();
}

function drawDuration(pen: Pen, picture: Picture, { duration, guilty }: PictureRow, top: number): void {
  if (!duration) return;
  const { palette, geometry } = picture;
  const lineHeight = geometry.stacked ? geometry.barTop : geometry.rowHeight;
  write(pen, picture, duration.text, duration.at, top + lineHeight / 2 + BASELINE_PX, {
    px: 11,
    weight: guilty ? 600 : 400,
    colour: guilty ? palette.ink : palette.mute,
    align: duration.endsThere ? 'right' : 'left',
  });
}

function drawLegend(pen: Pen, picture: Picture, top: number, measure: Measure): void {
  const { palette, layers, geometry } = picture;
  let x = EDGE_PX;
  for (const layer of layers) {
    const width = measure(LAYER_NAME[layer], fontOf(picture, 12)) + 32;
    if (x + width > geometry.width) return;
    pen.fillStyle = palette.fill[layer].path;
    pen.fillRect(x, top + 10, 10, 10);
    write(pen, picture, LAYER_NAME[layer], x + 15, top + 19, { px: 12, colour: palette.ink });
    x += width;
  }
}

/** Lines of whole words; what does not fit into the last line is cut off and said to be. */
export function wrap(text: string, room: number, widthOf: (text: string) => number): string[] {
  const lines: string[] = [];
  let line = '';
  const words = text.split(/\s+/).filter(Boolean);
  for (const [i, word] of words.entries()) {
    const longer = line ? `${line} ${word}` : word;
    if (line === '' || widthOf(longer) <= room) {
      line = longer;
      continue;
    }
    if (lines.length === MOST_TITLE_LINES - 1) {
      line = [line, ...words.slice(i)].join(' ');
      break;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line].map((one) => cutTo(one, room, widthOf));
}
