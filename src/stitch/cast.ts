/** The drafts of a trace in an order that does not depend on how they came: first by start, then as a waterfall. */
import { int32s } from '../model/column-memory.ts';
import type { Draft } from './draft.ts';
import type { DraftTable } from './draft-table.ts';

export class Cast {
  readonly table: DraftTable;
  /** Rows. */
  readonly order: Int32Array;

  constructor(table: DraftTable, order: Int32Array) {
    this.table = table;
    this.order = order;
  }

  /** Those that have any of the wanted roles. */
  with(wanted: number): Draft[] {
    const { roles } = this.table;
    const found: Draft[] = [];
    for (let i = 0; i < this.order.length; i++) {
      const row = this.order[i]!;
      if ((roles[row]! & wanted) !== 0) found.push(this.table.draft(row));
    }
    return found;
  }

  /** And those that were added to the table since. */
  withInferred(reported: number): Cast {
    const { size } = this.table;
    const order = int32s(this.order.length + size - reported);
    order.set(this.order);
    for (let row = reported; row < size; row++) order[this.order.length + row - reported] = row;
    return new Cast(this.table, order);
  }

  all(): Draft[] {
    return Array.from(this.order, (row) => this.table.draft(row));
  }
}
