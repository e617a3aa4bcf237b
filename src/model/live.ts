/** A run in progress, as far as it is known: what the viewer draws until there is a report. */
import type { Evidence, Layer } from './layer.ts';
import type { Nanos } from './time.ts';

/** `running`: the journey goes on. `settling`: it has ended, and its servers are waited for. */
export type LiveState = 'running' | 'settling';

/** A part of a row's time whose layer is known. */
export interface LivePiece {
  readonly layer: Layer;
  readonly evidence: Evidence;
  readonly startNs: Nanos;
  readonly endNs: Nanos;
}

export interface LiveRow {
  readonly spanId: string;
  readonly kind: 'step' | 'action' | 'request';
  readonly name: string;
  readonly component: string;
  /** Depth below the run. */
  readonly level: number;
  readonly startNs: Nanos;
  /** Until now, when it is open. */
  readonly endNs: Nanos;
  readonly open: boolean;
  readonly error?: string;
  /** By start; deeper parts after those around them. */
  readonly pieces: readonly LivePiece[];
}

export interface LiveRun {
  readonly traceId: string;
  readonly journey: string;
  readonly startUnixNano: string;
  readonly state: LiveState;
  /** The last instant that is known of, since the run began. */
  readonly nowNs: Nanos;
  /** Unix ms at which the probe last told of it. */
  readonly toldUnixMs: number;
  readonly rows: readonly LiveRow[];
  /** Rows that were left out: the oldest, in a very long run. */
  readonly hidden: number;
  /** Spans that have come in so far, from whom: `cdp` → 31. */
  readonly sources: Readonly<Record<string, number>>;
}

/** The answer once the run is over: it can be drawn as every other. */
export interface LiveEnded {
  readonly state: 'ended';
}
