/**
 * Columns as bytes: a short table of contents, then each table as an Arrow IPC stream, uncompressed, so that reading is
 * looking (https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format).
 *
 * ```
 * // | "HWCOLS01" | u32 length of the contents | contents, JSON | … table … | … table … |   each part begins at a multiple of 8
 * // contents: { head: RunHead, tables: [{ name, at, length }] }      `at` counts from the first table
 * ```
 * A table without rows is left out.
 */
import { columnFromArray, type Table, tableFromColumns, tableFromIPC, tableToIPC } from '@uwdata/flechette';
import type { RunColumns, RunHead } from '../../model/columns.ts';
import { DecodedTexts } from './texts.ts';

const MAGIC = 'HWCOLS01';
const START = MAGIC.length + 4;
const ALIGN = 8;

type NumberColumn = Int32Array | Uint32Array | Float64Array | Uint8Array;
type NumberTable = Readonly<Record<string, NumberColumn>>;

/** Which columns there are, and of which kind: what reading asks for. */
const TABLES = {
  spans: {
    parent: Int32Array,
    startNs: Float64Array,
    endNs: Float64Array,
    precisionNs: Float64Array,
    layer: Uint8Array,
    kind: Uint8Array,
    evidence: Uint8Array,
    status: Uint8Array,
    type: Uint8Array,
    name: Int32Array,
    component: Int32Array,
    source: Int32Array,
    clock: Int32Array,
    attributesEnd: Int32Array,
  },
  hexIds: { idHigh: Uint32Array, idLow: Uint32Array },
  textIds: { idText: Int32Array },
  attributes: { pair: Int32Array },
  pairs: { name: Int32Array, value: Int32Array, form: Uint8Array },
  moved: { span: Int32Array, startNs: Float64Array, endNs: Float64Array },
  events: { span: Int32Array, timeNs: Float64Array, name: Int32Array, attributes: Int32Array },
  links: { span: Int32Array, traceId: Int32Array, spanId: Int32Array, attributes: Int32Array },
  placed: { span: Int32Array, reason: Int32Array },
  messages: { span: Int32Array, text: Int32Array },
  processes: { span: Int32Array, pid: Float64Array, host: Int32Array },
  path: {
    startNs: Float64Array,
    endNs: Float64Array,
    layer: Uint8Array,
    evidence: Uint8Array,
    component: Int32Array,
    cause: Int32Array,
    span: Int32Array,
    spanId: Int32Array,
  },
  textBytes: { bytes: Uint8Array },
  textOffsets: { offsets: Int32Array },
} as const;
type TableName = keyof typeof TABLES;
type ColumnOf<Kind> = Kind extends abstract new (...args: never[]) => infer Column ? Column : never;
type TablesOf = { [T in TableName]: { [C in keyof (typeof TABLES)[T]]: ColumnOf<(typeof TABLES)[T][C]> } };

interface Contents {
  readonly head: RunHead;
  readonly tables: readonly { readonly name: string; readonly at: number; readonly length: number }[];
}

/** The parts follow each other; sending them one by one saves a copy of a hundred megabytes. */
export function packColumns(columns: RunColumns): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const tables: { name: string; at: number; length: number }[] = [];
  let at = 0;
  for (const [name, table] of Object.entries(numberTables(columns))) {
    const bytes = arrowOf(table);
    if (!bytes) continue;
    tables.push({ name, at, length: bytes.length });
    parts.push(padded(bytes));
    at += parts.at(-1)!.length;
  }
  const contents: Contents = { head: columns.head, tables };
  return [packContents(contents), ...parts];
}

function numberTables(columns: RunColumns): Readonly<Record<TableName, NumberTable>> {
  const { texts, head: _, spans, ...others } = columns;
  const { idHigh, idLow, idText, ...rest } = spans;
  return {
    spans: rest,
    hexIds: { idHigh, idLow },
    textIds: { idText },
    ...others,
    textBytes: { bytes: texts.bytes },
    textOffsets: { offsets: texts.offsets },
  };
}

function arrowOf(table: NumberTable): Uint8Array | undefined {
  const columns = Object.entries(table);
  if (columns.every(([, values]) => values.length === 0)) return undefined;
  const arrow = tableFromColumns(columns.map(([name, values]) => [name, columnFromArray(values)]));
  return tableToIPC(arrow, { format: 'stream' }) ?? undefined;
}

function packContents(contents: Contents): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(contents));
  const bytes = new Uint8Array(Math.ceil((START + json.length) / ALIGN) * ALIGN);
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint32(MAGIC.length, json.length, true);
  bytes.set(json, START);
  return bytes;
}

function padded(bytes: Uint8Array): Uint8Array {
  const length = Math.ceil(bytes.length / ALIGN) * ALIGN;
  if (length === bytes.length) return bytes;
  const longer = new Uint8Array(length);
  longer.set(bytes);
  return longer;
}

/** Looks at the bytes in place. @throws Error when they are something else, or cut off */
export function unpackColumns(bytes: Uint8Array): RunColumns {
  const { head, tables, first } = readContents(bytes);
  const read = <T extends TableName>(name: T): TablesOf[T] => {
    const entry = tables.find((table) => table.name === name);
    return columnsIn(TABLES[name], entry && tableAt(bytes, first + entry.at, entry.length)) as TablesOf[T];
  };
  return {
    head,
    texts: new DecodedTexts(read('textBytes').bytes, read('textOffsets').offsets),
    spans: { ...read('spans'), ...read('hexIds'), ...read('textIds') },
    attributes: read('attributes'),
    pairs: read('pairs'),
    moved: read('moved'),
    events: read('events'),
    links: read('links'),
    placed: read('placed'),
    messages: read('messages'),
    processes: read('processes'),
    path: read('path'),
  };
}

function readContents(bytes: Uint8Array): Contents & { first: number } {
  const magic = new TextDecoder().decode(bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC || bytes.length < START) {
    throw new Error('These are no columns of a run, or those of another version of Headwater.');
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  const first = Math.ceil((START + length) / ALIGN) * ALIGN;
  if (bytes.length < first) throw new Error('The columns of the run are cut off.');
  const json = new TextDecoder().decode(bytes.subarray(START, START + length));
  return { ...(JSON.parse(json) as Contents), first };
}

function tableAt(bytes: Uint8Array, at: number, length: number): Table {
  if (at + length > bytes.length) throw new Error('The columns of the run are cut off.');
  return tableFromIPC(bytes.subarray(at, at + length));
}

function columnsIn(
  wanted: Readonly<Record<string, new (length: number) => NumberColumn>>,
  table: Table | undefined,
): NumberTable {
  return Object.fromEntries(
    Object.entries(wanted).map(([name, Kind]) => [
      name,
      (table?.getChild(name)?.toArray() as NumberColumn | undefined) ?? new Kind(0),
    ]),
  );
}
