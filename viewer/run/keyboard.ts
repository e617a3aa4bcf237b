/** Everything by keyboard. One table: what is listed in the help is what works. */
import { leadOf, rowExtent, spanKey } from '../trace/rows.ts';
import { at } from '../trace/span-index.ts';
import { panWindow, windowAround } from '../waterfall/time-window.ts';
import type { RunState } from './run-state.ts';
import { zoomIn, zoomOut } from './toolbar.ts';

export interface KeyTarget {
  readonly state: RunState;
  pageSize(): number;
  focusSearch(): void;
  focusPanel(): void;
  focusTree(): void;
  closePanel(): void;
  showHelp(): void;
}

export interface KeyBinding {
  readonly keys: readonly string[];
  readonly shown: string;
  readonly does: string;
  run(target: KeyTarget): void;
}

const PAN_SHARE = 0.2;

export const KEYS: readonly KeyBinding[] = [
  { keys: ['j', 'ArrowDown'], shown: 'j  ↓', does: 'next row', run: ({ state }) => move(state, 1) },
  { keys: ['k', 'ArrowUp'], shown: 'k  ↑', does: 'previous row', run: ({ state }) => move(state, -1) },
  {
    keys: ['ArrowRight', 'l'],
    shown: '→',
    does: 'open the row, or go to its first child',
    run: ({ state }) => inward(state),
  },
  {
    keys: ['ArrowLeft', 'h'],
    shown: '←',
    does: 'close the row, or go to its parent',
    run: ({ state }) => outward(state),
  },
  {
    keys: ['Enter'],
    shown: 'Enter',
    does: 'read the details of the row',
    run: (target) => target.focusPanel(),
  },
  {
    keys: [' '],
    shown: 'Space',
    does: 'open or close the row',
    run: ({ state }) => state.selectedRow && state.toggle(state.selectedRow),
  },
  {
    keys: ['PageDown'],
    shown: 'Page ↓ ↑',
    does: 'a screen of rows on, or back',
    run: ({ state, pageSize }) => move(state, pageSize()),
  },
  { keys: ['PageUp'], shown: '', does: '', run: ({ state, pageSize }) => move(state, -pageSize()) },
  {
    keys: ['Home'],
    shown: 'Home  End',
    does: 'first row, last row',
    run: ({ state }) => state.select(state.rows[0]?.key),
  },
  { keys: ['End'], shown: '', does: '', run: ({ state }) => state.select(state.rows.at(-1)?.key) },
  { keys: ['+', '='], shown: '+  −', does: 'zoom in, zoom out', run: ({ state }) => zoomIn(state) },
  { keys: ['-', '_'], shown: '', does: '', run: ({ state }) => zoomOut(state) },
  {
    keys: ['.', '>'],
    shown: ',  .',
    does: 'earlier, later',
    run: ({ state }) => state.setWindow(panWindow(state.window, PAN_SHARE, state.extent)),
  },
  {
    keys: [',', '<'],
    shown: '',
    does: '',
    run: ({ state }) => state.setWindow(panWindow(state.window, -PAN_SHARE, state.extent)),
  },
  { keys: ['z'], shown: 'z', does: 'zoom to the row', run: ({ state }) => zoomToRow(state) },
  {
    keys: ['f', '0'],
    shown: 'f',
    does: 'fit: show the whole run',
    run: ({ state }) => state.setWindow(state.extent),
  },
  {
    keys: ['c'],
    shown: 'c',
    does: 'critical path only',
    run: ({ state }) => state.setCriticalOnly(!state.criticalOnly),
  },
  {
    keys: ['e'],
    shown: 'e',
    does: 'open every row, or go back to the first view',
    run: ({ state }) => state.toggleAll(),
  },
  {
    keys: ['v'],
    shown: 'v',
    does: 'go to what the verdict blames',
    run: ({ state }) => revealVerdict(state),
  },
  {
    keys: ['/'],
    shown: '/',
    does: 'search; Enter and Shift Enter go through the matches',
    run: (target) => target.focusSearch(),
  },
  { keys: ['n'], shown: 'n  N', does: 'next match, previous match', run: ({ state }) => state.nextMatch(1) },
  { keys: ['N'], shown: '', does: '', run: ({ state }) => state.nextMatch(-1) },
  {
    keys: ['Escape'],
    shown: 'Esc',
    does: 'back: close the panel, drop the light',
    run: (target) => back(target),
  },
  { keys: ['?'], shown: '?', does: 'this help', run: (target) => target.showHelp() },
];

/** Listens on the document; returns how to stop. */
export function connectKeyboard(target: KeyTarget): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isElsewhere(event))
      return;
    const binding = KEYS.find(({ keys }) => keys.includes(event.key));
    if (!binding) return;
    event.preventDefault();
    binding.run(target);
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

/** Fields take all keys; an open dialog too; buttons and the panel keep the keys that mean something to them. */
function isElsewhere(event: KeyboardEvent): boolean {
  const element = event.target instanceof Element ? event.target : undefined;
  if (!element || element.closest('input, textarea, select, dialog')) return Boolean(element);
  if (element.closest('button, a') && (event.key === 'Enter' || event.key === ' ')) return true;
  return element.closest('.panel') !== null && /^(Arrow|Page|Home|End| )/.test(event.key);
}

function move(state: RunState, by: number): void {
  const here = state.rows.findIndex((row) => row.key === state.selected);
  const next = Math.min(Math.max(here + by, 0), state.rows.length - 1);
  state.select(state.rows[next]?.key);
}

function inward(state: RunState): void {
  const row = state.selectedRow;
  if (row?.expandable && !row.expanded) state.toggle(row, true);
  else if (row?.expanded) move(state, 1);
}

function outward(state: RunState): void {
  const row = state.selectedRow;
  if (!row) return;
  if (row.expanded) {
    state.toggle(row, false);
    return;
  }
  const here = state.rows.indexOf(row);
  const above = state.rows.slice(0, here).findLast((candidate) => candidate.level < row.level);
  const parent = at(state.index.parent, leadOf(row));
  state.select(above?.key ?? (parent >= 0 ? spanKey(parent) : row.key));
}

function zoomToRow(state: RunState): void {
  const row = state.selectedRow;
  if (!row) return;
  const { startNs, endNs } = rowExtent(row, state.index);
  state.setWindow(windowAround(startNs, endNs, state.extent));
}

function revealVerdict(state: RunState): void {
  const span = state.index.positionOf.get(state.report.verdict.spanIds[0] ?? '');
  if (span !== undefined) state.reveal(span);
}

function back(target: KeyTarget): void {
  const { state } = target;
  if (state.pinned) state.pin(undefined);
  else if (state.matches) state.search('');
  else target.closePanel();
  target.focusTree();
}
