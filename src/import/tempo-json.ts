/**
 * Grafana Tempo's JSON: OTLP's message with ids in base64 (protobuf's own JSON mapping) and other names around it.
 *
 * ```
 * GET /api/traces/{id}      {"batches":[{"resource","scopeSpans":[{"scope","spans":[…]}]}]}      also "resourceSpans"
 * GET /api/v2/traces/{id}   {"trace":{"resourceSpans":[…]},"metrics":{…},"status","message"}
 * ```
 * Old answers say `instrumentationLibrarySpans` and `instrumentationLibrary`. The statement of how much Tempo read
 * (`metrics`) is not read; a `message` about a trace that was cut becomes a warning.
 *
 * https://grafana.com/docs/tempo/latest/api_docs/#query
 */
import { isObject, type Json, objects, parseJson, text } from './json-value.ts';
import { readOtlpJson } from './otlp-json.ts';
import { otlpBatch } from './otlp-span.ts';
import type { BatchResult } from './span-batch.ts';

export const isTempoJson = (head: string): boolean =>
  /^\s*\{\s*("batches"\s*:\s*\[|"trace"\s*:\s*\{)/.test(head) &&
  /"(scope|instrumentationLibrary)Spans"/.test(head);

/** Reads one answer. Never throws. */
export function readTempoJson(json: string): BatchResult {
  const complaints = otlpBatch();
  const message = parseJson(json, complaints);
  if (message === undefined) return complaints.result();
  const trace = isObject(message) && isObject(message.trace) ? message.trace : message;
  const list = isObject(trace) ? (trace.batches ?? trace.resourceSpans) : undefined;
  if (!Array.isArray(list)) {
    complaints.malformed('not a trace of Tempo: expected a list "batches" or "resourceSpans"');
    return complaints.result();
  }
  const result = readOtlpJson({ resourceSpans: objects(list).map(resourceSpansOf) });
  const said = isObject(message) ? text(message.message) : '';
  if (!said) return result;
  const warning = { code: 'tempo.message', where: 'tempo', message: `Tempo says: ${said}` };
  return { ...result, warnings: [...result.warnings, warning] };
}

function resourceSpansOf(batch: Json): Json {
  const scopes = objects(batch.scopeSpans ?? batch.instrumentationLibrarySpans);
  return { resource: batch.resource, scopeSpans: scopes.map(scopeSpansOf) };
}

const scopeSpansOf = (scopeSpans: Json): Json => ({
  scope: scopeSpans.scope ?? scopeSpans.instrumentationLibrary,
  spans: objects(scopeSpans.spans).map(spanOf),
});

const spanOf = (span: Json): Json => ({
  ...span,
  traceId: hexId(span.traceId, 32),
  spanId: hexId(span.spanId, 16),
  parentSpanId: hexId(span.parentSpanId, 16),
  links: objects(span.links).map((link) => ({
    ...link,
    traceId: hexId(link.traceId, 32),
    spanId: hexId(link.spanId, 16),
  })),
});

/** 16 bytes are 24 characters of base64, 8 are 12: hex digits of the same ids are 32 and 16. */
function hexId(id: unknown, digits: number): string {
  const said = text(id);
  if (said.length === digits && /^[0-9a-f]*$/i.test(said)) return said;
  try {
    const bytes = atob(said);
    return Array.from(bytes, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  } catch {
    return said;
  }
}
