/** The screen of one run: verdict, ledger, waterfall, panel. Puts the parts together and the state in the address. */
import type { RunView } from '../../src/model/report.ts';
import { unixMsFromNano } from '../../src/model/time.ts';
import { formatRunAddress, type RunAddress } from '../address.ts';
import { el, replace, shorten } from '../element.ts';
import { createHostPane } from '../hosts/host-lanes.ts';
import { pageHeader } from '../page-header.ts';
import { createPanel } from '../panel/panel.ts';
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
import { createHelp } from './help.ts';
import { connectKeyboard } from './keyboard.ts';
import { createLedger } from './ledger.ts';
import { isPointerOnly, RunState } from './run-state.ts';
import { createSeenLine } from './seen-line.ts';
import { createToolbar } from './toolbar.ts';
import { createVerdict } from './verdict.ts';

/** Below this width the panel would cover the waterfall, so it waits to be asked for. */
const PANEL_BESIDE = '(min-width: 1000px)';
const ADDRESS_DELAY_MS = 150;

/** Fills the page with the run; returns how to take it down. */
export function showRun(page: HTMLElement, view: RunView, address: RunAddress): () => void {
  const state = new RunState(view);
  restore(state, address);
  document.title = `${shorten(view.report.journey, 60)} · Headwater`;
  const help = createHelp();
  const toolbar = createToolbar(state);
  const overview = createOverview(state, toolbar.element);
  const waterfall = new Waterfall(state);
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
    waterfall.element,
    hosts.element,
  );
  const crosshair = createCrosshair(timed, state, () => waterfall.geometry);
  timed.append(crosshair.element, createTip(timed));
  const chart = el('section', { class: 'chart', 'aria-label': 'Waterfall' }, overview.element, timed);
  const main = el(
    'main',
    { class: 'run' },
    el('div', { class: 'run-head' }, createVerdict(state), createLedger(state)),
    el('div', { class: 'run-body' }, chart, panel.element),
    createSeenLine(state, aboutRun),
  );
  replace(page, runHeader(view, help.show), main, help.element);
  connectGestures(waterfall, state);
  connectPointer(waterfall, state);
  state.onChange((changed) => {
    if (changed.has('panel')) main.classList.toggle('panel-closed', !state.panelOpen);
    const geometry = waterfall.geometry;
    crosshair.draw(geometry);
    hosts.point();
    if (isPointerOnly(changed)) return;
    chart.style.setProperty('--left', `${geometry.chartLeft}px`);
    chart.style.setProperty('--right', `${RIGHT_PAD_PX}px`);
    overview.draw(geometry);
    axis.draw(geometry);
    for (const part of [film, marks, hosts]) part.draw(geometry);
  });
  const stops = [
    connectKeyboard({
      state,
      pageSize: () => waterfall.pageSize,
      focusSearch: () => toolbar.search.focus(),
      focusPanel: () => {
        openPanel(state);
        state.tell();
        panel.focus();
      },
      focusTree: () => waterfall.scroller.focus({ preventScroll: true }),
      closePanel,
      showHelp: help.show,
    }),
    onThemeChange(() => state.touch('theme')),
    keepAddress(state, view.report.traceId),
  ];
  main.classList.toggle('panel-closed', !state.panelOpen);
  state.touch('rows', 'window', 'light', 'selection', 'panel');
  state.tell();
  waterfall.showSelected();
  return () => {
    for (const stop of stops) stop();
  };
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
  if (address.query) state.search(address.query);
  if (address.layer) state.pin(address.layer);
  const wide = matchMedia(PANEL_BESIDE).matches;
  const asked = address.selected?.replace(/^~/, '') ?? (wide ? state.report.verdict.spanIds[0] : undefined);
  const span = state.index.positionOf.get(asked ?? '');
  if (span !== undefined) {
    state.reveal(span);
    if (address.selected?.startsWith('~')) state.select(`g${span}`);
  }
  state.panelOpen = wide || address.selected !== undefined;
}

/** Writes the state into the address a moment after it last changed. */
function keepAddress(state: RunState, traceId: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // What is drawn first is what the address already says, in its own words.
  let written = addressOf(state, traceId);
  const write = (): void => {
    const address = addressOf(state, traceId);
    if (address !== written) history.replaceState(null, '', address);
    written = address;
  };
  state.onChange((changed) => {
    if (!['selection', 'window', 'light', 'rows'].some((aspect) => changed.has(aspect as 'window'))) return;
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
  });
}

/** Press selects, the triangle opens, a double press zooms. */
function connectPointer({ scroller }: Waterfall, state: RunState): void {
  const rowAt = (event: Event) => {
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-key]') : null;
    return element ? state.rows.find((row) => row.key === element.dataset.key) : undefined;
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

function runHeader({ report }: RunView, showHelp: () => void): HTMLElement {
  const started = new Date(unixMsFromNano(BigInt(report.startUnixNano)));
  const copy = el(
    'button',
    { type: 'button', class: 'link mono', title: 'Copy the trace ID' },
    report.traceId.slice(0, 8),
  );
  copy.addEventListener('click', () => {
    void navigator.clipboard.writeText(report.traceId).then(
      () => flash(copy, 'copied'),
      () => flash(copy, report.traceId),
    );
  });
  const crumbs = [
    el('a', { href: '/', 'data-link': true }, 'Runs'),
    el('span', { class: 'slash', 'aria-hidden': true }, '/'),
    el('bdi', { class: 'here', 'aria-current': 'page' }, shorten(report.journey, 60)),
    el(
      'time',
      { datetime: started.toISOString(), title: started.toISOString() },
      started.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }),
    ),
    copy,
  ];
  const help = el(
    'button',
    {
      type: 'button',
      class: 'icon',
      'aria-label': 'Help and keys',
      title: 'Help and keys (?)',
      on: { click: showHelp },
    },
    '?',
  );
  return pageHeader(crumbs, [help]);
}

function flash(button: HTMLElement, text: string): void {
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => {
    button.textContent = before;
  }, 1_200);
}
