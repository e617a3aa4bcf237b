/**
 * Two runs of a journey side by side, or a run and what is usual for its journey.
 *
 * `a` is the run that is looked at, `b` what it is held against. Every Δ is a − b: positive is what `a` took more.
 * Of two runs, Σ `layers[].deltaNs` = Σ `parts[].deltaNs` = Σ `steps[].deltaNs` = `deltaNs`, exactly.
 */
import type { SpanType } from './attributes.ts';
import type { Cause, Layer } from './layer.ts';
import type { Nanos } from './time.ts';

export interface Change {
  readonly aNs: Nanos;
  readonly bNs: Nanos;
  readonly deltaNs: Nanos;
}

export interface ComparedSide {
  readonly kind: 'run' | 'usual';
  /** Null for what is usual. */
  readonly traceId: string | null;
  readonly journey: string;
  readonly status: 'ok' | 'failed';
  readonly startUnixNano: string | null;
  readonly wallNs: Nanos;
  /** The verdict of the run by itself; empty for what is usual. */
  readonly sentence: string;
  /** How many runs it stands for. */
  readonly runs: number;
}

export interface LayerChange extends Change {
  readonly layer: Layer;
}

/** A part of the ledger: ports are left out of the component's name, for the next run has others. */
export interface PartChange extends Change {
  readonly layer: Layer;
  readonly component: string;
  readonly cause: Cause;
  /** Most of it is derived, and nobody saw it. */
  readonly aInferred: boolean;
  readonly bInferred: boolean;
  /** Where most of the time was spent; null where there was none, or nobody knows it span by span. */
  readonly aSpanId: string | null;
  readonly bSpanId: string | null;
}

export interface StepChange extends Change {
  /** Null for the time outside of all steps. */
  readonly name: string | null;
  readonly kind: Presence;
  readonly layers: readonly LayerChange[];
}

/** `added`: only `a` has it; `removed`: only `b` has it. */
export type Presence = 'both' | 'added' | 'removed';

export interface SpanOccurrence {
  readonly spanId: string;
  /** Since the start of its run. */
  readonly startNs: Nanos;
  readonly ns: Nanos;
  /** Of that, what the run waited for in this very span: its part of the critical path. */
  readonly ownNs: Nanos;
}

export interface SpanChange {
  /** Place of the parent in the list; −1 for the root. Parents stand before their children. */
  readonly parent: number;
  readonly kind: Presence;
  readonly name: string;
  readonly type: SpanType | null;
  readonly layer: Layer;
  readonly component: string;
  /** Present where `b` has it from somebody else: another server of several. */
  readonly otherComponent?: string;
  readonly a: SpanOccurrence | null;
  readonly b: SpanOccurrence | null;
  readonly deltaNs: Nanos;
  readonly ownDeltaNs: Nanos;
}

/** Of one host, how often the browser paid for a part of setting up a connection, and how long that took. */
export interface SetupPaid {
  readonly times: number;
  readonly ns: Nanos;
}

export interface ConnectionChange {
  readonly host: string;
  /** `socket`: connections that were opened, spare ones too; `cache`: answers that no network was asked for. */
  readonly phase: 'dns' | 'tcp' | 'tls' | 'socket' | 'cache';
  readonly a: SetupPaid;
  readonly b: SetupPaid;
}

export interface Comparison {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  readonly deltaNs: Nanos;
  /** What changed, in one sentence. */
  readonly sentence: string;
  /** What a reader must know before trusting it: two journeys, another outcome. */
  readonly notes: readonly string[];
  /** In the order of `LAYERS`; those that neither has are left out. */
  readonly layers: readonly LayerChange[];
  /** Largest change first. */
  readonly parts: readonly PartChange[];
  /** Of the wall time's Δ, what the parts do not add up to: medians of parts are not parts of a median. 0 for two runs. */
  readonly restNs: Nanos;
  /** In the order of the run; the time outside of all steps last. */
  readonly steps: readonly StepChange[];
  /** Only what differs. */
  readonly connections: readonly ConnectionChange[];
  /** Depth first, siblings by start, without the sockets of `connections`; null when `b` is what is usual, which nobody knows span by span. */
  readonly spans: readonly SpanChange[] | null;
  /** Spans that changed by less, and have nothing below them that changed by more, are not in the list. */
  readonly leftOut?: { readonly leastNs: Nanos; readonly spans: number };
}

/** One that a run can be compared with. */
export interface CompareChoice {
  readonly traceId: string;
  readonly startUnixNano: string;
  readonly wallNs: Nanos;
  readonly status: 'ok' | 'failed';
  readonly journey: string;
}

export interface CompareChoices {
  readonly a: CompareChoice;
  /** How many runs tell what is usual; null when there are too few. */
  readonly usualRuns: number | null;
  /** Other runs of the same journey, newest first, then those of others. */
  readonly runs: readonly CompareChoice[];
  /** What is compared with when nobody says: `normal`, a trace ID, or null when there is nothing. */
  readonly first: string | null;
}
