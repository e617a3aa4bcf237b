/**
 * A run as rows of `run_views`: JSON, deflated, in parts, because the text of a very large trace would be longer than
 * a string can be. Part 0 is the view without its spans; each following part is a list of spans.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type Database from 'libsql';
import type { RunView } from '../model/report.ts';
import type { Span } from '../model/trace.ts';

/** About 30 MB of JSON: far from V8's 512 MB limit even when spans are ten times larger than usual. */
const SPANS_PER_PART = 50_000;

const pack = (value: unknown): Buffer => deflateRawSync(JSON.stringify(value), { level: 1 });
const unpack = <T>(bytes: Uint8Array): T => JSON.parse(inflateRawSync(bytes).toString()) as T;

export function packRunView(view: RunView): Buffer[] {
  const { spans } = view.trace;
  const parts = [pack({ ...view, trace: { ...view.trace, spans: [] } })];
  for (let i = 0; i < spans.length; i += SPANS_PER_PART) parts.push(pack(spans.slice(i, i + SPANS_PER_PART)));
  return parts;
}

export function unpackRunView([head, ...rest]: readonly Uint8Array[]): RunView | undefined {
  if (!head) return undefined;
  const view = unpack<RunView>(head);
  const spans = rest.flatMap((part) => unpack<Span[]>(part));
  return { ...view, trace: { ...view.trace, spans } };
}

/** A run without its spans, as it is kept. */
export function outlineIn(db: Database.Database, traceId: string): RunView | undefined {
  const row = db.prepare('SELECT body FROM run_views WHERE trace_id = ? AND part = 0').get(traceId);
  return row === undefined ? undefined : unpackRunView([bytesOf(row as BodyRow)]);
}

export interface BodyRow {
  readonly body: Uint8Array | ArrayBuffer;
}

/** The driver gives a blob as either, depending on how it is asked. */
export const bytesOf = ({ body }: BodyRow): Uint8Array =>
  body instanceof Uint8Array ? body : new Uint8Array(body);
