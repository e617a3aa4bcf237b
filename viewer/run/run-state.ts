/**
 * Everything that can change while a run is looked at, and who wants to know. The parts of the screen never talk to
 * each other: they change the state, and in the next frame are told which aspects are new.
 */

import { columnsOf } from '../../src/analyse/columns/columns-of.ts';
import type { RunColumns } from '../../src/model/columns.ts';
import { CODED } from '../../src/model/columns.ts';
import type { HotPiece } from '../../src/model/cpu-profile.ts';
import { LAYERS, type Layer } from '../../src/model/layer.ts';
import type { Frame, Lane, LedgerEntry, RunReport, RunView } from '../../src/model/report.ts';
import type { Nanos } from '../../src/model/time.ts';
import { type Connections, indexConnections } from '../trace/connections.ts';
import { indexMarks, type Marks } from '../trace/marks.ts';
import { OpenRows } from '../trace/open-rows.ts';
import { indexPathColumns, type PathIndex } from '../trace/path-index.ts';
import { type PreparedRun, prepareRun } from '../trace/prepared-run.ts';
import { asReported } from '../trace/reported-times.ts';
import type { RowList } from '../trace/row-list.ts';
import { leadOf, type Row, RowTree, type SpanRow, spanKey } from '../trace/rows.ts';
import { matchesOf } from '../trace/search.ts';
import {
  ancestorsOf,
  at,
  hasFailed,
  indexColumns,
  type SpanIndex,
  spansOfType,
  typeAt,
} from '../trace/span-index.ts';
import { chosenSet, type SpanSet, spanSetOfIds } from '../trace/span-set.ts';
import type { Drawn } from '../waterfall/row-bars.ts';
import { clampWindow, type TimeWindow } from '../waterfall/time-window.ts';

export type Aspect =
  | 'rows'
  | 'selection'
  | 'window'
  | 'light'
  | 'theme'
  | 'panel'
  | 'pointer'
  | 'lanes'
  | 'scroll';

/** The pointer moves all the time; only what follows it is drawn again then. */
export const isPointerOnly = (changed: ReadonlySet<Aspect>): boolean =>
  changed.size === 1 && changed.has('pointer');

