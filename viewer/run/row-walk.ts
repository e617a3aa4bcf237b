/** From row to row by keyboard: what "next", "in" and "out" mean is up to the rows. This is the tree's. */
import { leadOf, spanKey } from '../trace/rows.ts';
import { at } from '../trace/span-index.ts';
import type { RunState } from './run-state.ts';

export interface RowWalk {
  /** So many rows down, or up. */
  move(by: number): void;
  inward(): void;
  outward(): void;
  toEnd(end: 'first' | 'last'): void;
  /** Opens or closes the row. */
  toggle(): void;
  /** Opens every row, or goes back to the first view. */
  toggleAll(): void;
}

export const treeWalk = (state: RunState): RowWalk => ({
  move: (by) => move(state, by),
  inward: () => inward(state),
  outward: () => outward(state),
  toEnd: (end) => state.select(state.rows.at(end === 'first' ? 0 : -1)?.key),
  toggle: () => state.selectedRow && state.toggle(state.selectedRow),
  toggleAll: () => state.toggleAll(),
});

function move(state: RunState, by: number): void {
  const here = state.rows.indexOf(state.selected);
  const next = Math.min(Math.max(here + by, 0), state.rows.length - 1);
  state.select(state.rows.at(next)?.key);
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
  const above = state.rows.parentOf(state.rows.indexOf(row.key));
  const parent = at(state.index.parent, leadOf(row));
  state.select(above?.key ?? (parent >= 0 ? spanKey(parent) : row.key));
}
