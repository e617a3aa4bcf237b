/** Everything by keyboard. One table: what is listed in the help is what works. */
import { rowExtent } from '../trace/rows.ts';
import { panWindow, windowAround } from '../waterfall/time-window.ts';
import type { RowWalk } from './row-walk.ts';
import type { RunState } from './run-state.ts';
import { zoomIn, zoomOut } from './toolbar.ts';

export interface KeyTarget {
  readonly state: RunState;
  /** Of the rows as they are now: tree or lanes. */
  readonly walk: RowWalk;
  pageSize(): number;
  focusSearch(): void;
  focusPanel(): void;
  focusTree(): void;
  closePanel(): void;
  openCopy(): void;
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
  { keys: ['j', 'ArrowDown'], shown: 'j  ↓', does: 'next row', run: ({ walk }) => walk.move(1) },
  { keys: ['k', 'ArrowUp'], shown: 'k  ↑', does: 'previous row', run: ({ walk }) => walk.move(-1) },
  {
    keys: ['ArrowRight', 'l'],
    shown: '→',
    does: 'open the row, or go to its first child; in lanes: the next span',
    run: ({ walk }) => walk.inward(),
  },
  {
    keys: ['ArrowLeft', 'h'],
    shown: '←',
    does: 'close the row, or go to its parent; in lanes: the span before',
    run: ({ walk }) => walk.outward(),
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
    does: 'open or close the row, or the lane',
    run: ({ walk }) => walk.toggle(),
  },
  {
    keys: ['PageDown'],
    shown: 'Page ↓ ↑',
    does: 'a screen of rows on, or back',
    run: ({ walk, pageSize }) => walk.move(pageSize()),
  },
  { keys: ['PageUp'], shown: '', does: '', run: ({ walk, pageSize }) => walk.move(-pageSize()) },
  {
    keys: ['Home'],
    shown: 'Home  End',
    does: 'first row, last row',
    run: ({ walk }) => walk.toEnd('first'),
  },
  { keys: ['End'], shown: '', does: '', run: ({ walk }) => walk.toEnd('last') },
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
    keys: ['g'],
    shown: 'g',
    does: 'rows as lanes, one a layer, or as a tree',
    run: ({ state }) => state.setByLayer(!state.byLayer),
  },
  {
    keys: ['r'],
    shown: 'r',
    does: 'times as reported, or with clocks aligned',
    run: ({ state }) => state.setReported(!state.reported),
  },
  {
    keys: ['e'],
    shown: 'e',
    does: 'open every row, or go back to the first view',
    run: ({ walk }) => walk.toggleAll(),
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
    keys: ['y'],
    shown: 'y',
    does: 'copy the run: link, words, picture',
    run: (target) => target.openCopy(),
  },
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
