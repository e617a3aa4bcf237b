/** A run's view → columns: once, when the run is stored. */
import { HEADWATER, SPAN_TYPES, type SpanType } from '../../model/attributes.ts';
import {
  CODED,
  NO_TEXT,
  type RunColumns,
  type RunHead,
  type SpanColumns,
  VALUE_FORMS,
} from '../../model/columns.ts';
import { IdTable } from '../../model/id-table.ts';
import type { LedgerEntry, PathPiece, RunReport, RunView } from '../../model/report.ts';
import type { Attributes, AttributeValue } from '../../model/span.ts';
import type { Span } from '../../model/trace.ts';
import { TextCollector } from './texts.ts';

/** Spans that a ledger's entry names; its time in full stands in the path's columns. A large run has 100 000 of them. */
const LEDGER_SPANS_NAMED = 10;

export function columnsOf(view: RunView): RunColumns {
  const { spans } = view.trace;
  const texts = new TextCollector();
  const positions = new Positions(spans);
  const pairs = new Pairs(texts);
  const columns = {
    head: headOf(view),
    spans: spanColumns(spans, positions, positions.of(view.trace.rootId), texts, pairs),
    attributes: { pair: Int32Array.from(pairs.used) },
    ...sparseTables(spans, texts),
    path: pathColumns(view.path, positions, texts),
  };
  return { ...columns, pairs: pairs.done(), texts: texts.done() };
}

function headOf({ path: _, trace, report, ...rest }: RunView): RunHead {
  const { spans: __, ...others } = trace;
  return { ...rest, report: shortReport(report), trace: others };
}

const shortReport = (report: RunReport): RunReport => ({
  ...report,
  ledger: shortLedger(report.ledger),
  steps: report.steps.map((step) => ({ ...step, ledger: shortLedger(step.ledger) })),
});

const shortLedger = (ledger: readonly LedgerEntry[]): LedgerEntry[] =>
  ledger.map((entry) => ({ ...entry, spanIds: entry.spanIds.slice(0, LEDGER_SPANS_NAMED) }));

/** Positions by span id; the first of an id counts. */
class Positions {
  readonly #ids: IdTable;
  readonly #positions: number[] = [];

  constructor(spans: readonly Span[]) {
    this.#ids = new IdTable(spans.length);
    spans.forEach(({ spanId }, i) => {
      const number = this.#ids.put(spanId);
      this.#positions[number] ??= i;
    });
  }

  of(spanId: string): number {
    return this.#positions[this.#ids.numberOf(spanId)] ?? -1;
  }
}

/** Distinct attributes, found by value: most spans say what others have said. */
class Pairs {
  readonly used: number[] = [];
  readonly #texts: TextCollector;
  readonly #codesByName = new Map<string, { name: number; codeByValue: Map<unknown, number> }>();
  readonly #name: number[] = [];
  readonly #value: number[] = [];
  readonly #form: number[] = [];

  constructor(texts: TextCollector) {
    this.#texts = texts;
  }

