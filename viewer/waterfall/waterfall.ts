/**
 * The rows: bars on a canvas, names as DOM. Only what is on screen exists. The scroller holds one tall empty element
 * for the scroll bar, and a stage that sticks to its top; bars and names are redrawn together in the same frame, so
 * they cannot come apart while scrolling.
 */
import { scaleLinear } from 'd3';
import { el } from '../element.ts';
import { type Aspect, isPointerOnly, type RunState } from '../run/run-state.ts';
import type { Row } from '../trace/rows.ts';
import { BarCanvas, type PlacedRow } from './bar-canvas.ts';
import type { RowBars } from './bars.ts';
import { type Geometry, geometryFor, RIGHT_PAD_PX } from './geometry.ts';
import { barsOf } from './row-bars.ts';
import { RowElements } from './row-elements.ts';

export class Waterfall {
  readonly element: HTMLElement;
  readonly stage: HTMLElement;
  readonly scroller: HTMLElement;
  private readonly canvas = new BarCanvas();
  private readonly names = el('div', { class: 'rows', role: 'presentation' });
  private readonly spacer = el('div', { class: 'spacer', role: 'presentation' });
  private readonly empty = el('p', { class: 'nothing', hidden: true });
  private readonly rowElements: RowElements;
  private readonly state: RunState;
  private readonly x = scaleLinear();
  private barsByKey = new Map<string, RowBars>();
  private measured = geometryFor(800);
  private drawn = false;

  constructor(state: RunState) {
    this.state = state;
    const { grid, bars } = this.canvas;
    this.stage = el('div', { class: 'stage', role: 'presentation' }, grid, this.names, bars);
    const tree = {
      class: 'scroller',
      role: 'tree',
      tabindex: 0,
      'aria-label': 'Waterfall: spans of the run',
    };
    this.scroller = el('div', tree, this.stage, this.spacer);
    this.element = el('div', { class: 'waterfall' }, this.scroller, this.empty);
    this.rowElements = new RowElements(this.names, this.scroller, state);
    new ResizeObserver(() => state.touch('window')).observe(this.scroller);
    this.scroller.addEventListener('scroll', () => state.touch('window'), { passive: true });
    state.onChange((changed) => this.update(changed));
  }

  /** Where things lie now. */
  get geometry(): Geometry {
    return this.measured;
  }

  /** Rows that fit on the screen. */
  get pageSize(): number {
    return Math.max(1, Math.floor(this.scroller.clientHeight / this.measured.rowHeight) - 1);
  }

  /** Scrolls as little as needed for the selected row to be seen. */
  showSelected(): void {
    const i = this.state.rows.findIndex((row) => row.key === this.state.selected);
    if (i < 0) return;
    const { rowHeight } = this.measured;
    const { scroller } = this;
    const [top, bottom] = [i * rowHeight, (i + 1) * rowHeight];
    if (top < scroller.scrollTop) scroller.scrollTop = Math.max(0, top - rowHeight);
    else if (bottom > scroller.scrollTop + scroller.clientHeight) {
      // To a whole row: half a row at the top edge looks like a mistake.
      const least = bottom + rowHeight - scroller.clientHeight;
      scroller.scrollTop = Math.ceil(least / rowHeight) * rowHeight;
    }
  }

  private update(changed: ReadonlySet<Aspect>): void {
    if (isPointerOnly(changed)) return;
    if (changed.has('theme')) this.canvas.forgetColours();
    if (changed.has('rows')) this.barsByKey = new Map();
    if (this.scroller.clientWidth === 0) return;
    this.measure();
    if (changed.has('selection')) this.showSelected();
    this.draw();
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.scroller;
    this.measured = geometryFor(clientWidth);
    const { chartLeft, rowHeight, stacked, width } = this.measured;
    this.element.classList.toggle('stacked', stacked);
    this.element.style.setProperty('--names', `${chartLeft}px`);
    this.element.style.setProperty('--row', `${rowHeight}px`);
    this.stage.style.height = `${clientHeight}px`;
    this.spacer.style.height = `${Math.max(0, this.state.rows.length * rowHeight - clientHeight)}px`;
    this.canvas.resize(width, clientHeight);
  }

  private draw(): void {
    const { rows, window, lit } = this.state;
    const { rowHeight, chartLeft, width } = this.measured;
    const { scrollTop, clientHeight } = this.scroller;
    this.x.domain([window.startNs, window.endNs]).range([chartLeft, width - RIGHT_PAD_PX]);
    const first = Math.max(0, Math.floor(scrollTop / rowHeight));
    const last = Math.min(rows.length, Math.ceil((scrollTop + clientHeight) / rowHeight));
    const placed = rows
      .slice(first, last)
      .map((row, i): PlacedRow => ({ bars: this.barsOf(row), top: (first + i) * rowHeight - scrollTop }));
    this.canvas.paint(placed, this.measured, this.x, lit && ((span) => lit.has(span)));
    this.rowElements.show(first, last, scrollTop, this.measured, this.x);
    this.empty.hidden = rows.length > 0;
    if (rows.length === 0) this.empty.textContent = emptyReason(this.state);
    else this.markFirstBars();
  }

  private markFirstBars(): void {
    if (this.drawn) return;
    this.drawn = true;
    performance.mark('headwater:first-bars');
  }

  private barsOf(row: Row): RowBars {
    let bars = this.barsByKey.get(row.key);
    if (!bars) {
      bars = barsOf(row, this.state);
      this.barsByKey.set(row.key, bars);
    }
    return bars;
  }
}

function emptyReason(state: RunState): string {
  if (state.criticalOnly) return 'The critical path of this run touches no span. Press c to see all spans.';
  return 'This run has no spans: nothing that was asked has answered.';
}
