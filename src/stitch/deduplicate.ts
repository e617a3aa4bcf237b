/**
 * The same report can arrive twice (a retried export, a log read again, the probe's spans by OTLP and directly).
 * A span is the same when trace, span id and source agree; the fullest copy is kept, whatever order they came in.
 *
 * A service's span may come by several ways (sent by OTLP, pulled from Jaeger): that is one source. A client and a server
 * that share one span id, Zipkin's way, are two spans.
 */
import type { ReportedSpan } from '../model/span.ts';

/** Ways that a span takes from the service that made it to here. */
const CARRIERS: ReadonlySet<string> = new Set(['otlp', 'zipkin', 'jaeger']);

/** Of what shares an id, the fullest of each kind. */
export function deduplicate(spans: readonly ReportedSpan[]): ReportedSpan[] {
  const kept: ReportedSpan[] = [];
  const placesById = new Map<string, number[]>();
  for (const span of spans) {
    const places = placesById.get(span.spanId);
    const known = places?.find((place) => isSame(span, kept[place]!));
    if (known !== undefined) {
      if (isFuller(span, kept[known]!)) kept[known] = span;
      continue;
    }
    const place = kept.push(span) - 1;
    if (places) places.push(place);
    else placesById.set(span.spanId, [place]);
  }
  return kept;
}

const makerOf = ({ source }: ReportedSpan): string => (CARRIERS.has(source) ? 'service' : source);
const isSame = (a: ReportedSpan, b: ReportedSpan): boolean =>
  makerOf(a) === makerOf(b) && (a.kind === 'server') === (b.kind === 'server');

/** A total order, so that the winner does not depend on arrival. */
function isFuller(a: ReportedSpan, b: ReportedSpan): boolean {
  const attributes = Object.keys(a.attributes).length - Object.keys(b.attributes).length;
  if (attributes !== 0) return attributes > 0;
  if (a.endUnixNano !== b.endUnixNano) return a.endUnixNano > b.endUnixNano;
  if (a.startUnixNano !== b.startUnixNano) return a.startUnixNano < b.startUnixNano;
  if (a.name !== b.name) return a.name < b.name;
  if (a.source !== b.source) return a.source < b.source;
  return textOf(a) < textOf(b);
}

const textOf = (span: ReportedSpan): string =>
  JSON.stringify(span, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
