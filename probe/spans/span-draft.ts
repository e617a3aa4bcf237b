/** A span of the probe before it is emitted: what every maker of spans fills in. */
import { randomBytes } from 'node:crypto';
import type { SpanType } from '../../src/model/attributes.ts';
import type { Evidence, Layer } from '../../src/model/layer.ts';
import type { Attributes, ReportedEvent, SpanKind } from '../../src/model/span.ts';
import { NANOS_PER_MS, NANOS_PER_US, type Nanos, type UnixNano } from '../../src/model/time.ts';

export interface SpanDraft {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly type: SpanType;
  readonly name: string;
  readonly kind?: SpanKind;
  readonly layer: Layer;
  readonly component?: string;
  readonly startUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
  /** Set on failure: what went wrong, in a few words. */
  readonly error?: string;
  readonly source: ProbeSource;
  readonly evidence?: Evidence;
  readonly precisionNs?: Nanos;
  readonly attributes?: Attributes;
  readonly events?: readonly ReportedEvent[];
  /** Other spans that this one has to do with, and how. */
  readonly links?: readonly DraftLink[];
}
export interface DraftLink {
  /** The run's, unless given. */
  readonly traceId?: string;
  readonly spanId: string;
  readonly attributes?: Attributes;
}

/**
 * Who saw it: Playwright's calls, the browser's DevTools protocol, its NetLog, its trace, a page's own timeline, or the
 * probe's resolver.
 */
export type ProbeSource = 'playwright' | 'cdp' | 'netlog' | 'trace' | 'page' | 'resolver';

/** The browser and the probe stamp their own times, from one kernel clock. */
export const CLOCK_OF_SOURCE: Readonly<Record<ProbeSource, string>> = {
  playwright: 'probe',
  resolver: 'probe',
  cdp: 'browser',
  netlog: 'browser',
  trace: 'browser',
  page: 'browser',
};

/** NetLog has whole milliseconds, a page's own timeline tenths; the others microseconds. */
export const PRECISION_OF_SOURCE: Readonly<Record<ProbeSource, Nanos>> = {
  playwright: NANOS_PER_US,
  resolver: NANOS_PER_US,
  cdp: NANOS_PER_US,
  trace: NANOS_PER_US,
  page: 100 * NANOS_PER_US,
  netlog: NANOS_PER_MS,
};

export const newSpanId = (): string => randomHex(8);
export const newTraceId = (): string => randomHex(16);

/** A run has tens of thousands of spans, and each call for randomness is a trip to the kernel. */
const POOL_BYTES = 8_192;
let pool = Buffer.alloc(0);

function randomHex(bytes: number): string {
  if (pool.length < bytes) pool = randomBytes(POOL_BYTES);
  const hex = pool.toString('hex', 0, bytes);
  pool = pool.subarray(bytes);
  return /^0+$/.test(hex) ? randomHex(bytes) : hex;
}
