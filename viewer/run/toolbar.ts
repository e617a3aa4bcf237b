/** Buttons and the search field over the waterfall. Each has a key; the title says which. */
import { el } from '../element.ts';
import { movedSpans } from '../trace/reported-times.ts';
import { isWhole, zoomWindow } from '../waterfall/time-window.ts';
import type { RunState } from './run-state.ts';

export interface Toolbar {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
}

const ZOOM_STEP = 1.6;

export function zoomCentre(state: RunState, factor: number): void {
  const { startNs, endNs } = state.window;
  state.setWindow(zoomWindow(state.window, factor, (startNs + endNs) / 2, state.extent));
}
export const zoomIn = (state: RunState): void => zoomCentre(state, ZOOM_STEP);
export const zoomOut = (state: RunState): void => zoomCentre(state, 1 / ZOOM_STEP);

/** @param copy the button that copies the run */
export function createToolbar(state: RunState, copy: HTMLElement): Toolbar {
  const search = el('input', {
    type: 'search',
    placeholder: 'Search  ( / )',
    'aria-label': 'Search the spans',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  search.value = state.query;
  search.addEventListener('input', () => state.search(search.value));
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') state.nextMatch(event.shiftKey ? -1 : 1);
    if (event.key === 'Escape') {
      if (search.value !== '') state.search('');
      search.value = '';
      search.blur();
    }
    if (event.key === 'Enter' || event.key === 'Escape') event.preventDefault();
    event.stopPropagation();
  });
  const found = el('span', { class: 'found-count', role: 'status' });
  const critical = el(
    'button',
    {
      type: 'button',
      class: 'toggle',
      'aria-pressed': state.criticalOnly,
      title: 'Show only what the run waited for (c)',
      on: { click: () => state.setCriticalOnly(!state.criticalOnly) },
    },
    'Critical path',
  );
  const reported = el(
    'button',
    {
      type: 'button',
      class: 'toggle',
      hidden: movedSpans(state.index) === 0 && !state.reported,
      'aria-pressed': state.reported,
      title: 'Show the times as reported, before clocks were aligned (r)',
      on: { click: () => state.setReported(!state.reported) },
    },
    'As reported',
  );
  const lanes = el(
    'button',
    {
      type: 'button',
      class: 'toggle',
      'aria-pressed': state.byLayer,
      title: 'Show the rows as one lane a layer, or as a tree (g)',
      on: { click: () => state.setByLayer(!state.byLayer) },
    },
    'Lanes',
  );
  const tool = (label: string, title: string, click: () => void): HTMLButtonElement =>
    el('button', { type: 'button', class: 'icon', 'aria-label': title, title, on: { click } }, label);
  const fit = tool('Fit', 'Show the whole run (f)', () => state.setWindow(state.extent));
  fit.className = 'toggle';
  fit.removeAttribute('aria-label');
  state.onChange((changed) => {
    if (changed.has('rows')) {
      critical.setAttribute('aria-pressed', String(state.criticalOnly));
      lanes.setAttribute('aria-pressed', String(state.byLayer));
      reported.setAttribute('aria-pressed', String(state.reported));
    }
    if (changed.has('window')) fit.disabled = isWhole(state.window, state.extent);
    if (changed.has('light') || changed.has('selection')) found.textContent = foundText(state);
  });
  fit.disabled = isWhole(state.window, state.extent);
  found.textContent = foundText(state);
  const element = el(
    'div',
    { class: 'toolbar', role: 'toolbar', 'aria-label': 'Waterfall' },
    el('span', { class: 'search' }, search, found, lanes, copy),
    critical,
    reported,
    el(
      'span',
      { class: 'zoom-tools' },
      tool('−', 'Zoom out (−)', () => zoomOut(state)),
      tool('+', 'Zoom in (+)', () => zoomIn(state)),
      fit,
    ),
  );
  return { element, search };
}

function foundText(state: RunState): string {
  if (!state.matches) return '';
  const { size, inOrder } = state.matches;
  if (size === 0) return 'nothing found';
  const row = state.selectedRow;
  const here = row?.kind === 'span' ? inOrder.indexOf(row.span) : -1;
  return here >= 0 ? `${here + 1} of ${size}` : `${size} found`;
}
