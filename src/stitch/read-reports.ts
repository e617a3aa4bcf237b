/**
 * The one look at every report: what later steps ask of a million of them is read here once, in the order in which they
 * lie in memory, and stands in columns from then on.
 *
 * `columns · de-duplicate · recognise proxies · root and origin · order by start`
 */

import { HEADWATER } from '../model/attributes.ts';
import { inScratch, int32s } from '../model/column-memory.ts';
import { IdTable } from '../model/id-table.ts';
import type { ReportedSpan } from '../model/span.ts';
import { NOBODY, typeCode } from '../model/span-table.ts';
import { Instants, type UnixNano } from '../model/time.ts';
import { orderByStart } from './by-start.ts';
import { classify, classifyInto } from './classify.ts';
import { deduplicate } from './deduplicate.ts';
import { DraftTable } from './draft-table.ts';
import { recogniseProxies, takenForProxy } from './recognise-proxies.ts';

/** Who named whom as its parent, by numbers of ids. */
export interface Naming {
  readonly ids: IdTable;
  /** By row. */
  readonly numbers: Int32Array;
  /** By row; `NOBODY` for who names no parent. */
  readonly parentNumbers: Int32Array;
  /** By number of an id; `NOBODY` for an id that nobody reported, the first row where several share it. */
  readonly rows: Int32Array;
  /** Some share one id. */
  readonly isShared: boolean;
}

export interface Read {
  readonly table: DraftTable;
  readonly naming: Naming;
  /** Rows by start. */
  readonly byStart: Int32Array;
  /** Row of the root. */
  readonly root: number;
  /** The root's start. */
  readonly origin: UnixNano;
  /** Some name no trace of ours: they were joined with it, or only offered to it. */
  readonly hasOffers: boolean;
}

/** @param reported every span that names one trace id, in any order, duplicates allowed; at least one */
export function readReports(reported: readonly ReportedSpan[]): Read {
  const { table, naming, starts, ends, untold, hasOffers } = columnsOf(reported);
  if (naming.isShared) {
    const unique = deduplicate(reported);
    if (unique.length < reported.length) return readReports(unique);
  }
  if (hasOffers) noteOffers(table);
  recogniseProxies(table, untold, naming);
  const byStart = inScratch((scratch) =>
    orderByStart(table.reports, starts.since(reported[0]!.startUnixNano, scratch.float64s(reported.length))),
  );
  const root = rootOf(table, byStart, naming);
  const origin = table.reports[root]!.startUnixNano;
  setTimes(table, starts, ends, origin);
  return { table, naming, byStart, root, origin, hasOffers };
}

/** Each report is looked at once: a million of them lie in more memory than is near. */
function columnsOf(reported: readonly ReportedSpan[]) {
  const names = new Names(reported.length);
  const starts = new Instants(reported.length);
  const ends = new Instants(reported.length);
  const table = new DraftTable(reported);
  const classified = classify(reported[0]!);
  const untold: number[] = [];
  let hasOffers = false;
  for (let row = 0; row < reported.length; row++) {
    const report = reported[row]!;
    names.put(row, report);
    classifyInto(classified, report);
    table.put(row, classified);
    if (classified.isUntold) untold.push(row);
    const { attributes } = report;
    hasOffers ||=
      attributes[HEADWATER.joinedBy] !== undefined || attributes[HEADWATER.joinedTrace] !== undefined;
    starts.set(row, report.startUnixNano);
    ends.set(row, report.endUnixNano);
  }
  return { table, naming: names, starts, ends, untold, hasOffers };
}

/** Filled row by row. Programs report brothers one after the other, and children next to their parents. */
class Names implements Naming {
  readonly ids: IdTable;
  readonly numbers: Int32Array;
  readonly parentNumbers: Int32Array;
  readonly rows: Int32Array;
  isShared = false;
  #lastId: string | undefined;
  #lastParentId: string | undefined;
  #lastNumber = NOBODY;
  #lastParentNumber = NOBODY;

  constructor(length: number) {
    this.ids = new IdTable(length);
    this.numbers = int32s(length);
    this.parentNumbers = int32s(length);
    this.rows = int32s(2 * length).fill(NOBODY);
  }

  put(row: number, { spanId, parentSpanId }: ReportedSpan): void {
    const isLastParent = this.#lastParentNumber !== NOBODY && spanId === this.#lastParentId;
    const number = isLastParent ? this.#lastParentNumber : this.ids.put(spanId);
    if (!parentSpanId) this.#lastParentNumber = NOBODY;
    else if (parentSpanId !== this.#lastParentId)
      this.#lastParentNumber = parentSpanId === this.#lastId ? this.#lastNumber : this.ids.put(parentSpanId);
    this.#lastId = spanId;
    this.#lastParentId = parentSpanId;
    this.#lastNumber = number;
    this.numbers[row] = number;
    this.parentNumbers[row] = this.#lastParentNumber;
    if (this.rows[number] === NOBODY) this.rows[number] = row;
    else this.isShared = true;
  }
}

/** The run's own root; for a trace without a journey, the longest span that names no parent we know. */
function rootOf(
  { reports, types }: DraftTable,
  byStart: Int32Array,
  { numbers, parentNumbers, rows }: Naming,
): number {
  const run = byStart.find((row) => types[row] === RUN);
  if (run !== undefined) return run;
  let root: number | undefined;
  for (let i = 0; i < byStart.length; i++) {
    const row = byStart[i]!;
    const parent = parentNumbers[row]!;
    if (parent !== NOBODY && parent !== numbers[row] && rows[parent] !== NOBODY) continue;
    if (root === undefined || lengthOf(reports[row]!) > lengthOf(reports[root]!)) root = row;
  }
  return root ?? byStart[0]!;
}

const RUN = typeCode('run');

const lengthOf = ({ startUnixNano, endUnixNano }: ReportedSpan): bigint =>
  endUnixNano > startUnixNano ? endUnixNano - startUnixNano : 0n;

/** An end before its start is a broken clock or a broken sender: drawn as an instant, raw kept. */
function setTimes(table: DraftTable, starts: Instants, ends: Instants, origin: UnixNano): void {
  const rawStartNs = starts.since(origin, table.rawStartNs);
  const rawEndNs = ends.since(origin, table.rawEndNs);
  table.startNs.set(rawStartNs);
  for (let row = 0; row < table.size; row++) {
    table.endNs[row] = Math.max(rawStartNs[row]!, rawEndNs[row]!);
    if (rawEndNs[row]! < rawStartNs[row]!)
      table.draft(row).note('ended before it began: drawn as an instant');
  }
}

function noteOffers(table: DraftTable): void {
  for (let row = 0; row < table.size; row++) {
    const { attributes } = table.reports[row]!;
    const [how, sign] = [attributes[HEADWATER.joinedBy], attributes[HEADWATER.proxySign]];
    if (typeof how === 'string') table.draft(row).note(`joined by ${how}: it names no trace of ours`);
    if (typeof sign === 'string') table.draft(row).note(takenForProxy(sign));
  }
}
