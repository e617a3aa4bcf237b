/** One span, one piece of the path, or the whole view, out of columns. */
import { SPAN_TYPES, type SpanType } from '../../model/attributes.ts';
import { CODED, NO_TEXT, type RunColumns, VALUE_FORMS } from '../../model/columns.ts';
import type { PathPiece, RunView } from '../../model/report.ts';
import type { Attributes, AttributeValue, SpanLink } from '../../model/span.ts';
import type { Span, TraceEvent } from '../../model/trace.ts';

export function spanOf(columns: RunColumns, i: number): Span {
  const { spans, texts, messages, placed, moved, processes } = columns;
  const parent = spans.parent[i] ?? -1;
  const movedRow = rowOf(moved.span, i);
  const [startNs, endNs] = [spans.startNs[i] ?? 0, spans.endNs[i] ?? 0];
  const message = rowOf(messages.span, i);
  const process = rowOf(processes.span, i);
  return {
    spanId: spanIdOf(columns, i),
    parentId: parent < 0 ? null : spanIdOf(columns, parent),
    name: texts.at(spans.name[i]!),
    kind: CODED.kind[spans.kind[i]!] ?? 'internal',
    startNs,
    endNs,
    rawStartNs: moved.startNs[movedRow] ?? startNs,
    rawEndNs: moved.endNs[movedRow] ?? endNs,
    layer: CODED.layer[spans.layer[i]!] ?? 'unknown',
    component: texts.at(spans.component[i]!),
    evidence: CODED.evidence[spans.evidence[i]!] ?? 'inferred',
    source: texts.at(spans.source[i]!),
    clock: texts.at(spans.clock[i]!),
    precisionNs: spans.precisionNs[i] ?? 0,
    status: {
      code: CODED.status[spans.status[i]!] ?? 'unset',
      ...(message >= 0 && { message: texts.at(messages.text[message]!) }),
    },
    attributes: attributesOf(columns, i),
    events: rowsOf(columns.events.span, i).map((row) => eventOf(columns, row)),
    links: rowsOf(columns.links.span, i).map((row) => linkOf(columns, row)),
    placed: rowsOf(placed.span, i).map((row) => texts.at(placed.reason[row]!)),
    ...(process >= 0 && { osProcess: processOf(columns, process) }),
  };
}

/** 16 hex digits, or whatever the source calls it. */
export function spanIdOf({ spans, texts }: RunColumns, i: number): string {
  if (spans.idText.length > 0) return texts.at(spans.idText[i]!);
  return hex(spans.idHigh[i]!) + hex(spans.idLow[i]!);
}

const hex = (half: number): string => half.toString(16).padStart(8, '0');

/** What a span of the probe or a log is; undefined for a service's own spans. */
export const typeOfCode = (code: number): SpanType | undefined => SPAN_TYPES[code - 1];

export function attributesOf(columns: RunColumns, i: number): Attributes {
  const { spans, attributes, pairs, texts } = columns;
  const entries: [string, AttributeValue][] = [];
  for (let a = spans.attributesEnd[i - 1] ?? 0; a < spans.attributesEnd[i]!; a++) {
    const pair = attributes.pair[a]!;
    entries.push([texts.at(pairs.name[pair]!), valueAt(columns, pair)]);
  }
  // Also right for an attribute that is called `__proto__`.
  return Object.fromEntries(entries);
}

function valueAt({ pairs, texts }: RunColumns, pair: number): AttributeValue {
  const text = texts.at(pairs.value[pair]!);
  switch (VALUE_FORMS[pairs.form[pair]!]) {
    case 'number':
      return Number(text);
    case 'boolean':
      return text === 'true';
    case 'json':
      return JSON.parse(text) as AttributeValue;
    default:
      return text;
  }
}

/** One attribute of a span, without reading the others. */
export function attributeOf(columns: RunColumns, i: number, name: string): AttributeValue | undefined {
  const { spans, attributes, pairs, texts } = columns;
  for (let a = spans.attributesEnd[i - 1] ?? 0; a < spans.attributesEnd[i]!; a++) {
    const pair = attributes.pair[a]!;
    if (texts.at(pairs.name[pair]!) === name) return valueAt(columns, pair);
  }
  return undefined;
}

export const eventOf = ({ events, texts }: RunColumns, row: number): TraceEvent => ({
  name: texts.at(events.name[row]!),
  timeNs: events.timeNs[row]!,
  attributes: jsonAt(texts, events.attributes[row]!) ?? {},
});

function linkOf({ links, texts }: RunColumns, row: number): SpanLink {
  const attributes = jsonAt(texts, links.attributes[row]!);
  return {
    traceId: texts.at(links.traceId[row]!),
    spanId: texts.at(links.spanId[row]!),
    ...(attributes && { attributes }),
  };
}

const jsonAt = (texts: RunColumns['texts'], code: number): Attributes | undefined =>
  code === NO_TEXT ? undefined : (JSON.parse(texts.at(code)) as Attributes);

function processOf({ processes, texts }: RunColumns, row: number): NonNullable<Span['osProcess']> {
  const host = processes.host[row]!;
  return { pid: processes.pid[row]!, ...(host !== NO_TEXT && { host: texts.at(host) }) };
}

/** First row of a sorted table that is not before the span. */
export function firstRow(spans: Int32Array, i: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]! < i) low = middle + 1;
    else high = middle;
  }
  return low;
}

const rowOf = (spans: Int32Array, i: number): number => {
  const row = firstRow(spans, i);
  return spans[row] === i ? row : -1;
};

function rowsOf(spans: Int32Array, i: number): number[] {
  const rows: number[] = [];
  for (let row = firstRow(spans, i); spans[row] === i; row++) rows.push(row);
  return rows;
}

export function pieceOf(columns: RunColumns, i: number): PathPiece {
  const { path, texts } = columns;
  const span = path.span[i]!;
  return {
    startNs: path.startNs[i]!,
    endNs: path.endNs[i]!,
    layer: CODED.layer[path.layer[i]!] ?? 'unknown',
    component: texts.at(path.component[i]!),
    cause: texts.at(path.cause[i]!),
    evidence: CODED.evidence[path.evidence[i]!] ?? 'inferred',
    spanId: span >= 0 ? spanIdOf(columns, span) : texts.at(path.spanId[i]!),
  };
}

/** The view that the columns were made of, with the ledger's spans as far as they are named. */
export function viewOf(columns: RunColumns): RunView {
  const { trace, ...head } = columns.head;
  const numbers = (length: number): number[] => Array.from({ length }, (_, i) => i);
  return {
    ...head,
    path: numbers(columns.path.startNs.length).map((i) => pieceOf(columns, i)),
    trace: { ...trace, spans: numbers(columns.spans.parent.length).map((i) => spanOf(columns, i)) },
  };
}
