/** What is on screen in the waterfall, as a picture; and the picture as SVG and PNG, in the colours of now. */
import { LAYERS } from '../../src/model/layer.ts';
import { formatDuration, unixMsFromNano } from '../../src/model/time.ts';
import { plainText, shorten } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { leadOf, type Row } from '../trace/rows.ts';
import { at, spanAt } from '../trace/span-index.ts';
import { createHatch } from '../waterfall/bar-painter.ts';
import type { RowBars } from '../waterfall/bars.ts';
import { durationPlace } from '../waterfall/duration-place.ts';
import type { Geometry } from '../waterfall/geometry.ts';
import { readPalette } from '../waterfall/palette.ts';
import { INDENT_PX, LONGEST_NAME } from '../waterfall/row-elements.ts';
import { labelOf } from '../waterfall/row-label.ts';
import { formatTick, tickCount } from '../waterfall/ticks.ts';
import type { ShownRows } from '../waterfall/waterfall.ts';
import { type LaidOut, layOut, type Picture, type PictureRow } from './picture.ts';
import { SvgPen } from './svg-pen.ts';

/** Where the name of a row of the first level begins. */
const FIRST_INDENT_PX = 26;
const LONGEST_TITLE = 400;
/** Pictures are looked at on finer screens than the one that drew them. */
const LEAST_RATIO = 2;

export function pictureOf(state: RunState, { rows, geometry, x }: ShownRows): Picture {
  return {
    ...frameOf(state, geometry, x),
    rows: rows.map(({ row, bars }) => pictureRow(state, row, bars, { geometry, x })),
    layers: layersOf(rows),
  };
}

/** Everything but the rows. */
export function frameOf(
  state: RunState,
  geometry: Geometry,
  x: ShownRows['x'],
): Omit<Picture, 'rows' | 'layers'> {
  const { report, window, lit } = state;
  const ticks = x.ticks(tickCount(geometry.width - geometry.chartLeft));
  const step = (ticks[1] ?? window.endNs) - (ticks[0] ?? window.startNs);
  return {
    title: plainText(shorten(report.verdict.sentence, LONGEST_TITLE)),
    subtitle: subtitleOf(state),
    geometry,
    x: (ns) => x(ns),
    ticks: ticks.map((ns) => ({ at: x(ns), text: formatTick(ns, step, window.endNs) })),
    lit: lit && ((span) => lit.has(span)),
    palette: readPalette(document.documentElement),
    fontFamily: getComputedStyle(document.body).fontFamily,
  };
}

/** `checkout · 2.59 s · 2026-11-24T10:00:25Z · trace 4bf92f35 · times as reported` */
function subtitleOf({ report, reported }: RunState): string {
  const started = new Date(unixMsFromNano(BigInt(report.startUnixNano)));
  const parts = [
    plainText(shorten(report.journey, 60)),
    formatDuration(report.wallNs),
    `${started.toISOString().slice(0, 19)}Z`,
    `trace ${report.traceId.slice(0, 8)}`,
  ];
  return [...parts, reported && 'times as reported'].filter(Boolean).join(' · ');
}

function pictureRow(
  state: RunState,
  row: Row,
  bars: RowBars,
  { geometry, x }: Pick<ShownRows, 'geometry' | 'x'>,
): PictureRow {
  const { name, note } = labelOf(row, state.index, state.connections);
  const isSpan = row.kind === 'span';
  const duration = durationPlace(row, state, geometry, x);
  return {
    name: plainText(shorten(name, LONGEST_NAME)),
    note: plainText(shorten(note, 80)),
    indentPx: FIRST_INDENT_PX + (row.level - 1) * INDENT_PX,
    open: row.expandable ? row.expanded : undefined,
    selected: row.key === state.selected,
    guilty: isSpan && state.guilty.has(row.span),
    quiet: isSpan && at(state.path.subtreeNs, row.span) === 0,
    failed: isSpan && spanAt(state.index, leadOf(row)).status.code === 'error',
    duration: duration.hidden ? undefined : duration,
    bars,
  };
}

const layersOf = (rows: ShownRows['rows']): Picture['layers'] => {
  const seen = new Set(rows.flatMap(({ bars }) => bars.bars.map(({ layer }) => layer)));
  return LAYERS.filter((layer) => seen.has(layer));
};

export function svgOf(picture: Picture): string {
  const pen = new SvgPen();
  const laidOut = layOut(picture, measureWith(penOf(document.createElement('canvas'))));
  laidOut.draw(pen, 'url(#hatch)');
  const title = `${picture.title} ${picture.subtitle}`;
  return pen.toString(laidOut.width, laidOut.height, title, picture.palette.hatch);
}

export async function pngOf(picture: Picture): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const pen = penOf(canvas);
  const laidOut = layOut(picture, measureWith(pen));
  sizeFor(canvas, laidOut);
  const ratio = canvas.width / laidOut.width;
  pen.scale(ratio, ratio);
  laidOut.draw(pen, createHatch(pen, picture.palette));
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large.'))),
      'image/png',
    );
  });
}

function sizeFor(canvas: HTMLCanvasElement, { width, height }: LaidOut): void {
  const ratio = Math.max(window.devicePixelRatio || 1, LEAST_RATIO);
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
}

function measureWith(pen: CanvasRenderingContext2D) {
  return (text: string, font: string): number => {
    pen.font = font;
    return pen.measureText(text).width;
  };
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('This browser gives no 2D canvas to draw on.');
  return pen;
}
