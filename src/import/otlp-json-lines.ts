/**
 * OTLP/JSON, one message a line: what the OpenTelemetry Collector's `file` exporter writes. Each line is read by
 * itself; lines of metrics and logs are passed over.
 *
 * https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/
 */
import type { ImportResult, ReportedSpan, Warning } from '../model/span.ts';
import { readOtlpJson } from './otlp-json.ts';

const MESSAGE = /^\s*\{\s*"(resourceSpans|resourceMetrics|resourceLogs)"\s*:/;

/** The first line is whole, and a message by itself. A document in several lines breaks off at its first. */
export function isOtlpJsonLines(head: string): boolean {
  const end = head.indexOf('\n');
  const line = head.slice(0, end).trimEnd();
  return end > 0 && MESSAGE.test(line) && line.endsWith('}') && isJson(line);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads whole lines. Never throws. */
export function readOtlpJsonLines(
  log: string,
  { where = 'otlp' }: { readonly where?: string } = {},
): ImportResult {
  const spans: ReportedSpan[] = [];
  const warnings: Warning[] = [];
  log.split('\n').forEach((line, index) => {
    if (!line.trim()) return;
    const result = readOtlpJson(line);
    for (const span of result.spans) spans.push(span);
    for (const { code, message } of result.warnings)
      warnings.push({ code, where: `${where}, line ${index + 1}`, message });
  });
  return { spans, warnings };
}
