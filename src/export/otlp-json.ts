/**
 * A run's spans as OTLP/JSON, without loss: read back by src/import/otlp-json.ts they are the spans that were stored, to
 * the nanosecond and in their order. What OTLP has no field for travels as `headwater.*` attributes:
 *
 * ```
 * source, clock, evidence, precision      headwater.source, .clock, .evidence, .precision_ns
 * an attribute that is called so itself   headwater.own.headwater.source   (the prefix is taken off again)
 * a log's span, which has no service      service.name, and headwater.named = true: both are taken out again
 * ```
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import { HEADWATER, isReservedKey, OWN_PREFIX } from '../model/attributes.ts';
import { RUN_EXTRAS, type RunExtras } from '../model/run-extras.ts';
import { type Attributes, type AttributeValue, type ReportedSpan, SPAN_KINDS } from '../model/span.ts';

type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number | string }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } };

interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

interface ScopeSpans {
  readonly scope: { readonly name?: string; readonly version?: string };
  readonly spans: OtlpSpan[];
}

interface ResourceSpans {
  readonly resource: { readonly attributes: readonly KeyValue[] };
  readonly scopeSpans: ScopeSpans[];
}

export interface OtlpMessage {
  readonly resourceSpans: readonly ResourceSpans[];
}

type OtlpSpan = ReturnType<typeof otlpSpan>;

/** Neighbours of one resource and scope go together; their order stays. */
export function otlpMessage(spans: readonly ReportedSpan[]): OtlpMessage {
  const resourceSpans: ResourceSpans[] = [];
  let lastResource: string | undefined;
  let lastScope: string | undefined;
  for (const span of spans) {
    const attributes = resourceOf(span);
    const resource = JSON.stringify(attributes);
    if (resource !== lastResource) {
      resourceSpans.push({ resource: { attributes }, scopeSpans: [] });
      lastResource = resource;
      lastScope = undefined;
    }
    const { scopeSpans } = resourceSpans.at(-1)!;
    const scope = scopeOf(span.scope);
    const scopeText = JSON.stringify(scope);
    if (scopeText !== lastScope) scopeSpans.push({ scope, spans: [] });
    lastScope = scopeText;
    scopeSpans.at(-1)!.spans.push(otlpSpan(span));
  }
  return { resourceSpans };
}

/**
 * One span a line, so that two exports can be compared. What is known beside the spans goes last, as a resource without
 * any: other readers of OTLP pass over it.
 */
export function otlpJson(spans: readonly ReportedSpan[], extras?: RunExtras): string {
  const { resourceSpans } = otlpMessage(spans);
  const groups = resourceSpans.map(({ resource, scopeSpans }) => {
    const scopes = scopeSpans.map(
      ({ scope, spans: own }) =>
        `{"scope":${JSON.stringify(scope)},"spans":[\n${own.map((span) => JSON.stringify(span)).join(',\n')}\n]}`,
    );
    return `{"resource":${JSON.stringify(resource)},"scopeSpans":[${scopes.join(',')}]}`;
  });
  if (extras) {
    const attributes = pairsOf({ [RUN_EXTRAS]: JSON.stringify(extras) });
    groups.push(`{"resource":${JSON.stringify({ attributes })},"scopeSpans":[]}`);
  }
  return `{"resourceSpans":[${groups.join(',')}]}\n`;
}

function otlpSpan(span: ReportedSpan) {
  const { status, parentSpanId } = span;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: span.name,
    kind: SPAN_KINDS.indexOf(span.kind) + 1,
    startTimeUnixNano: String(span.startUnixNano),
    endTimeUnixNano: String(span.endUnixNano),
    attributes: [...keyValues(escaped(span.attributes)), ...pairsOf(provenanceOf(span))],
    ...(span.events.length > 0 && {
      events: span.events.map(({ name, timeUnixNano, attributes }) => ({
        timeUnixNano: String(timeUnixNano),
        name,
        attributes: pairsOf(attributes),
      })),
    }),
    ...(span.links.length > 0 && {
      links: span.links.map(({ traceId, spanId, attributes }) => ({
        traceId,
        spanId,
        ...(attributes && { attributes: pairsOf(attributes) }),
      })),
    }),
    status: {
      ...(status.code !== 'unset' && { code: status.code === 'ok' ? 1 : 2 }),
      ...(status.message !== undefined && { message: status.message }),
    },
  };
}

const provenanceOf = ({ source, clock, evidence, precisionNs }: ReportedSpan): Attributes => ({
  [HEADWATER.source]: source,
  [HEADWATER.clock]: clock,
  [HEADWATER.evidence]: evidence,
  [HEADWATER.precisionNs]: precisionNs,
});

/** The probe's spans bring their provenance as attributes, too. They go last, where the reader puts them. */
function escaped(attributes: Attributes): readonly Pair[] {
  const pairs = Object.entries(attributes);
  const reserved = pairs.filter(([key]) => isReservedKey(key));
  if (reserved.length === 0) return pairs;
  return [
    ...pairs.filter(([key]) => !isReservedKey(key)),
    ...reserved.map(([key, value]): Pair => [OWN_PREFIX + key, value]),
  ];
}

/** Backends list traces by service: a log is listed under what wrote it. */
function resourceOf({ resource, source, attributes }: ReportedSpan): KeyValue[] {
  if (Object.hasOwn(resource, 'service.name')) return pairsOf(resource);
  const name = String(attributes[HEADWATER.component] ?? source);
  return [...pairsOf(resource), ...pairsOf({ 'service.name': name, [HEADWATER.named]: true })];
}

/** `name@version`, as the reader puts them together. */
function scopeOf(scope: string | undefined): ScopeSpans['scope'] {
  if (scope === undefined) return {};
  const at = scope.lastIndexOf('@');
  if (at <= 0 || at === scope.length - 1) return { name: scope };
  return { name: scope.slice(0, at), version: scope.slice(at + 1) };
}

type Pair = readonly [key: string, value: AttributeValue];

const pairsOf = (attributes: Attributes): KeyValue[] => keyValues(Object.entries(attributes));
const keyValues = (pairs: readonly Pair[]): KeyValue[] =>
  pairs.map(([key, value]) => ({ key, value: anyValue(value) }));

function anyValue(value: AttributeValue): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return numberValue(value);
  return { arrayValue: { values: value.map(anyValue) } };
}

/** What JSON has no number for is a text, as proto3's JSON has it. */
function numberValue(value: number): AnyValue {
  if (Object.is(value, -0)) return { doubleValue: '-0' };
  if (Number.isSafeInteger(value)) return { intValue: String(value) };
  return { doubleValue: Number.isFinite(value) ? value : String(value) };
}
