/** The rows as lanes: bars and their names on a canvas, names of lanes and the selected span as DOM. */
import { type ScaleLinear, scaleLinear } from 'd3';
import type { Nanos } from '../../src/model/time.ts';
import { el } from '../element.ts';
import { type Aspect, isOfRowsOnly, isPointerOnly, type RunState } from '../run/run-state.ts';
import { at, hasFailed } from '../trace/span-index.ts';
import { BarCanvas } from '../waterfall/bar-canvas.ts';
import type { RowBars } from '../waterfall/bars.ts';
import { markFirstBars } from '../waterfall/first-bars.ts';
import { type Geometry, laneGeometryFor, RIGHT_PAD_PX } from '../waterfall/geometry.ts';
import { barsOf } from '../waterfall/row-bars.ts';
import { nameOf } from '../waterfall/row-label.ts';
import { RowScroller } from '../waterfall/row-scroller.ts';
import { type Handover, handoversIn } from './handovers.ts';
import { LaneElements, noteOfLane } from './lane-elements.ts';
import {
  type LanePainting,
  type NamedBar,
  type PlacedLaneRow,
  paintHandover,
  paintLaneRow,
} from './lane-painter.ts';
import { type RasterInput, type RasterRow, rasterOf } from './lane-raster.ts';
import { firstOpen, LaneRows } from './lane-rows.ts';
import { type LaneLayout, type LanePlan, type LayerLane, layOutLanes, layoutOf } from './layer-lanes.ts';
import { nearestInRow } from './nearest.ts';

/** Opened at first, even where the screen shows fewer: what is below is a turn of the wheel away. */
const OPEN_UP_TO_ROWS = 24;
const LONGEST_NAME = 120;
export const laneFont = (family: string): string => `400 11px ${family}`;

const keyOf = ({ criticalOnly, reported }: Pick<RunState, 'criticalOnly' | 'reported'>): string =>
  `${criticalOnly}|${reported}`;

export class LaneChart {
  readonly element: HTMLElement;
  readonly stage: HTMLElement;
  readonly scroller: HTMLElement;
  private readonly canvas = new BarCanvas();
  private readonly names = el('div', { class: 'rows', role: 'presentation' });
  private readonly scrolling: RowScroller;
  private readonly elements: LaneElements;
  private readonly x = scaleLinear();
  private readonly layouts = new Map<string, LaneLayout>();
  private open: Set<number> | undefined;
  private known: LaneRows | undefined;
  private barsBySpan = new Map<number, RowBars>();
  private rasters = new Map<number, RasterRow>();
  private handovers: readonly Handover[] | undefined;
  private measured = laneGeometryFor(800);
  private readonly note = el('p', { class: 'nothing', hidden: true, role: 'status' });
  private waiting = false;

  /** @param soon the lanes of a large run, which a worker lays out */
  constructor(
    private readonly state: RunState,
    soon?: Promise<LanePlan>,
  ) {
    const { grid, bars } = this.canvas;
    void soon?.then((plan) => this.take(plan));
    this.waiting = soon !== undefined;
    this.stage = el('div', { class: 'stage', role: 'presentation' }, grid, this.names, bars);
    this.scrolling = new RowScroller(this.stage, 'Lanes: spans of the run by layer');
    this.scroller = this.scrolling.element;
    this.element = el('div', { class: 'waterfall lanes' }, this.scroller, this.note);
    this.elements = new LaneElements(this.names, this.scroller, state);
    new ResizeObserver(() => state.touch('window')).observe(this.scroller);
    this.scroller.addEventListener('scroll', () => state.touch('scroll'), { passive: true });
    state.onChange((changed) => this.update(changed));
  }

  get geometry(): Geometry {
    return this.measured;
  }

  get pageSize(): number {
    return this.scrolling.pageSize;
  }

  private take(plan: LanePlan): void {
    this.layouts.set(keyOf({ criticalOnly: false, reported: false }), layoutOf(plan));
    this.waiting = false;
    if (this.state.byLayer) this.state.touch('rows', 'window', 'selection');
  }

  /** Whether the lanes of now are still being laid out: nobody need wait for the same twice. */
  private get isWaiting(): boolean {
    return this.waiting && !this.state.criticalOnly && !this.state.reported;
  }

