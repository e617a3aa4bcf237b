/**
 * What of the lanes is DOM: their names, and the selected span as a frame around its bar. For a screen reader a lane is
 * an item of the tree that opens, and the selected span an item below it that says all that its bar shows.
 */
import type { ScaleLinear } from 'd3';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import { grouped } from '../panel/attribute.ts';
import type { RunState } from '../run/run-state.ts';
import { at, spanAt } from '../trace/span-index.ts';
import type { Geometry } from '../waterfall/geometry.ts';
import { nameOf, spokenOf } from '../waterfall/row-label.ts';
import type { RowScroller } from '../waterfall/row-scroller.ts';
import type { LaneRows } from './lane-rows.ts';
import type { LayerLane } from './layer-lanes.ts';

/** `43 spans · 1.38 s waited for`. */
export function noteOfLane({ spans, pathNs }: LayerLane): string {
  const count = `${grouped(spans.length)} ${spans.length === 1 ? 'span' : 'spans'}`;
  return pathNs > 0 ? `${count} · ${formatDuration(pathNs)} waited for` : count;
}

const LONGEST_NAME = 160;
/** A bar thinner than this is framed as if it were so wide. */
const FRAME_FROM_PX = 6;

export class LaneElements {
  private readonly frame = el('div', { class: 'lane-span', role: 'treeitem', 'aria-level': 2 });
  private shownByCode = new Map<number, HTMLElement>();
  private shownSpan = -1;
  private rows: LaneRows | undefined;

  constructor(
    private readonly parent: HTMLElement,
    private readonly tree: HTMLElement,
    private readonly state: RunState,
  ) {
    this.frame.setAttribute('aria-selected', 'true');
  }

  show(rows: LaneRows, scrolling: RowScroller, geometry: Geometry, x: ScaleLinear<number, number>): void {
    if (this.rows !== rows) this.renew(rows);
    const [first, last] = scrolling.onScreen;
    for (const lane of rows.layout.lanes) {
      const element = this.shownByCode.get(lane.code);
      const row = rows.firstRowOf(lane);
      const height = (rows.isOpen(lane) ? lane.tracks : 1) * geometry.rowHeight;
      const top = row * geometry.rowHeight - scrolling.top;
      if (!element) continue;
      element.hidden = row >= last || row + height / geometry.rowHeight < first;
      element.style.transform = `translateY(${top}px)`;
      element.style.height = `${height}px`;
      // The name stays in sight while its lane is.
      element.style.setProperty('--stay', `${Math.min(Math.max(0, -top), height - geometry.rowHeight)}px`);
    }
    this.placeFrame(rows, scrolling, geometry, x);
  }

  private renew(rows: LaneRows): void {
    this.rows = rows;
    const lanes = rows.layout.lanes;
    this.shownByCode = new Map(
      lanes.map((lane, i) => [lane.code, this.laneElement(lane, i, lanes.length, rows.isOpen(lane))]),
    );
    this.parent.replaceChildren(...this.shownByCode.values());
    this.shownSpan = -1;
  }

  private laneElement(lane: LayerLane, i: number, of: number, open: boolean): HTMLElement {
    const blamed = this.state.guilty.inOrder.some((span) => this.rows?.layout.laneOf(span) === lane);
    const element = el(
      'div',
      { class: 'layer-lane', role: 'treeitem', 'data-lane': lane.code, 'data-layer': lane.layer ?? 'tcp' },
      el(
        'span',
        { class: 'label' },
        el('span', { class: 'twisty', 'data-twisty': lane.tracks > 1 }),
        el('i', { class: 'swatch', 'aria-hidden': true }),
        el('span', { class: 'name' }, lane.title),
        el('span', { class: 'note' }, noteOfLane(lane)),
      ),
      el(
        'span',
        { class: 'spoken' },
        lane.tracks > 1 && open ? `, in ${grouped(lane.tracks)} rows` : '',
        blamed && ', blamed by the verdict',
      ),
    );
    element.classList.toggle('guilty', blamed);
    if (lane.tracks > 1) element.setAttribute('aria-expanded', String(open));
    element.setAttribute('aria-level', '1');
    element.setAttribute('aria-posinset', String(i + 1));
    element.setAttribute('aria-setsize', String(of));
    return element;
  }

  private placeFrame(
    rows: LaneRows,
    scrolling: RowScroller,
    geometry: Geometry,
    x: ScaleLinear<number, number>,
  ): void {
    const span = this.state.selectedSpan;
    const row = span === undefined ? -1 : rows.rowOf(span);
    const [first, last] = scrolling.onScreen;
    if (span === undefined || row < first || row >= last) {
      this.frame.remove();
      this.tree.removeAttribute('aria-activedescendant');
      return;
    }
    const { startNs, endNs } = this.state.reported ? this.state.asReported.index : this.state.index;
    const from = Math.max(x(at(startNs, span)), geometry.chartLeft);
    const to = Math.min(x(at(endNs, span)), geometry.width);
    const width = Math.max(to - from, FRAME_FROM_PX);
    const left = to - from < FRAME_FROM_PX ? (from + to - width) / 2 : from;
    this.frame.hidden = to < geometry.chartLeft || from > geometry.width;
    this.frame.style.width = `${width}px`;
    this.frame.style.height = `${geometry.barHeight}px`;
    const top = row * geometry.rowHeight - scrolling.top + geometry.barTop;
    this.frame.style.transform = `translate(${left}px, ${top}px)`;
    this.describe(span, rows);
    if (!this.frame.isConnected) this.parent.append(this.frame);
    this.tree.setAttribute('aria-activedescendant', this.frame.id);
  }

  private describe(span: number, rows: LaneRows): void {
    if (this.shownSpan === span) return;
    this.shownSpan = span;
    const { index, path, guilty } = this.state;
    const lane = rows.layout.laneOf(span);
    const spoken = `${shorten(nameOf(index, span), LONGEST_NAME)}, ${spokenOf(spanAt(index, span), at(path.subtreeNs, span))}`;
    this.frame.id = `lane-span-${span}`;
    this.frame.dataset.span = String(span);
    this.frame.classList.toggle('guilty', guilty.has(span));
    this.frame.replaceChildren(el('span', { class: 'spoken' }, spoken));
    const [from, to] = lane ? this.siblingsOf(span, rows, lane) : [0, 1];
    this.frame.setAttribute('aria-posinset', String((rows.layout.placeOf[span] ?? 0) - from + 1));
    this.frame.setAttribute('aria-setsize', String(to - from));
  }

  /** Those of its row, or of its lane when that is closed. */
  private siblingsOf(span: number, rows: LaneRows, lane: LayerLane): [number, number] {
    const track = rows.layout.trackOf[span] ?? 0;
    return rows.isOpen(lane)
      ? [lane.firstOf[track] ?? 0, lane.firstOf[track + 1] ?? 1]
      : [0, lane.spans.length];
  }
}
