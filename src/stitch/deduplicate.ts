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

export function deduplicate(spans: readonly ReportedSpan[]): ReportedSpan[] {
  const spanByKey = new Map<string, ReportedSpan>();
  for (const span of spans) {
    const key = `${span.spanId}/${CARRIERS.has(span.source) ? 'service' : span.source}/${span.kind === 'server'}`;
    const known = spanByKey.get(key);
    if (!known || isFuller(span, known)) spanByKey.set(key, span);
  }
  return [...spanByKey.values()].sort(byStartThenId);
}

/** A total order, so that the winner does not depend on arrival. */
function isFuller(a: ReportedSpan, b: ReportedSpan): boolean {
  const attributes = Object.keys(a.attributes).length - Object.keys(b.attributes).length;
  if (attributes !== 0) return attributes > 0;
  if (a.endUnixNano !== b.endUnixNano) return a.endUnixNano > b.endUnixNano;
  if (a.startUnixNano !== b.startUnixNano) return a.startUnixNano < b.startUnixNano;
  if (a.name !== b.name) return a.name < b.name;
  return a.source < b.source;
}

function byStartThenId(a: ReportedSpan, b: ReportedSpan): number {
  if (a.startUnixNano !== b.startUnixNano) return a.startUnixNano < b.startUnixNano ? -1 : 1;
  if (a.spanId !== b.spanId) return a.spanId < b.spanId ? -1 : 1;
  return a.source < b.source ? -1 : a.source > b.source ? 1 : 0;
}