  /** The lanes of now: of all spans or of those on the critical path, at aligned times or at those reported. */
  get layout(): LaneLayout {
    const { criticalOnly, reported, path, index } = this.state;
    const key = keyOf(this.state);
    let layout = this.layouts.get(key);
    if (!layout) {
      const { index: spans, path: pieces } = reported ? this.state.asReported : this.state;
      const shown = criticalOnly ? (span: number) => at(path.subtreeNs, span) > 0 : undefined;
      layout = layOutLanes(
        { ...spans, aside: index.aside, layer: index.columns.spans.layer },
        pieces.columns,
        shown,
      );
      this.layouts.set(key, layout);
    }
    return layout;
  }

  get rows(): LaneRows {
    const { layout } = this;
    if (this.known?.layout !== layout || !this.open) {
      this.open ??= this.openAtFirst();
      this.known = new LaneRows(layout, this.open);
    }
    return this.known;
  }

  private openAtFirst(): Set<number> {
    const guilty = this.state.guilty.inOrder[0];
    const lane = guilty === undefined ? undefined : this.layout.laneOf(guilty);
    const onScreen = Math.floor(this.scroller.clientHeight / this.measured.rowHeight);
    return firstOpen(this.layout, lane, Math.max(OPEN_UP_TO_ROWS, onScreen));
  }

  toggle({ code }: LayerLane): void {
    const open = new Set(this.rows && this.open);
    if (!open.delete(code)) open.add(code);
    this.setOpen(open);
  }

  /** Opens every lane, or goes back to how they were first shown. */
  toggleAll(): void {
    const every = new Set(this.layout.lanes.map(({ code }) => code));
    this.setOpen(this.open?.size === every.size ? undefined : every);
  }

  private setOpen(open: Set<number> | undefined): void {
    [this.open, this.known] = [open, undefined];
    this.state.touch('rows');
  }

  showSelected(): void {
    const span = this.state.selectedSpan;
    if (span !== undefined) this.scrolling.show(this.rows.rowOf(span));
  }

  private update(changed: ReadonlySet<Aspect>): void {
    if (isPointerOnly(changed) || !this.state.byLayer) return;
    if (changed.has('theme')) this.canvas.forgetColours();
    if (changed.has('rows')) this.forget();
    this.note.hidden = !this.isWaiting;
    this.note.textContent = this.isWaiting ? 'Laying out the lanes…' : '';
    if (this.isWaiting) return;
    if (changed.has('light')) this.rasters = new Map();
    if (this.scroller.clientWidth === 0) return;
    if (!isOfRowsOnly(changed)) this.measure();
    if (changed.has('selection')) this.showSelected();
    this.draw();
  }

  private forget(): void {
    this.known = undefined;
    this.barsBySpan = new Map();
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.scroller;
    this.measured = laneGeometryFor(clientWidth);
    const { chartLeft, rowHeight, stacked, width } = this.measured;
    this.element.classList.toggle('stacked', stacked);
    this.element.style.setProperty('--names', `${chartLeft}px`);
    this.element.style.setProperty('--row', `${rowHeight}px`);
    this.scrolling.fit(this.rows.length, rowHeight);
    this.canvas.resize(width, clientHeight);
    [this.rasters, this.handovers] = [new Map(), undefined];
  }

  private draw(): void {
    const { window, lit } = this.state;
    const { chartLeft, width } = this.measured;
    this.x.domain([window.startNs, window.endNs]).range([chartLeft, width - RIGHT_PAD_PX]);
    this.canvas.paint(this.measured, this.x, lit && ((span) => lit.has(span)), (painting) => {
      const font = laneFont(getComputedStyle(this.element).fontFamily);
      const measure = (text: string): number => {
        painting.context.font = font;
        return painting.context.measureText(text).width;
      };
      this.paintOn({ ...painting, font, measure });
    });
    this.elements.show(this.rows, this.scrolling, this.measured, this.x);
    markFirstBars(this.state);
  }

