/**
 * The trace that a server's answer names, as links of the request. A server does so of its own accord, and the browser
 * needs to send nothing for it:
 *
 * | header | who writes it |
 * |---|---|
 * | `traceresponse: 00-<trace>-<span>-01` | OpenTelemetry's response propagators, after W3C Trace Context Level 2 (a draft) |
 * | `Server-Timing: traceparent;desc="00-<trace>-<span>-01"` | Splunk's distributions of OpenTelemetry, Dash0's, and others |
 *
 * The span is the server's own. Ignored: values that are no `traceparent`, and more of them than a chain of servers has.
 */
import { ANSWERED_IN } from '../model/attributes.ts';
import { parseTraceparent } from '../model/ids.ts';
import type { SpanLink } from '../model/span.ts';
import { readServerTiming } from './server-timing.ts';

export interface AnswerHeaders {
  readonly traceresponse?: string | undefined;
  readonly serverTiming?: string | undefined;
}

const METRICS: ReadonlySet<string> = new Set(['traceparent', 'traceresponse']);
const MOST_NAMED = 8;

export function answeredIn({ traceresponse, serverTiming }: AnswerHeaders): SpanLink[] {
  const values = [
    ...(traceresponse?.split(/[,\r\n]/, MOST_NAMED) ?? []),
    ...(serverTiming === undefined ? [] : metricsIn(serverTiming)),
  ];
  const links = new Map<string, SpanLink>();
  for (const value of values) {
    const named = parseTraceparent(value.toLowerCase());
    if (!named || links.size === MOST_NAMED) continue;
    const { traceId, spanId } = named;
    links.set(`${traceId} ${spanId}`, { traceId, spanId, attributes: { 'headwater.role': ANSWERED_IN } });
  }
  return [...links.values()];
}

const metricsIn = (serverTiming: string): string[] =>
  readServerTiming(serverTiming).flatMap(({ name, description }) =>
    description !== undefined && METRICS.has(name.toLowerCase()) ? [description] : [],
  );
