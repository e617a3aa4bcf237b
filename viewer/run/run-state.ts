/**
 * Everything that can change while a run is looked at, and who wants to know. The parts of the screen never talk to
 * each other: they change the state, and in the next frame are told which aspects are new.
 */
import { LAYERS, type Layer } from '../../src/model/layer.ts';
import type { Frame, Lane, RunReport, RunView } from '../../src/model/report.ts';
import type { Nanos } from '../../src/model/time.ts';
import { type Connections, indexConnections } from '../trace/connections.ts';
import { indexMarks, type Marks } from '../trace/marks.ts';
import { indexPath, type PathIndex } from '../trace/path-index.ts';
import { leadOf, type Row, RowTree, rowHolds, spanKey } from '../trace/rows.ts';
import { matcherOf } from '../trace/search.ts';
import { ancestorsOf, at, indexTrace, type SpanIndex, spanAt, typeOf } from '../trace/span-index.ts';
import { type SpanSet, spanSet, spanSetOfIds } from '../trace/span-set.ts';
import { clampWindow, type TimeWindow } from '../waterfall/time-window.ts';

export type Aspect = 'rows' | 'selection' | 'window' | 'light' | 'theme' | 'panel' | 'pointer' | 'lanes';

/** The pointer moves all the time; only what follows it is drawn again then. */
export const isPointerOnly = (changed: ReadonlySet<Aspect>): boolean =>
  changed.size === 1 && changed.has('pointer');

/** About what a laptop's screen shows. If all steps open are more, only what the verdict points at is opened. */
const OPEN_STEPS_UP_TO_ROWS = 22;

export class RunState {
  readonly report: RunReport;
  readonly index: SpanIndex;
  readonly path: PathIndex;
  readonly tree: RowTree;
  readonly connections: Connections;
  readonly marks: Marks;
  readonly frames: readonly Frame[];
  readonly lanes: readonly Lane[];
  readonly extent: TimeWindow;
  /** Spans that the verdict names. */
  readonly guilty: SpanSet;

  rows: readonly Row[] = [];
  window: TimeWindow;
  /** The instant under the pointer, when it is over the chart. */
  pointerNs: Nanos | undefined;
  /** Key of the selected row. */
  selected: string | undefined;
  panelOpen = true;
  criticalOnly = false;
  query = '';
  matches: SpanSet | undefined;
  pinned: Layer | undefined;
  private hovered: SpanSet | undefined;
  private readonly open = new Set<string>();
  private readonly listeners: ((changed: ReadonlySet<Aspect>) => void)[] = [];
  private changed = new Set<Aspect>();
  private frame = 0;

  constructor(view: RunView) {
    this.report = view.report;
    this.index = indexTrace(view.trace);
    this.path = indexPath(view.path, this.index);
    this.connections = indexConnections(this.index);
    this.marks = indexMarks(this.index);
    this.frames = view.frames ?? [];
    this.lanes = view.lanes ?? [];
    this.guilty = spanSetOfIds(this.index, view.report.verdict.spanIds);
    const keepsOwnRow = (span: number): boolean =>
      spanAt(this.index, span).status.code === 'error' || this.guilty.within(span) > 0;
    this.tree = new RowTree(this.index, this.path, keepsOwnRow);
    this.extent = extentOf(view, this.index);
    this.window = this.extent;
    this.openFirst();
    this.countRows();
  }

  /** Called once a frame with all that changed since the last. */
  onChange(listener: (changed: ReadonlySet<Aspect>) => void): void {
    this.listeners.push(listener);
  }

  touch(...aspects: readonly Aspect[]): void {
    for (const aspect of aspects) this.changed.add(aspect);
    this.frame ||= requestAnimationFrame(() => this.tell());
  }

  /** Tells at once, for the first drawing and for tests of what is on screen. */
  tell(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const changed = this.changed;
    this.changed = new Set();
    for (const listener of this.listeners) listener(changed);
  }

  /** What stands out while the rest is dimmed: under the pointer, else the pinned layer, else what was searched. */
  get lit(): SpanSet | undefined {
    return this.hovered ?? (this.pinned ? this.spansOfLayer(this.pinned) : this.matches);
  }

  hover(spans: SpanSet | undefined): void {
    this.hovered = spans;
    this.touch('light');
  }

  pin(layer: Layer | undefined): void {
    this.pinned = this.pinned === layer ? undefined : layer;
    this.touch('light');
  }

  spansOfLayer(layer: Layer): SpanSet {
    const entries = this.report.ledger.filter((entry) => entry.layer === layer);
    return spanSetOfIds(
      this.index,
      entries.flatMap((entry) => entry.spanIds),
    );
  }