  /** The rows of the screen, with any pen. @param above pixels of rows above the first one drawn */
  paintOn(painting: LanePainting, above = this.scrolling.top): void {
    for (const row of this.shownRows(above)) paintLaneRow(painting, row);
    const top = (span: number): number => this.rows.rowOf(span) * this.measured.rowHeight - above;
    for (const { ns, from, to } of this.handoversNow()) {
      if (this.rows.rowOf(from) >= 0 && this.rows.rowOf(to) >= 0)
        paintHandover(painting, ns, top(from), top(to));
    }
  }

  get scale(): ScaleLinear<number, number> {
    return this.x.copy();
  }

  /** Where the first row of the screen begins, in pixels of rows. */
  get firstTop(): number {
    return this.scrolling.onScreen[0] * this.measured.rowHeight;
  }

  /** A name a row of the screen; empty but in the first row of each lane. */
  get shownNames(): { name: string; note: string }[] {
    const [first, last] = this.scrolling.onScreen;
    return Array.from({ length: last - first }, (_, i) => {
      const row = this.rows.at(first + i);
      const isNamed = row?.isFirst || i === 0;
      return { name: isNamed && row ? row.lane.title : '', note: isNamed && row ? noteOfLane(row.lane) : '' };
    });
  }

  /** The row at a height of the stage, and the span of it at an instant, if any is near. */
  spanAt(y: number, ns: Nanos, withinNs: Nanos): number | undefined {
    const row = Math.floor((y + this.scrolling.top) / this.measured.rowHeight);
    const span = nearestInRow(this.rows, row, ns);
    if (span === undefined) return undefined;
    const { startNs, endNs } = this.state.reported ? this.state.asReported.index : this.state.index;
    const apart = Math.max(at(startNs, span) - ns, ns - at(endNs, span), 0);
    return apart <= withinNs ? span : undefined;
  }

  private shownRows(above: number): PlacedLaneRow[] {
    const [first, last] = this.scrolling.onScreen;
    const placed: PlacedLaneRow[] = [];
    for (let i = first; i < last; i++) {
      const row = this.rows.at(i);
      if (!row) continue;
      const raster = this.rasterAt(i);
      placed.push({
        layer: row.lane.layer,
        raster,
        bars: raster.bars.map((span) => this.namedBar(span)),
        isFirst: row.isFirst,
        top: i * this.measured.rowHeight - above,
      });
    }
    return placed;
  }

  private rasterAt(i: number): RasterRow {
    const known = this.rasters.get(i);
    if (known) return known;
    const row = this.rows.at(i);
    const raster = row ? rasterOf(row, this.rasterInput()) : { bars: [], thin: [] };
    this.rasters.set(i, raster);
    return raster;
  }

  private rasterInput(): RasterInput {
    const { window, lit, index, path, reported } = this.state;
    return {
      window,
      width: this.measured.width - RIGHT_PAD_PX - this.measured.chartLeft,
      ownPathNs: path.ownNs,
      path: (reported ? this.state.asReported.path : path).columns,
      failed: (span) => hasFailed(index, span),
      lit: lit && ((span) => lit.has(span)),
    };
  }

  private namedBar(span: number): NamedBar {
    const { index, guilty, reported } = this.state;
    const times = reported ? this.state.asReported.index : index;
    return {
      span,
      name: nameOf(index, span).slice(0, LONGEST_NAME),
      bars: this.barsOf(span),
      startNs: at(times.startNs, span),
      endNs: at(times.endNs, span),
      guilty: guilty.has(span),
    };
  }

  private barsOf(span: number): RowBars {
    let bars = this.barsBySpan.get(span);
    if (!bars) {
      const { state } = this;
      const row = { ...state.rowAlone(span), expandable: true, expanded: true };
      bars = { ...barsOf(row, state.reported ? state.asReported : state), thin: false };
      if (state.reported) bars = { ...bars, line: [], marks: [] };
      // The line of what is below it stands in its own lane.
      else
        bars = { ...bars, line: bars.bars.flatMap((b) => (b.tone === 'path' ? [[b.startNs, b.endNs]] : [])) };
      this.barsBySpan.set(span, bars);
    }
    return bars;
  }

  private handoversNow(): readonly Handover[] {
    if (this.state.reported) return [];
    const { window, path } = this.state;
    const { width, chartLeft } = this.measured;
    this.handovers ??= handoversIn(path.columns, window, width - chartLeft - RIGHT_PAD_PX);
    return this.handovers;
  }
}
