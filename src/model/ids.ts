/** W3C Trace Context identifiers (https://www.w3.org/TR/trace-context/#traceparent-header). */

export interface TraceParent {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZERO_TRACE_ID = '0'.repeat(32);
/** Stands where a report names no trace: never stored, and no trace's id. */
export const NO_TRACE_ID = ZERO_TRACE_ID;
const ZERO_SPAN_ID = '0'.repeat(16);

export const isTraceId = (s: unknown): s is string =>
  typeof s === 'string' && /^[0-9a-f]{32}$/.test(s) && s !== ZERO_TRACE_ID;
export const isSpanId = (s: unknown): s is string =>
  typeof s === 'string' && /^[0-9a-f]{16}$/.test(s) && s !== ZERO_SPAN_ID;

/** Reads a `traceparent` value; undefined when it is not a valid one. Versions above 00 may carry more fields. */
export function parseTraceparent(value: string): TraceParent | undefined {
  const match = TRACEPARENT.exec(value.trim());
  if (!match) return undefined;
  const [, version, traceId, spanId, flags, rest] = match as unknown as string[];
  if (version === 'ff' || (version === '00' && rest)) return undefined;
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}

export const formatTraceparent = (traceId: string, spanId: string): string => `00-${traceId}-${spanId}-01`;

/**
 * A span id for a report that brings none (a log line): the same line always gets the same id, so that reading a
 * file twice yields duplicates that can be recognised. FNV-1a, 64 bit.
 */
export function spanIdOf(...parts: readonly (string | number)[]): string {
  let hash = 0xcbf29ce484222325n;
  for (const char of parts.join('\u0000')) {
    hash = ((hash ^ BigInt(char.codePointAt(0)!)) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return (hash === 0n ? 1n : hash).toString(16).padStart(16, '0');
}
