/**
 * A span as one source reported it. Importers and the probe make these; the store keeps them untouched; stitching
 * reads them and makes the spans of a `Trace` (trace.ts). Nothing downstream knows a source's format.
 */
import type { Evidence } from './layer.ts';
import type { RunExtras } from './run-extras.ts';
import type { Nanos, UnixNano } from './time.ts';

export type AttributeValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly boolean[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

export const SPAN_KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

export interface ReportedEvent {
  readonly name: string;
  readonly timeUnixNano: UnixNano;
  readonly attributes: Attributes;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes?: Attributes;
}

export interface SpanStatus {
  readonly code: 'unset' | 'ok' | 'error';
  readonly message?: string;
}

export interface ReportedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly events: readonly ReportedEvent[];
  readonly links: readonly SpanLink[];
  /** OpenTelemetry resource: `service.name`, `host.name`, `process.pid`, … */
  readonly resource: Attributes;
  readonly scope?: string;
  /** Who said it: `cdp`, `netlog`, `resolver`, `playwright`, `otlp`, `haproxy`, `postgresql`, … */
  readonly source: string;
  /** Which clock stamped it; spans of one clock are never moved against each other. */
  readonly clock: string;
  readonly evidence: Evidence;
  /** How finely the source tells time; order within it means nothing. */
  readonly precisionNs: Nanos;
}

/** A bad line, a missing source, a doubtful join: kept and shown, never dropped in silence. */
export interface Warning {
  /** Dotted code: `haproxy.bad_json`, `clock.disjoint`. */
  readonly code: string;
  /** File and line, source, or span id. */
  readonly where: string;
  /** One sentence for a person. */
  readonly message: string;
}

/** Of a run whose requests went without a trace context: taken back when servers told all the same. */
export const NOT_ASKED = 'probe.not_asked';

/** A picture of the page, as it looked at one instant. */
export interface ReportedPicture {
  readonly traceId: string;
  readonly timeUnixNano: UnixNano;
  readonly mediaType: string;
  readonly body: Uint8Array;
}

/** What every importer returns: it never throws on bad input. */
export interface ImportResult {
  readonly spans: readonly ReportedSpan[];
  readonly warnings: readonly Warning[];
  /** Reports that name no trace (`NO_TRACE_ID`), for a joiner that may find theirs; nobody stores them as they are. */
  readonly untraced?: readonly ReportedSpan[];
  /** What a file that Headwater wrote tells of its runs beside their spans. */
  readonly runs?: readonly RunExtras[];
  /** Those on which nothing typed can stand. */
  readonly pictures?: readonly ReportedPicture[];
}