  setWindow(window: TimeWindow): void {
    const next = clampWindow(window, this.extent);
    if (next.startNs === this.window.startNs && next.endNs === this.window.endNs) return;
    this.window = next;
    this.touch('window');
  }

  point(ns: Nanos | undefined): void {
    if (this.pointerNs === ns) return;
    this.pointerNs = ns;
    this.touch('pointer');
  }

  get selectedRow(): Row | undefined {
    return this.rows.find((row) => row.key === this.selected);
  }

  /** The row that shows the span; undefined while something above it is closed. */
  rowOf(span: number): Row | undefined {
    return (
      this.rows.find((row) => row.key === spanKey(span)) ??
      this.rows.find((row) => rowHolds(row, this.index, span))
    );
  }

  select(key: string | undefined): void {
    if (this.selected === key) return;
    this.selected = key;
    this.touch('selection');
  }

  /** Opens what is above the span, and selects it. */
  reveal(span: number): void {
    for (const key of this.tree.keysAbove(span)) this.open.add(key);
    if (this.criticalOnly && at(this.path.subtreeNs, span) === 0) this.criticalOnly = false;
    this.countRows();
    this.selected = spanKey(span);
    this.touch('rows', 'selection');
  }

  toggle(row: Row, open = !row.expanded): void {
    if (!row.expandable || open === row.expanded) return;
    if (open) this.open.add(row.key);
    else this.open.delete(row.key);
    this.countRows();
    this.touch('rows');
  }

  /** Opens every row, or goes back to how the run was first shown. */
  toggleAll(): void {
    const keys = [...this.tree.everyKey()];
    const everything = keys.every((key) => this.open.has(key));
    this.open.clear();
    if (everything) this.openFirst();
    else for (const key of keys) this.open.add(key);
    this.countRows();
    this.touch('rows');
  }

  setCriticalOnly(only: boolean): void {
    this.criticalOnly = only;
    this.countRows();
    this.touch('rows');
  }

  search(query: string): void {
    this.query = query;
    const matches = matcherOf(query);
    this.matches = matches
      ? spanSet(
          this.index,
          [...this.index.spans.keys()].filter((i) => matches(spanAt(this.index, i))),
        )
      : undefined;
    this.touch('light');
  }

  /** Selects the next match after the selected row (−1: the one before), round the end. */
  nextMatch(direction: 1 | -1): void {
    const found = this.matches?.inOrder ?? [];
    if (found.length === 0) return;
    const row = this.selectedRow;
    const here = row ? at(this.index.entered, leadOf(row)) : -1;
    const number = (span: number): number => at(this.index.entered, span);
    const next =
      direction > 0
        ? found.find((span) => number(span) > here)
        : found.findLast((span) => number(span) < here);
    this.reveal(next ?? found.at(direction > 0 ? 0 : -1) ?? 0);
  }

  private countRows(): void {
    this.rows = this.tree.rows({ open: this.open, criticalOnly: this.criticalOnly });
  }

  private openFirst(): void {
    for (const root of this.index.roots) this.open.add(spanKey(root));
    for (const span of this.guilty.inOrder.slice(0, 3)) {
      for (const key of this.tree.keysAbove(span)) this.open.add(key);
    }
    const steps = [...this.index.spans.keys()].filter((i) => typeOf(spanAt(this.index, i)) === 'step');
    this.countRows();
    const before = new Set(this.open);
    for (const step of steps) this.open.add(spanKey(step));
    this.countRows();
    if (this.rows.length <= OPEN_STEPS_UP_TO_ROWS) return;
    this.open.clear();
    for (const key of before) this.open.add(key);
  }

  /** The step that a span belongs to. */
  stepOf(span: number): number | undefined {
    return [...ancestorsOf(this.index, span), span].find((i) => typeOf(spanAt(this.index, i)) === 'step');
  }

  /** Wall time by layer, in the order of the layers. */
  layerTotals(): { layer: Layer; ns: number }[] {
    return LAYERS.map((layer) => ({
      layer,
      ns: this.report.ledger.reduce((sum, entry) => (entry.layer === layer ? sum + entry.ns : sum), 0),
    })).filter(({ ns }) => ns > 0);
  }
}

/** From the run's start to its end, and further where spans stick out. A connection may outlive the run. */
function extentOf(view: RunView, index: SpanIndex): TimeWindow {
  const root = view.trace.spans.find((span) => span.spanId === view.trace.rootId);
  let startNs = root?.startNs ?? 0;
  let endNs = Math.max(root?.endNs ?? 0, startNs + view.report.wallNs, startNs + 1);
  index.spans.forEach((span, i) => {
    if (index.aside[i] === 1) return;
    startNs = Math.min(startNs, span.startNs);
    endNs = Math.max(endNs, span.endNs);
  });
  return { startNs, endNs };
}
