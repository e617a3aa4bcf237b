/** The screen of one run: verdict, ledger, waterfall, panel. Puts the parts together and the state in the address. */

import { formatRunAddress, parseRunAddress, type RunAddress } from '../address.ts';
import { fetchRun } from '../api.ts';
import { createCopyMenu } from '../copy/copy-menu.ts';
import { pictureOfLanes } from '../copy/lanes-picture.ts';
import { pictureOf } from '../copy/shown-picture.ts';
import { el, replace, shorten } from '../element.ts';
import { createHostPane } from '../hosts/host-lanes.ts';
import { LaneChart } from '../layers/lane-chart.ts';
import { connectLanePointer, createLaneTip } from '../layers/lane-pointer.ts';
import { laneWalk } from '../layers/lane-walk.ts';
import { showLive } from '../live/live-screen.ts';
import { createPanel } from '../panel/panel.ts';
import { replacePlace } from '../place.ts';
import { readAndShow, type Screen } from '../screen.ts';
import { onThemeChange } from '../theme.ts';
import { leadOf, rowExtent } from '../trace/rows.ts';
import { spanAt } from '../trace/span-index.ts';
import { createCrosshair } from '../waterfall/crosshair.ts';
import { createFilmstrip } from '../waterfall/filmstrip.ts';
import { RIGHT_PAD_PX } from '../waterfall/geometry.ts';
import { connectGestures } from '../waterfall/gestures.ts';
import { createMarkLane } from '../waterfall/mark-lane.ts';
import { createOverview } from '../waterfall/overview.ts';
import { createTimeAxis } from '../waterfall/time-axis.ts';
import { isWhole, windowAround } from '../waterfall/time-window.ts';
import { createTip } from '../waterfall/tip.ts';
import { Waterfall } from '../waterfall/waterfall.ts';
import { createHelp, helpButton } from './help.ts';
import { createHot } from './hot.ts';
import { connectKeyboard } from './keyboard.ts';
import { createLedger } from './ledger.ts';
import { showLeftOver } from './left-over.ts';
import { type ReadRun, readRun } from './read-run.ts';
import { createReportedNote } from './reported-note.ts';
import { treeWalk } from './row-walk.ts';
import { runHeader } from './run-header.ts';
import { isOfRowsOnly, RunState } from './run-state.ts';
import { createSeenLine } from './seen-line.ts';
import { createToolbar } from './toolbar.ts';
import { createVerdict } from './verdict.ts';

/** Below this width the panel would cover the waterfall, so it waits to be asked for. */
const PANEL_BESIDE = '(min-width: 1000px)';
const ADDRESS_DELAY_MS = 150;

export const runScreen: Screen = ({ page, path, query }) => {
  const address = parseRunAddress(path, query);
  if (!address) return undefined;
  // What was chosen while the run grew stays chosen.
  let selectedLive = address.selected;
  return readAndShow(page, {
    waiting: 'Reading the run…',
    failed: 'This run cannot be shown',
    ask: () => readRun(address.traceId),
    show: (run) =>
      showRun(page, run, { ...address, selected: selectedLive, traceId: run.columns.head.report.traceId }),
    showDropped: () =>
      readAndShow(page, {
        waiting: 'Reading what is left of the run…',
        failed: 'This run cannot be shown',
        ask: () => fetchRun(address.traceId),
        show: (view) => showLeftOver(page, view),
      }),
    showRunning: (ended) =>
      showLive({
        page,
        traceId: address.traceId,
        selected: selectedLive,
        ended: (selected) => {
          selectedLive = selected;
          ended();
        },
      }),
  });
};

/** Fills the page with the run; returns how to take it down. */
export function showRun(page: HTMLElement, run: ReadRun, address: RunAddress): () => void {
  const state = new RunState(run.columns, run.prepared);
  const { report } = run.columns.head;
  restore(state, address);
  document.title = `${shorten(report.journey, 60)} · Headwater`;
  const help = createHelp();
  const rowsSlot = el('div', { class: 'rows-slot' });
  // The first to be told: what is drawn must be in the page.
  state.onChange((changed) => changed.has('rows') && showIn(rowsSlot, rowsNow()));
  const waterfall = new Waterfall(state);
  const lanes = new LaneChart(state, run.lanes);
  const rowsNow = (): Waterfall | LaneChart => (state.byLayer ? lanes : waterfall);
  const copy = createCopyMenu(state, () =>
    state.byLayer ? pictureOfLanes(state, lanes) : pictureOf(state, waterfall.shown),
  );
  const toolbar = createToolbar(state, copy.element);
  const overview = createOverview(state, toolbar.element);
  const axis = createTimeAxis(state, el('span', { class: 'caption' }));
  const closePanel = (): void => {
    state.panelOpen = false;
    state.touch('panel');
  };
  const panel = createPanel(state, closePanel);
  const aboutRun = (): void => {
    state.panelOpen = true;
    state.select(undefined);
    state.touch('panel');
  };
  const film = createFilmstrip(state);
  const marks = createMarkLane(state, () => openPanel(state));
  const hosts = createHostPane(state);
  const timed = el(
    'div',
    { class: 'timed' },
    film.element,
    axis.element,
    marks.element,
    rowsSlot,
    hosts.element,
  );
  const crosshair = createCrosshair(timed, state, () => rowsNow().geometry);
  timed.append(crosshair.element, createTip(timed));
  const chart = el(
    'section',
    { class: 'chart', 'aria-label': 'Waterfall' },
    overview.element,
    createReportedNote(state),
    timed,
  );
  const main = el(
    'main',
    { class: 'run' },
    el('div', { class: 'run-head' }, createVerdict(state), createLedger(state), createHot(state)),
    el('div', { class: 'run-body' }, chart, panel.element),
    createSeenLine(state, aboutRun),
  );
  replace(page, runHeader(report, 'waterfall', [helpButton(help.show)]), main, help.element);
  connectGestures(waterfall, state);
  connectGestures(lanes, state);
  connectPointer(waterfall, state);
  connectLanePointer(lanes, state, () => openPanel(state));
  timed.append(createLaneTip(lanes, state));
  state.onChange((changed) => {
    if (changed.has('panel')) main.classList.toggle('panel-closed', !state.panelOpen);
    const { geometry } = rowsNow();
    crosshair.draw(geometry);
    hosts.point();
    if (isOfRowsOnly(changed)) return;
    chart.style.setProperty('--left', `${geometry.chartLeft}px`);
    chart.style.setProperty('--right', `${RIGHT_PAD_PX}px`);
    overview.draw(geometry);
    axis.draw(geometry);
    for (const part of [film, marks, hosts]) part.draw(geometry);
  });
  const walks = { tree: treeWalk(state), lanes: laneWalk(lanes, state) };
  const stops = [
    connectKeyboard({
      state,
      get walk() {
        return state.byLayer ? walks.lanes : walks.tree;
      },
      pageSize: () => rowsNow().pageSize,
      focusSearch: () => toolbar.search.focus(),
      focusPanel: () => {
        openPanel(state);
        state.tell();
        panel.focus();
      },
      focusTree: () => rowsNow().scroller.focus({ preventScroll: true }),
      closePanel,
      openCopy: copy.open,
      showHelp: help.show,
    }),
    onThemeChange(() => state.touch('theme')),
    keepAddress(state, report.traceId),
  ];
  main.classList.toggle('panel-closed', !state.panelOpen);
  state.touch('rows', 'window', 'light', 'selection', 'panel');
  state.tell();
  rowsNow().showSelected();
  return () => {
    for (const stop of stops) stop();
  };
}

