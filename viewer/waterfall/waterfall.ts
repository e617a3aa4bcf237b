/**
 * The rows: bars on a canvas, names as DOM. Only what is on screen exists. The scroller holds one tall empty element
 * for the scroll bar, and a stage that sticks to its top; bars and names are redrawn together in the same frame, so
 * they cannot come apart while scrolling.
 */
import { scaleLinear } from 'd3';
import { el } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import type { Row } from '../trace/rows.ts';
import { createHatch, paintRow } from './bar-painter.ts';
import { type Geometry, geometryFor, RIGHT_PAD_PX } from './geometry.ts';
import { type Palette, readPalette } from './palette.ts';
import { barsOf, type RowBars } from './row-bars.ts';
import { RowElements } from './row-elements.ts';
import { tickCount } from './ticks.ts';

export interface WaterfallView {
  readonly element: HTMLElement;
  readonly stage: HTMLElement;
  readonly scroller: HTMLElement;
  geometry(): Geometry;
  /** Rows that fit on the screen. */
  pageSize(): number;
  /** Scrolls as little as needed for the selected row to be seen. */
  showSelected(): void;
  /** Nanoseconds at a pixel of the stage. */
  timeAt(x: number): number;
  draw(): void;
}

export function createWaterfall(state: RunState): WaterfallView {
  const canvas = el('canvas', { class: 'bars', 'aria-hidden': true });
  const grid = el('canvas', { class: 'grid', 'aria-hidden': true });
  const names = el('div', { class: 'rows', role: 'presentation' });
  const stage = el('div', { class: 'stage', role: 'presentation' }, grid, names, canvas);
  const spacer = el('div', { class: 'spacer', role: 'presentation' });
  const scroller = el(
    'div',
    { class: 'scroller', role: 'tree', tabindex: 0, 'aria-label': 'Waterfall: spans of the run' },
    stage,
    spacer,
  );
  const empty = el('p', { class: 'nothing', hidden: true });
  const element = el('div', { class: 'waterfall' }, scroller, empty);
  const context = canvas.getContext('2d');
  const gridContext = grid.getContext('2d');
  if (!context || !gridContext) throw new Error('This browser gives no 2D canvas to draw on.');

  let geometry = geometryFor(800);
  let palette: Palette | undefined;
  let hatch: CanvasPattern | null = null;
  let barsByKey = new Map<string, RowBars>();
  let drawn = false;
  const rowElements = new RowElements(names, scroller, state);
  const x = scaleLinear();

  const cachedBars = (row: Row): RowBars => {
    const key = `${row.key}${row.expanded}`;
    let bars = barsByKey.get(key);
    if (!bars) {
      bars = barsOf(row, state.index, state.path);
      barsByKey.set(key, bars);
    }
    return bars;
  };

  function measure(): void {
    geometry = geometryFor(scroller.clientWidth);
    element.classList.toggle('stacked', geometry.stacked);
    element.style.setProperty('--names', `${geometry.chartLeft}px`);
    element.style.setProperty('--row', `${geometry.rowHeight}px`);
    const ratio = window.devicePixelRatio || 1;
    const height = scroller.clientHeight;
    stage.style.height = `${height}px`;
    if (canvas.width === Math.round(geometry.width * ratio) && canvas.height === Math.round(height * ratio))
      return;
    canvas.width = grid.width = Math.round(geometry.width * ratio);
    canvas.height = grid.height = Math.round(height * ratio);
    hatch = null;
  }

  function draw(): void {
    if (!context || scroller.clientWidth === 0) return;
    palette ??= readPalette(element);
    hatch ??= createHatch(context, palette);
    const { rows } = state;
    const height = rows.length * geometry.rowHeight;
    spacer.style.height = `${Math.max(0, height - scroller.clientHeight)}px`;
    empty.hidden = rows.length > 0;
    if (rows.length === 0) empty.textContent = emptyReason(state);
    const top = scroller.scrollTop;
    const first = Math.max(0, Math.floor(top / geometry.rowHeight));
    const last = Math.min(rows.length, Math.ceil((top + scroller.clientHeight) / geometry.rowHeight));
    x.domain([state.window.startNs, state.window.endNs]).range([
      geometry.chartLeft,
      geometry.width - RIGHT_PAD_PX,
    ]);
    if (gridContext) paintGrid(gridContext, palette);
    paint(context, palette, first, last, top);
    rowElements.show(first, last, top, geometry, x);
    if (!drawn && rows.length > 0) {
      drawn = true;
      performance.mark('headwater:first-bars');
    }
  }

  function paint(
    pen: CanvasRenderingContext2D,
    colours: Palette,
    first: number,
    last: number,
    top: number,
  ): void {
    const ratio = window.devicePixelRatio || 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, geometry.width, scroller.clientHeight);
    pen.save();
    pen.beginPath();
    pen.rect(geometry.chartLeft - 2, 0, geometry.width, scroller.clientHeight);
    pen.clip();
    const light = state.lit;
    const lit = light ? (span: number): boolean => light.has(span) : undefined;
    for (let i = first; i < last; i++) {
      const row = state.rows[i];
      if (row)
        paintRow(
          { context: pen, palette: colours, geometry, x, lit, hatch },
          cachedBars(row),
          i * geometry.rowHeight - top,
        );
    }
    pen.restore();
  }

  function paintGrid(pen: CanvasRenderingContext2D, colours: Palette): void {
    const ratio = window.devicePixelRatio || 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, geometry.width, scroller.clientHeight);
    pen.fillStyle = colours.line;
    for (const tick of x.ticks(tickCount(geometry.width - geometry.chartLeft))) {
      pen.fillRect(Math.round(x(tick)), 0, 1, scroller.clientHeight);
    }
  }

  function showSelected(): void {
    const i = state.rows.findIndex((row) => row.key === state.selected);
    if (i < 0) return;
    const [top, bottom] = [i * geometry.rowHeight, (i + 1) * geometry.rowHeight];
    // The spacer must be as tall as the new rows before it can be scrolled to them.
    spacer.style.height = `${Math.max(0, state.rows.length * geometry.rowHeight - scroller.clientHeight)}px`;
    if (top < scroller.scrollTop) scroller.scrollTop = Math.max(0, top - geometry.rowHeight);
    else if (bottom > scroller.scrollTop + scroller.clientHeight) {
      // To a whole row: half a row at the top edge looks like a mistake.
      const least = bottom + geometry.rowHeight - scroller.clientHeight;
      scroller.scrollTop = Math.ceil(least / geometry.rowHeight) * geometry.rowHeight;
    }
  }

  new ResizeObserver(() => {
    measure();
    state.touch('window');
  }).observe(scroller);
  scroller.addEventListener('scroll', () => state.touch('window'), { passive: true });
  state.onChange((changed) => {
    if (changed.has('theme')) [palette, hatch] = [undefined, null];
    if (changed.has('rows')) barsByKey = new Map();
    if (changed.has('rows') || changed.has('theme')) measure();
    if (changed.has('selection')) showSelected();
    draw();
  });
  return {
    element,
    stage,
    scroller,
    geometry: () => {
      measure();
      return geometry;
    },
    pageSize: () => Math.max(1, Math.floor(scroller.clientHeight / geometry.rowHeight) - 1),
    showSelected,
    timeAt: (pixel) => x.invert(pixel),
    draw,
  };
}

function emptyReason(state: RunState): string {
  if (state.criticalOnly) return 'The critical path of this run touches no span. Press c to see all spans.';
  return 'This run has no spans: nothing that was asked has answered.';
}
