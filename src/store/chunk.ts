/**
 * The format of a chunk: the spans that one batch brought of one trace.
 *
 * ```
 * byte 0   version, 1
 * byte 1   0: JSON follows · 1: JSON follows, compressed (raw deflate)
 * rest     { "resources": [attributes…],
 *            "origins":   [[source, clock, evidence, precisionNs, scope|null, index of resource]…],
 *            "spans":     [[spanId, parentSpanId|null, name, kind, startUnixNano, endUnixNano, status, message|null,
 *                           attributes, events, links, index of origin]…] }
 * ```
 * Times are decimal text (JSON has no 64-bit integers), status and kind their index in the model. Numbers that JSON
 * cannot say (NaN, ±Infinity, −0) are wrapped: `{"n":"NaN"}`, and a list that holds one `{"n":["1","NaN"]}`.
 * The trace id is the row's.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { rememberByName } from '../model/by-name.ts';
import type { Evidence } from '../model/layer.ts';
import {
  type Attributes,
  type AttributeValue,
  type ReportedEvent,
  type ReportedSpan,
  SPAN_KINDS,
  type SpanLink,
  type SpanStatus,
} from '../model/span.ts';

export const CHUNK_VERSION = 1;
/** Below this, deflate saves less than it costs. */
const COMPRESS_FROM_BYTES = 1_024;
/** The fastest level: JSON of spans shrinks to a fifth with it, and higher levels gain little. */
const COMPRESSION_LEVEL = 1;

type Wrapped = { readonly n: string | readonly string[] };
type StoredAttributes = Readonly<Record<string, AttributeValue | Wrapped>>;
type Origin = readonly [string, string, Evidence, number, string | null, number];
type StoredEvent = readonly [string, string, StoredAttributes];
type StoredLink = readonly [string, string, StoredAttributes | null];
type Row = readonly [
  spanId: string,
  parentSpanId: string | null,
  name: string,
  kind: number,
  startUnixNano: string,
  endUnixNano: string,
  status: number,
  message: string | null,
  attributes: StoredAttributes,
  events: readonly StoredEvent[],
  links: readonly StoredLink[],
  origin: number,
];
interface Chunk {
  readonly resources: readonly StoredAttributes[];
  readonly origins: readonly Origin[];
  readonly spans: readonly Row[];
}

const STATUS: readonly SpanStatus['code'][] = ['unset', 'ok', 'error'];

export function encodeChunk(spans: readonly ReportedSpan[]): Buffer {
  const json = Buffer.from(JSON.stringify(chunkOf(spans)));
  if (json.length < COMPRESS_FROM_BYTES) return Buffer.concat([Buffer.of(CHUNK_VERSION, 0), json]);
  return Buffer.concat([Buffer.of(CHUNK_VERSION, 1), deflateRawSync(json, { level: COMPRESSION_LEVEL })]);
}

/** @throws Error when the chunk is of a later version, or is no chunk. */
export function decodeChunk(traceId: string, bytes: Uint8Array): ReportedSpan[] {
  const [version, compressed] = bytes;
  if (version !== CHUNK_VERSION) {
    throw new Error(
      `Trace ${traceId} holds spans in format ${version}, this version of Headwater reads ${CHUNK_VERSION}: update Headwater.`,
    );
  }
  const body = bytes.subarray(2);
  const chunk = JSON.parse((compressed ? inflateRawSync(body) : Buffer.from(body)).toString()) as Chunk;
  const resources = chunk.resources.map(unwrap);
  return chunk.spans.map((row) => spanOf(traceId, row, chunk.origins, resources));
}

function chunkOf(spans: readonly ReportedSpan[]): Chunk {
  const resources = new Interned<Attributes, StoredAttributes>();
  const origins = new Interned<string, Origin>();
  const rows = spans.map((span) => {
    const resource = resources.indexOf(span.resource, () => wrap(span.resource));
    const { source, clock, evidence, precisionNs, scope } = span;
    const key = `${source}\0${clock}\0${evidence}\0${precisionNs}\0${scope}\0${resource}`;
    const origin = origins.indexOf(key, () => [
      source,
      clock,
      evidence,
      precisionNs,
      scope ?? null,
      resource,
    ]);
    return rowOf(span, origin);
  });
  return { resources: resources.values, origins: origins.values, spans: rows };
}

/** Numbers distinct things in the order they appear. */
class Interned<K, V> {
  readonly values: V[] = [];
  readonly #indexByKey = new Map<K, number>();