/** The tree or the lanes, one at a time. The focus goes with them. */
function showIn(slot: HTMLElement, { element, scroller }: Waterfall | LaneChart): void {
  if (element.parentElement === slot) return;
  const hadFocus = slot.contains(document.activeElement);
  slot.replaceChildren(element);
  if (hadFocus) scroller.focus({ preventScroll: true });
}

function openPanel(state: RunState): void {
  if (state.panelOpen) return;
  state.panelOpen = true;
  state.touch('panel');
}

/** What the address says; else the whole run with the guilty span selected, its story beside it. */
function restore(state: RunState, address: RunAddress): void {
  if (address.window) state.setWindow(address.window);
  if (address.criticalOnly) state.setCriticalOnly(true);
  if (address.reported) state.setReported(true);
  if (address.byLayer) state.setByLayer(true);
  if (address.query) state.search(address.query);
  if (address.layer) state.pin(address.layer);
  const wide = matchMedia(PANEL_BESIDE).matches;
  const asked = address.selected?.replace(/^~/, '') ?? (wide ? state.report.verdict.spanIds[0] : undefined);
  const span = state.index.positionOf.get(asked ?? '');
  if (span !== undefined) {
    state.reveal(span);
    if (address.selected?.startsWith('~')) state.select(`g${span}`);
  }
  state.panelOpen = (wide || address.selected !== undefined) && !address.panelClosed;
}

/** Writes the state into the address a moment after it last changed. */
function keepAddress(state: RunState, traceId: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // What is drawn first is what the address already says, in its own words.
  let written = addressOf(state, traceId);
  const write = (): void => {
    const address = addressOf(state, traceId);
    if (address !== written) replacePlace(address);
    written = address;
  };
  state.onChange((changed) => {
    if (!['selection', 'window', 'light', 'rows', 'panel'].some((aspect) => changed.has(aspect as 'window')))
      return;
    clearTimeout(timer);
    timer = setTimeout(write, ADDRESS_DELAY_MS);
  });
  return () => clearTimeout(timer);
}

function addressOf(state: RunState, traceId: string): string {
  const row = state.selectedRow;
  const spanId = row && spanAt(state.index, leadOf(row)).spanId;
  return formatRunAddress({
    traceId,
    selected: row?.kind === 'group' ? `~${spanId}` : spanId,
    window: isWhole(state.window, state.extent) ? undefined : state.window,
    query: state.query,
    layer: state.pinned,
    criticalOnly: state.criticalOnly,
    reported: state.reported,
    byLayer: state.byLayer,
    // On a phone it is closed unless something is selected.
    panelClosed: !state.panelOpen && (row !== undefined || matchMedia(PANEL_BESIDE).matches),
  });
}

/** Press selects, the triangle opens, a double press zooms. */
function connectPointer({ scroller }: Waterfall, state: RunState): void {
  const rowAt = (event: Event) => {
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-key]') : null;
    return element ? state.rows.byKey(element.dataset.key) : undefined;
  };
  scroller.addEventListener('click', (event) => {
    const row = rowAt(event);
    if (!row) return;
    scroller.focus({ preventScroll: true });
    const onTwisty = event.target instanceof Element && event.target.closest('[data-twisty]') !== null;
    if (onTwisty) return state.toggle(row);
    openPanel(state);
    state.select(row.key);
  });
  scroller.addEventListener('dblclick', (event) => {
    const row = rowAt(event);
    if (!row || (event.target instanceof Element && event.target.closest('[data-twisty]'))) return;
    const { startNs, endNs } = rowExtent(row, state.index);
    state.setWindow(windowAround(startNs, endNs, state.extent));
  });
}
