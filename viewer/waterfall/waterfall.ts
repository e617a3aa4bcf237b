/**
 * The rows: bars on a canvas, names as DOM. Only what is on screen exists. Bars and names are redrawn together in the
 * same frame, so they cannot come apart while scrolling.
 */
import { type ScaleLinear, scaleLinear } from 'd3';
import { el } from '../element.ts';
import { type Aspect, isOfRowsOnly, isPointerOnly, type RunState } from '../run/run-state.ts';
import type { Row } from '../trace/rows.ts';
import { BarCanvas } from './bar-canvas.ts';
import { paintRow } from './bar-painter.ts';
import type { RowBars } from './bars.ts';
import { markFirstBars } from './first-bars.ts';
import { type Geometry, geometryFor, RIGHT_PAD_PX } from './geometry.ts';
import { barsOf } from './row-bars.ts';
import { RowElements } from './row-elements.ts';
import { RowScroller } from './row-scroller.ts';

export interface ShownRows {
  readonly rows: readonly { readonly row: Row; readonly bars: RowBars }[];
  readonly geometry: Geometry;
  readonly x: ScaleLinear<number, number>;
}

export class Waterfall {
  readonly element: HTMLElement;
  readonly stage: HTMLElement;
  readonly scroller: HTMLElement;
  private readonly canvas = new BarCanvas();
  private readonly names = el('div', { class: 'rows', role: 'presentation' });
  private readonly empty = el('p', { class: 'nothing', hidden: true });
  private readonly rowElements: RowElements;
  private readonly state: RunState;
  private readonly x = scaleLinear();
  private barsByKey = new Map<string, RowBars>();
  private readonly scrolling: RowScroller;
  private measured = geometryFor(800);
  /** `top` of the scroller when the bars were painted. */
  private drawnTop = 0;

  constructor(state: RunState) {
    this.state = state;
    const { grid, bars } = this.canvas;
    this.stage = el('div', { class: 'stage', role: 'presentation' }, grid, this.names, bars);
    this.scrolling = new RowScroller(this.stage, 'Waterfall: spans of the run');
    this.scroller = this.scrolling.element;
    this.element = el('div', { class: 'waterfall' }, this.scroller, this.empty);
    this.rowElements = new RowElements(this.names, this.scroller, state);
    new ResizeObserver(() => state.touch('window')).observe(this.scroller);
    this.scroller.addEventListener('scroll', () => state.touch('scroll'), { passive: true });
    state.onChange((changed) => this.update(changed));
  }

  /** Where things lie now. */
  get geometry(): Geometry {
    return this.measured;
  }

  /** Rows that fit on the screen. */
  get pageSize(): number {
    return this.scrolling.pageSize;
  }

  /** Scrolls as little as needed for the selected row to be seen. */
  showSelected(): void {
    this.scrolling.show(this.state.rows.indexOf(this.state.selected));
  }

  private update(changed: ReadonlySet<Aspect>): void {
    if (isPointerOnly(changed)) return;
    if (changed.has('theme')) this.canvas.forgetColours();
    if (changed.has('rows')) this.barsByKey = new Map();
    if (this.scroller.clientWidth === 0) return;
    if (!isOfRowsOnly(changed)) this.measure();
    if (changed.has('selection')) this.showSelected();
    if (!isOfRowsOnly(changed) || !this.scrollOnly()) this.draw();
  }

  /** Only the rows that came into sight are painted. */
  private scrollOnly(): boolean {
    const { rows, lit } = this.state;
    const { rowHeight } = this.measured;
    const { top, onScreen } = this.scrolling;
    const isLit = lit && ((span: number) => lit.has(span));
    const done = this.canvas.scroll(
      top - this.drawnTop,
      this.measured,
      this.x,
      isLit,
      (painting, from, to) => {
        const first = Math.floor((top + from) / rowHeight);
        const last = Math.min(Math.ceil((top + to) / rowHeight), rows.length);
        for (let i = first; i < last; i++) {
          const row = rows.at(i);
          if (row) paintRow(painting, this.barsOf(row), i * rowHeight - top);
        }
      },
    );
    if (done) this.drawnTop = top;
    if (done) this.rowElements.scroll(...onScreen, top, this.measured, this.x);
    return done;
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.scroller;
    this.measured = geometryFor(clientWidth);
    const { chartLeft, rowHeight, stacked, width } = this.measured;
    this.element.classList.toggle('stacked', stacked);
    this.element.style.setProperty('--names', `${chartLeft}px`);
    this.element.style.setProperty('--row', `${rowHeight}px`);
    this.scrolling.fit(this.state.rows.length, rowHeight);
    this.canvas.resize(width, clientHeight);
  }

  private draw(): void {
    const { rows, window, lit } = this.state;
    const { rowHeight, chartLeft, width } = this.measured;
    const scrollTop = this.scrolling.top;
    this.drawnTop = scrollTop;
    this.x.domain([window.startNs, window.endNs]).range([chartLeft, width - RIGHT_PAD_PX]);
    const [first, last] = this.scrolling.onScreen;
    this.canvas.paint(this.measured, this.x, lit && ((span) => lit.has(span)), (painting) => {
      for (const [i, row] of rows.slice(first, last).entries())
        paintRow(painting, this.barsOf(row), (first + i) * rowHeight - scrollTop);
    });
    this.rowElements.show(first, last, scrollTop, this.measured, this.x);
    this.empty.hidden = rows.length > 0;
    if (rows.length === 0) this.empty.textContent = emptyReason(this.state);
    else markFirstBars(this.state);
  }

  /** What is on screen now, for drawing it elsewhere. */
  get shown(): ShownRows {
    const rows = this.state.rows
      .slice(...this.scrolling.onScreen)
      .map((row) => ({ row, bars: this.barsOf(row) }));
    return { rows, geometry: this.measured, x: this.x.copy() };
  }

  private barsOf(row: Row): RowBars {
    let bars = this.barsByKey.get(row.key);
    if (!bars) {
      const { state } = this;
      bars = state.reported ? { ...barsOf(row, state.asReported), line: [], marks: [] } : barsOf(row, state);
      this.barsByKey.set(row.key, bars);
    }
    return bars;
  }
}

function emptyReason(state: RunState): string {
  if (state.criticalOnly) return 'The critical path of this run touches no span. Press c to see all spans.';
  return 'This run has no spans: nothing that was asked has answered.';
}