/** Scrolling moves the rows, and nothing that stands around them. */
export const isOfRowsOnly = (changed: ReadonlySet<Aspect>): boolean =>
  [...changed].every((aspect) => aspect === 'pointer' || aspect === 'scroll');

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
  readonly hotPieces: readonly HotPiece[];
  readonly lanes: readonly Lane[];
  readonly extent: TimeWindow;
  /** Spans that the verdict names. */
  readonly guilty: SpanSet;

  rows: RowList;
  window: TimeWindow;
  /** The instant under the pointer, when it is over the chart. */
  pointerNs: Nanos | undefined;
  /** Key of the selected row. */
  selected: string | undefined;
  panelOpen = true;
  criticalOnly = false;
  /** Bars stand where their sources said, not where alignment put them. */
  reported = false;
  /** Rows are lanes of layers, not the tree. */
  byLayer = false;
  query = '';
  matches: SpanSet | undefined;
  pinned: Layer | undefined;
  private drawnAsReported: Drawn | undefined;
  private hovered: SpanSet | undefined;
  private readonly open: OpenRows;
  private readonly spansByLayer = new Map<Layer, SpanSet>();
  private readonly listeners: ((changed: ReadonlySet<Aspect>) => void)[] = [];
  private changed = new Set<Aspect>();
  private frame = 0;

  /** @param prepared made by a worker, for a large run */
  constructor(run: RunColumns | RunView, prepared?: PreparedRun) {
    const columns = 'texts' in run ? run : columnsOf(run);
    const { tree, path, marks, reach, slots } = prepared ?? prepareRun(columns);
    const { head } = columns;
    this.report = head.report;
    this.index = indexColumns(columns, tree, slots);
    this.path = indexPathColumns(columns, this.index, undefined, path);
    this.connections = indexConnections(this.index);
    this.marks = indexMarks(this.index, marks);
    this.frames = head.frames ?? [];
    this.hotPieces = head.hot ?? [];
    this.lanes = head.lanes ?? [];
    this.guilty = spanSetOfIds(this.index, head.report.verdict.spanIds);
    const keepsOwnRow = (span: number): boolean =>
      hasFailed(this.index, span) || this.guilty.within(span) > 0;
    this.tree = new RowTree(this.index, this.path, keepsOwnRow);
    this.extent = extentOf(columns, this.index, reach);
    this.window = this.extent;
    this.open = new OpenRows(this.index.size);
    this.openFirst();
    this.rows = this.countRows();
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
    const known = this.spansByLayer.get(layer);
    if (known) return known;
    const spans = this.spansOfPieces(
      this.report.ledger.filter((entry) => entry.layer === layer),
      (piece) => CODED.layer[at(this.path.columns.layer, piece)] === layer,
    );
    this.spansByLayer.set(layer, spans);
    return spans;
  }

  /** What one entry of the ledger is made of. */
  spansOfEntry(entry: LedgerEntry): SpanSet {
    const { layer, evidence, component, cause } = this.path.columns;
    const { texts } = this.index.columns;
    return this.spansOfPieces(
      [entry],
      (piece) =>
        CODED.layer[at(layer, piece)] === entry.layer &&
        CODED.evidence[at(evidence, piece)] === entry.evidence &&
        texts.at(at(cause, piece)) === entry.cause &&
        texts.at(at(component, piece)) === entry.component,
    );
  }

  /** The ledger names some of its spans, the pieces of the path all. */
  private spansOfPieces(entries: readonly LedgerEntry[], isMeant: (piece: number) => boolean): SpanSet {
    const chosen = new Uint8Array(this.index.size);
    for (const id of entries.flatMap((entry) => entry.spanIds)) {
      const span = this.index.positionOf.get(id);
      if (span !== undefined) chosen[span] = 1;
    }
    const { span } = this.path.columns;
    for (let piece = 0; piece < span.length; piece++)
      if (at(span, piece) >= 0 && isMeant(piece)) chosen[at(span, piece)] = 1;
    return chosenSet(this.index, chosen);
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
    if (!this.byLayer) return this.rows.byKey(this.selected);
    const span = this.selectedSpan;
    return span === undefined ? undefined : this.rowAlone(span);
  }

  /** Of a selected group: its first. */
  get selectedSpan(): number | undefined {
    return this.selected === undefined ? undefined : Number(this.selected.slice(1));
  }

  rowAlone(span: number): SpanRow {
    return this.tree.rowAlone(span);
  }

  /** The row that shows the span: its own, or that of what is closed above it. */
  rowOf(span: number): Row | undefined {
    return this.rows.byKey(this.tree.keyShowing(span, this.open));
  }

  select(key: string | undefined): void {
    if (this.selected === key) return;
    this.selected = key;
    this.touch('selection');
  }

  /** Opens what is above the span, and selects it. */
  reveal(span: number): void {
    let changed = false;
    for (const key of this.tree.keysAbove(span)) changed = this.open.open(key) || changed;
    if (this.criticalOnly && at(this.path.subtreeNs, span) === 0) {
      this.criticalOnly = false;
      changed = true;
    }
    this.selected = spanKey(span);
    this.touch('selection');
    if (changed) this.recount();
  }

  toggle(row: Row, open = !row.expanded): void {
    if (!row.expandable || open === row.expanded) return;
    if (open) this.open.open(row.key);
    else this.open.close(row.key);
    this.recount();
  }

  /** Opens every row, or goes back to how the run was first shown. */
  toggleAll(): void {
    if (this.open.isEverything) this.openFirst();
    else this.open.openEverything();
    this.recount();
  }

  setCriticalOnly(only: boolean): void {
    this.criticalOnly = only;
    this.recount();
  }

  setReported(reported: boolean): void {
    this.reported = reported;
    this.touch('rows');
  }

  /** What is selected stays so: in the tree, what is above it is opened. */
  setByLayer(byLayer: boolean): void {
    const span = this.selectedSpan;
    this.byLayer = byLayer;
    if (span !== undefined) this.selected = spanKey(span);
    if (span !== undefined && !byLayer) this.reveal(span);
    this.touch('rows', 'window', 'selection');
  }

  get asReported(): Drawn {
    this.drawnAsReported ??= asReported(this);
    return this.drawnAsReported;
  }

  search(query: string): void {
    this.query = query;
    const matches = matchesOf(this.index, query);
    this.matches = matches && chosenSet(this.index, matches);
    this.touch('light');
  }

  /** Selects the next match after the selected row (−1: the one before), round the end. */
  nextMatch(direction: 1 | -1): void {
    const found = this.matches?.inOrder ?? new Int32Array();
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

  private countRows(): RowList {
    return this.tree.rows({ open: this.open, criticalOnly: this.criticalOnly });
  }

  private recount(): void {
    this.rows = this.countRows();
    this.touch('rows');
  }

  private openFirst(): void {
    this.open.closeEverything();
    for (const root of this.index.roots) this.open.open(spanKey(root));
    for (const span of this.guilty.inOrder.slice(0, 3))
      for (const key of this.tree.keysAbove(span)) this.open.open(key);
    const steps = spansOfType(this.index, 'step');
    if (steps.length > OPEN_STEPS_UP_TO_ROWS) return;
    const opened = steps.map(spanKey).filter((key) => this.open.open(key));
    if (this.countRows().length <= OPEN_STEPS_UP_TO_ROWS) return;
    for (const key of opened) this.open.close(key);
  }

  /** The step that a span belongs to. */
  stepOf(span: number): number | undefined {
    return [...ancestorsOf(this.index, span), span].find((i) => typeAt(this.index, i) === 'step');
  }

  /** Wall time by layer, in the order of the layers. */
  layerTotals(): { layer: Layer; ns: number }[] {
    return LAYERS.map((layer) => ({
      layer,
      ns: this.report.ledger.reduce((sum, entry) => (entry.layer === layer ? sum + entry.ns : sum), 0),
    })).filter(({ ns }) => ns > 0);
  }
}

/** From the run's start to its end, and further where spans stick out. */
function extentOf({ head }: RunColumns, index: SpanIndex, reach: TimeWindow): TimeWindow {
  const root = index.positionOf.get(head.trace.rootId) ?? -1;
  const startNs = at(index.startNs, root);
  const endNs = Math.max(at(index.endNs, root), startNs + head.report.wallNs, startNs + 1);
  return { startNs: Math.min(startNs, reach.startNs), endNs: Math.max(endNs, reach.endNs) };
}