  indexOf(key: K, make: () => V): number {
    const known = this.#indexByKey.get(key);
    if (known !== undefined) return known;
    this.#indexByKey.set(key, this.values.length);
    return this.values.push(make()) - 1;
  }
}

const rowOf = (span: ReportedSpan, origin: number): Row => [
  span.spanId,
  span.parentSpanId ?? null,
  span.name,
  SPAN_KINDS.indexOf(span.kind),
  span.startUnixNano.toString(),
  span.endUnixNano.toString(),
  STATUS.indexOf(span.status.code),
  span.status.message ?? null,
  wrap(span.attributes),
  span.events.map(({ name, timeUnixNano, attributes }) => [name, timeUnixNano.toString(), wrap(attributes)]),
  span.links.map(({ traceId, spanId, attributes }) => [
    traceId,
    spanId,
    attributes ? wrap(attributes) : null,
  ]),
  origin,
];

function spanOf(
  traceId: string,
  [
    spanId,
    parentSpanId,
    name,
    kind,
    start,
    end,
    status,
    message,
    attributes,
    events,
    links,
    originIndex,
  ]: Row,
  origins: readonly Origin[],
  resources: readonly Attributes[],
): ReportedSpan {
  const origin = origins[originIndex];
  const resource = origin && resources[origin[5]];
  if (!origin || !resource)
    throw new Error(`A chunk of trace ${traceId} is damaged: span ${spanId} has no origin.`);
  const scope = origin[4];
  return {
    traceId,
    spanId,
    ...(parentSpanId === null ? undefined : { parentSpanId }),
    name: oneString(name),
    kind: SPAN_KINDS[kind] ?? 'internal',
    startUnixNano: BigInt(start),
    endUnixNano: BigInt(end),
    status:
      message === null
        ? (PLAIN_STATUS[status] ?? PLAIN_STATUS[0]!)
        : { code: STATUS[status] ?? 'unset', message },
    attributes: unwrap(attributes),
    events: events.length === 0 ? NONE : events.map(eventOf),
    links: links.length === 0 ? NONE : links.map(linkOf),
    resource,
    ...(scope === null ? undefined : { scope }),
    source: origin[0],
    clock: origin[1],
    evidence: origin[2],
    precisionNs: origin[3],
  };
}

/** What most of a million spans have alike is there once. */
const PLAIN_STATUS: readonly SpanStatus[] = STATUS.map((code) => ({ code }));
const NONE: readonly never[] = [];
const oneString = rememberByName((name) => name);

const eventOf = ([name, time, attributes]: StoredEvent): ReportedEvent => ({
  name,
  timeUnixNano: BigInt(time),
  attributes: unwrap(attributes),
});
const linkOf = ([traceId, spanId, attributes]: StoredLink): SpanLink =>
  attributes ? { traceId, spanId, attributes: unwrap(attributes) } : { traceId, spanId };

const isPlain = (value: unknown): boolean =>
  typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0));
const numberText = (value: unknown): string => (Object.is(value, -0) ? '-0' : String(value));

/** The same object when JSON can say all of it, which is nearly always. */
function wrap(attributes: Attributes): StoredAttributes {
  for (const key in attributes) {
    const value = attributes[key] as AttributeValue;
    if (!(Array.isArray(value) ? value.every(isPlain) : isPlain(value))) return wrapNumbers(attributes);
  }
  return attributes;
}

function wrapNumbers(attributes: Attributes): StoredAttributes {
  const pairs = Object.entries(attributes).map(([key, value]) => {
    if (Array.isArray(value)) return [key, value.every(isPlain) ? value : { n: value.map(numberText) }];
    return [key, isPlain(value) ? value : { n: numberText(value) }];
  });
  return Object.fromEntries(pairs);
}

function unwrap(attributes: StoredAttributes): Attributes {
  for (const key in attributes) {
    const value = attributes[key];
    if (typeof value === 'object' && !Array.isArray(value)) return unwrapNumbers(attributes);
  }
  return attributes as Attributes;
}

function unwrapNumbers(attributes: StoredAttributes): Attributes {
  const pairs = Object.entries(attributes).map(([key, value]) => {
    if (typeof value !== 'object' || Array.isArray(value)) return [key, value];
    const { n } = value as Wrapped;
    return [key, typeof n === 'string' ? Number(n) : n.map(Number)];
  });
  return Object.fromEntries(pairs);
}
