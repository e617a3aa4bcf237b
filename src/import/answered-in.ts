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
import { parseTraceparent, type TraceParent } from '../model/ids.ts';
import type { SpanLink } from '../model/span.ts';
import { readServerTiming } from './server-timing.ts';

export interface AnswerHeaders {
  readonly traceresponse?: string | undefined;
  readonly serverTiming?: string | undefined;
}

const METRICS: ReadonlySet<string> = new Set(['traceparent', 'traceresponse']);
const MOST_NAMED = 8;

export const answeredIn = (headers: AnswerHeaders): SpanLink[] =>
  namedIn(headers).map(({ traceId, spanId }) => ({
    traceId,
    spanId,
    attributes: { 'headwater.role': ANSWERED_IN },
  }));

/** The same as they were written: with whether the server records its part. */
export function namedIn({ traceresponse, serverTiming }: AnswerHeaders): TraceParent[] {
  const values = [
    ...(traceresponse?.split(/[,\r\n]/, MOST_NAMED) ?? []),
    ...(serverTiming === undefined ? [] : metricsIn(serverTiming)),
  ];
  const named = new Map<string, TraceParent>();
  for (const value of values) {
    const one = parseTraceparent(value.toLowerCase());
    if (one && named.size < MOST_NAMED) named.set(`${one.traceId} ${one.spanId}`, one);
  }
  return [...named.values()];
}

const metricsIn = (serverTiming: string): string[] =>
  readServerTiming(serverTiming).flatMap(({ name, description }) =>
    description !== undefined && METRICS.has(name.toLowerCase()) ? [description] : [],
  );
