/** A stitched trace: many reports, one tree, one clock. Times are relative to `originUnixNano`. */
import type { Evidence, Layer } from './layer.ts';
import type { Attributes, SpanKind, SpanLink, SpanStatus, Warning } from './span.ts';
import type { Nanos } from './time.ts';

export interface TraceEvent {
  readonly name: string;
  readonly timeNs: Nanos;
  readonly attributes: Attributes;
}

export interface Span {
  readonly spanId: string;
  /** Parent in the stitched tree; null for the root. Not always the parent the source named: see `placed`. */
  readonly parentId: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  /** Aligned times: clock offsets applied, children held inside their parents within the source's precision. */
  readonly startNs: Nanos;
  readonly endNs: Nanos;
  /** As the source said it. Never changed. */
  readonly rawStartNs: Nanos;
  readonly rawEndNs: Nanos;
  readonly layer: Layer;
  /** Who: a service, host, database or name server, in the words of the source. */
  readonly component: string;
  readonly evidence: Evidence;
  readonly source: string;
  readonly clock: string;
  readonly precisionNs: Nanos;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly events: readonly TraceEvent[];
  readonly links: readonly SpanLink[];
  /** The process that reported it, where it said so (`process.pid`, `host.name`). */
  readonly osProcess?: { readonly pid: number; readonly host?: string } | undefined;
  /** Why the span hangs or lies where it does, when stitching decided it: `under proxy`, `clamped 0.4 ms`. */
  readonly placed: readonly string[];
}

/** What is known of one clock against the browser's: its true offset lies within `offsetNs ± boundNs`. */
export interface ClockOffset {
  readonly clock: string;
  /** Added to the clock's raw times; of a clock that drifts, at the trace's origin. 0 unless causality forbids it. */
  readonly offsetNs: Nanos;
  /** True for all of the time in which the clock was heard. */
  readonly boundNs: Nanos;
  /** Only where no constant offset is possible: the offset grows by so many µs a second. Negative: the clock is fast. */
  readonly driftPpm?: number;
  readonly driftBoundPpm?: number;
}

export interface Trace {
  readonly traceId: string;
  /** Unix ns, decimal digits: JSON has no bigint. */
  readonly originUnixNano: string;
  readonly rootId: string;
  /** Parents before children; siblings by start. */
  readonly spans: readonly Span[];
  readonly clocks: readonly ClockOffset[];
  readonly warnings: readonly Warning[];
}
