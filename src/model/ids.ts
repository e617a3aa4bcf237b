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
  const text = parts.length === 2 ? `${parts[0]}\u0000${parts[1]}` : parts.join('\u0000');
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < text.length; i++) {
    const char = text.codePointAt(i)!;
    if (char > 0xffff) i++;
    low = (low ^ char) >>> 0;
    // × 0x100000001b3 in halves of 32 bits: a bigint a character is slow, and a log line may be long
    const product = low * FNV_PRIME_LOW;
    high = (Math.imul(high, FNV_PRIME_LOW) + Math.floor(product / 2 ** 32) + (low << FNV_PRIME_SHIFT)) >>> 0;
    low = product >>> 0;
  }
  if (high === 0 && low === 0) low = 1;
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

/** FNV's 64-bit prime is 2^40 + 0x1b3; the 2^40 moves the low half by 8 bits into the high one. */
const FNV_PRIME_LOW = 0x1b3;
const FNV_PRIME_SHIFT = 8;
