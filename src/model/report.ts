/**
 * What Headwater says of one run: the object that `--json` prints, the store keeps and the viewer draws.
 * Σ `ledger[].ns` = `wallNs`, and Σ of the path's pieces too, always.
 */
import type { HotPiece } from './cpu-profile.ts';
import type { ProcessQuantity } from './host-lanes.ts';
import type { Dropped } from './keeping.ts';
import type { Cause, Evidence, Layer } from './layer.ts';
import type { Warning } from './span.ts';
import type { Nanos } from './time.ts';
import type { ClockOffset, Trace } from './trace.ts';

export interface LedgerEntry {
  readonly layer: Layer;
  readonly component: string;
  readonly cause: Cause;
  readonly ns: Nanos;
  readonly evidence: Evidence;
  /** The spans that this time was spent in, most first. */
  readonly spanIds: readonly string[];
}

/** One piece of the critical path: who had the water between two instants. Pieces are contiguous. */
export interface PathPiece {
  readonly startNs: Nanos;
  readonly endNs: Nanos;
  readonly layer: Layer;
  readonly component: string;
  readonly cause: Cause;
  readonly evidence: Evidence;
  /** Deepest span that explains the piece. */
  readonly spanId: string;
}

export interface StepReport {
  readonly name: string;
  readonly spanId: string;
  readonly status: 'ok' | 'failed';
  readonly startNs: Nanos;
  readonly wallNs: Nanos;
  readonly ledger: readonly LedgerEntry[];
}

/** `certain`: somebody who waited saw it. `likely`: derived from both ends. `thin`: there are other explanations. */
export type Confidence = 'certain' | 'likely' | 'thin';

/** Another problem of the run, beside the one that the verdict names. */
export interface OtherProblem {
  readonly layer: Layer;
  readonly component: string;
  readonly cause: Cause;
  readonly ns: Nanos;
}

/** What earlier runs of the journey say is usual; medians. */
export interface UsualTime {
  /** How many runs that is known from. */
  readonly runs: number;
  readonly wallNs: Nanos;
  /** Of what the verdict names. */
  readonly ns: Nanos;
}

export interface Verdict {
  readonly layer: Layer;
  readonly component: string;
  readonly cause: Cause;
  /** All of the time that the cause had; beside a `usual`, what it had more than usual. */
  readonly ns: Nanos;
  /** What, where, why, in one sentence that a tired person understands. */
  readonly sentence: string;
  /** One more sentence of proof, from the spans' own numbers. */
  readonly evidence: string;
  /** What to look at next. */
  readonly next: string;
  readonly spanIds: readonly string[];
  /** Other problems worth a word, most time first. */
  readonly others?: readonly OtherProblem[];
  readonly confidence?: Confidence;
  /** Why the confidence is not `certain`. */
  readonly doubt?: string;
  /** Present when the run was compared with earlier ones. */
  readonly usual?: UsualTime;
}

export interface Coverage {
  readonly layer: Layer;
  /** Where its spans came from: `NetLog`, `HAProxy log`, … Empty when the layer was not seen. */
  readonly sources: readonly string[];
  /** How to see what was not seen. */
  readonly hint?: string;
  /** Whose configuration would reveal it: `headwater doctor --config NAME` prints the lines. */
  readonly config?: string;
}

export interface RunReport {
  readonly traceId: string;
  readonly journey: string;
  readonly status: 'ok' | 'failed';
  /** Why it failed, in the journey's own words. */
  readonly error?: string;
  readonly startUnixNano: string;
  readonly wallNs: Nanos;
  readonly steps: readonly StepReport[];
  readonly ledger: readonly LedgerEntry[];
  readonly unknownNs: Nanos;
  readonly verdict: Verdict;
  readonly coverage: readonly Coverage[];
  readonly clocks: readonly ClockOffset[];
  readonly warnings: readonly Warning[];
  /** What the observation itself cost, where it was measured. Milliseconds or counts, named. */
  readonly overhead: Readonly<Record<string, number>>;
  readonly viewerUrl: string | null;
}

/** A picture of the page, as it looked at one instant. */
export interface Frame {
  readonly timeNs: Nanos;
  /** Name of the run's file that holds it: `/api/runs/:traceId/files/:name`. */
  readonly file: string;
}

/** One measured quantity of a host over the run, drawn under the waterfall on the same axis. */
export interface Lane {
  readonly host: string;
  /** `cpu pressure`, `TCP retransmits`, `listen queue :443`. */
  readonly name: string;
  /** UCUM, as OpenTelemetry's metrics use it: `%`, `1`, `{packet}`, `ms`. */
  readonly unit: string;
  /** Instants by time, aligned with the trace's spans, relative to its origin; as many as `values`. */
  readonly timesNs: readonly Nanos[];
  /** Each is what held, or what was added, since the instant before. */
  readonly values: readonly number[];
  /** Where the quantity is full: the length of a queue, 100 %. */
  readonly limit?: number;
  /** Of a quantity of one process: its number on that host, and which of `PROCESS_QUANTITIES` it is. */
  readonly osProcess?: { readonly pid: number; readonly quantity: ProcessQuantity };
}

/** What the viewer loads for one run. */
export interface RunView {
  readonly report: RunReport;
  readonly path: readonly PathPiece[];
  readonly trace: Trace;
  /** Of how many batches of spans it was made: when there are more, some came late. */
  readonly madeOf?: number;
  /** Traces of servers that its requests name, and how many batches of theirs there were: more may have come since. */
  readonly named?: { readonly traceIds: readonly string[]; readonly chunks: number };
  /** By time. */
  readonly frames?: readonly Frame[];
  readonly lanes?: readonly Lane[];
  /** Functions that were sampled under pieces of the ledger, the piece that they explain most first. */
  readonly hot?: readonly HotPiece[];
  /** Host of the first request: what was visited. */
  readonly site?: string;
  /** What is no longer kept of it: without its spans, a run has none here. */
  readonly dropped?: Dropped;
  /** `cold`, `warm, CPU 4× slower`: only runs of the same conditions are compared. Views of older versions do not tell. */
  readonly conditions?: string;
}

/** One row of the run list. */
export interface RunSummary {
  readonly traceId: string;
  readonly journey: string;
  readonly status: 'running' | 'ok' | 'failed';
  readonly startUnixNano: string;
  readonly wallNs: Nanos;
  readonly layers: Readonly<Partial<Record<Layer, Nanos>>>;
  readonly sentence: string;
  /** What was visited: a host. */
  readonly site?: string;
  /** What the verdict names. */
  readonly blamed?: Pick<Verdict, 'layer' | 'component' | 'cause'>;
  /** Which parts are no longer kept, since when and why. */
  readonly dropped?: Dropped;
}