  add(attributes: Attributes): void {
    for (const name in attributes) this.used.push(this.#code(name, attributes[name]!));
  }

  #code(name: string, value: AttributeValue): number {
    let known = this.#codesByName.get(name);
    if (!known) {
      known = { name: this.#texts.code(name), codeByValue: new Map() };
      this.#codesByName.set(name, known);
    }
    const isList = typeof value === 'object';
    // A list and its JSON as a text are two attributes.
    const key = isList ? `\0${JSON.stringify(value)}` : value;
    const code = known.codeByValue.get(key);
    if (code !== undefined) return code;
    const form = isList
      ? 'json'
      : typeof value === 'string'
        ? 'text'
        : (typeof value as 'number' | 'boolean');
    this.#value.push(this.#texts.code(isList ? JSON.stringify(value) : String(value)));
    this.#form.push(VALUE_FORMS.indexOf(form));
    known.codeByValue.set(key, this.#name.length);
    return this.#name.push(known.name) - 1;
  }

  done(): RunColumns['pairs'] {
    return {
      name: Int32Array.from(this.#name),
      value: Int32Array.from(this.#value),
      form: Uint8Array.from(this.#form),
    };
  }
}

const HEX_ID = /^[0-9a-f]{16}$/;
const TYPE_CODE = new Map<unknown, number>(SPAN_TYPES.map((type: SpanType, i) => [type, i + 1]));
const codesOf = <T>(list: readonly T[]): ReadonlyMap<T, number> => new Map(list.map((each, i) => [each, i]));
const CODE = {
  layer: codesOf(CODED.layer),
  evidence: codesOf(CODED.evidence),
  kind: codesOf(CODED.kind),
  status: codesOf(CODED.status),
};

function spanColumns(
  spans: readonly Span[],
  positions: Positions,
  root: number,
  texts: TextCollector,
  pairs: Pairs,
): SpanColumns {
  const n = spans.length;
  const hex = spans.every(({ spanId }) => HEX_ID.test(spanId));
  const columns = emptySpanColumns(n, hex);
  for (let i = 0; i < n; i++) {
    const span = spans[i]!;
    columns.parent[i] = parentOf(span, i, positions, Math.max(root, 0));
    columns.startNs[i] = span.startNs;
    columns.endNs[i] = span.endNs;
    columns.precisionNs[i] = span.precisionNs;
    columns.layer[i] = CODE.layer.get(span.layer) ?? 0;
    columns.kind[i] = CODE.kind.get(span.kind) ?? 0;
    columns.evidence[i] = CODE.evidence.get(span.evidence) ?? 0;
    columns.status[i] = CODE.status.get(span.status.code) ?? 0;
    columns.type[i] = TYPE_CODE.get(span.attributes[HEADWATER.type]) ?? 0;
    columns.name[i] = texts.code(span.name);
    columns.component[i] = texts.code(span.component);
    columns.source[i] = texts.code(span.source);
    columns.clock[i] = texts.code(span.clock);
    pairs.add(span.attributes);
    columns.attributesEnd[i] = pairs.used.length;
    if (hex) {
      columns.idHigh[i] = Number.parseInt(span.spanId.slice(0, 8), 16);
      columns.idLow[i] = Number.parseInt(span.spanId.slice(8), 16);
    } else columns.idText[i] = texts.code(span.spanId);
  }
  return columns;
}

const emptySpanColumns = (n: number, hex: boolean) => ({
  parent: new Int32Array(n),
  startNs: new Float64Array(n),
  endNs: new Float64Array(n),
  precisionNs: new Float64Array(n),
  layer: new Uint8Array(n),
  kind: new Uint8Array(n),
  evidence: new Uint8Array(n),
  status: new Uint8Array(n),
  type: new Uint8Array(n),
  name: new Int32Array(n),
  component: new Int32Array(n),
  source: new Int32Array(n),
  clock: new Int32Array(n),
  attributesEnd: new Int32Array(n),
  idHigh: new Uint32Array(hex ? n : 0),
  idLow: new Uint32Array(hex ? n : 0),
  idText: new Int32Array(hex ? 0 : n),
});

/**
 * A span whose parent is missing, or stands after it, hangs under the root: nothing is left out. A root that is not the
 * first span may have later spans only as children, or a walk would go in circles.
 */
function parentOf(span: Span, i: number, positions: Positions, root: number): number {
  if (i === root) return -1;
  const named = span.parentId === null ? -1 : positions.of(span.parentId);
  return named >= 0 && named < i ? named : root < i ? root : -1;
}

/** What few spans have. */
function sparseTables(spans: readonly Span[], texts: TextCollector) {
  const json = (attributes: Attributes | undefined): number =>
    attributes && Object.keys(attributes).length > 0 ? texts.code(JSON.stringify(attributes)) : NO_TEXT;
  const moved = { span: [] as number[], startNs: [] as number[], endNs: [] as number[] };
  const events = {
    span: [] as number[],
    timeNs: [] as number[],
    name: [] as number[],
    attributes: [] as number[],
  };
  const links = {
    span: [] as number[],
    traceId: [] as number[],
    spanId: [] as number[],
    attributes: [] as number[],
  };
  const placed = { span: [] as number[], reason: [] as number[] };
  const messages = { span: [] as number[], text: [] as number[] };
  const processes = { span: [] as number[], pid: [] as number[], host: [] as number[] };
  spans.forEach((span, i) => {
    if (span.rawStartNs !== span.startNs || span.rawEndNs !== span.endNs)
      addRow(moved, { span: i, startNs: span.rawStartNs, endNs: span.rawEndNs });
    for (const { timeNs, name, attributes } of span.events)
      addRow(events, { span: i, timeNs, name: texts.code(name), attributes: json(attributes) });
    for (const { traceId, spanId, attributes } of span.links)
      addRow(links, {
        span: i,
        traceId: texts.code(traceId),
        spanId: texts.code(spanId),
        attributes: attributes ? texts.code(JSON.stringify(attributes)) : NO_TEXT,
      });
    for (const reason of span.placed) addRow(placed, { span: i, reason: texts.code(reason) });
    if (span.status.message !== undefined)
      addRow(messages, { span: i, text: texts.code(span.status.message) });
    const of = span.osProcess;
    if (of)
      addRow(processes, {
        span: i,
        pid: of.pid,
        host: of.host === undefined ? NO_TEXT : texts.code(of.host),
      });
  });
  return {
    moved: typed(moved),
    events: typed(events),
    links: typed(links),
    placed: typed(placed),
    messages: typed(messages),
    processes: typed(processes),
  };
}

function addRow<K extends string>(table: Record<K, number[]>, row: Record<K, number>): void {
  for (const key in table) table[key].push(row[key]);
}

type Typed<T> = {
  [K in keyof T]: K extends 'startNs' | 'endNs' | 'timeNs' | 'pid' ? Float64Array : Int32Array;
};
const IS_WIDE: ReadonlySet<string> = new Set(['startNs', 'endNs', 'timeNs', 'pid']);

const typed = <T extends Record<string, number[]>>(table: T): Typed<T> =>
  Object.fromEntries(
    Object.entries(table).map(([name, values]) => [
      name,
      IS_WIDE.has(name) ? Float64Array.from(values) : Int32Array.from(values),
    ]),
  ) as Typed<T>;

function pathColumns(
  path: readonly PathPiece[],
  positions: Positions,
  texts: TextCollector,
): RunColumns['path'] {
  const span = Int32Array.from(path, ({ spanId }) => positions.of(spanId));
  return {
    startNs: Float64Array.from(path, ({ startNs }) => startNs),
    endNs: Float64Array.from(path, ({ endNs }) => endNs),
    layer: Uint8Array.from(path, ({ layer }) => CODE.layer.get(layer) ?? 0),
    evidence: Uint8Array.from(path, ({ evidence }) => CODE.evidence.get(evidence) ?? 0),
    component: Int32Array.from(path, ({ component }) => texts.code(component)),
    cause: Int32Array.from(path, ({ cause }) => texts.code(cause)),
    span,
    spanId: Int32Array.from(path, ({ spanId }, i) => ((span[i] ?? -1) >= 0 ? NO_TEXT : texts.code(spanId))),
  };
}
