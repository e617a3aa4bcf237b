/** A journey that takes longer, or shorter, than it used to: since when, in which layer, and by how much. */
import type { Cause, Layer } from './layer.ts';
import type { RunReport, StepReport } from './report.ts';
import type { Nanos } from './time.ts';

/** The least of a run that is needed. */
export interface ShiftRun
  extends Pick<RunReport, 'traceId' | 'status' | 'startUnixNano' | 'wallNs' | 'ledger'> {
  readonly journey: string;
  /** Empty when no site is known. */
  readonly site: string;
  /** `cold`, `warm, cpu 4× slower`: runs of different conditions are never compared. */
  readonly conditions: string;
  readonly steps: readonly Pick<StepReport, 'name' | 'status' | 'wallNs' | 'ledger'>[];
}

/** A deployment, or something else that may have changed the site. */
export interface Mark {
  readonly name: string;
  readonly unixMs: number;
}

export interface ShiftSide {
  readonly runs: number;
  readonly medianNs: Nanos;
  readonly p75Ns: Nanos;
}

export type ShiftDirection = 'slower' | 'faster';

export interface Shift {
  readonly journey: string;
  readonly site: string;
  readonly conditions: string;
  /** Null: more than one step, so the whole run. */
  readonly step: string | null;
  readonly layer: Layer;
  /** Who had most of it, and why, as far as it is known. */
  readonly component: string;
  readonly cause: Cause;
  readonly direction: ShiftDirection;
  /** By how much the wall time of the step, or of the run, moved; negative when it is shorter now. */
  readonly deltaNs: { readonly medianNs: Nanos; readonly p75Ns: Nanos };
  /** By how much the layer's time moved, or the cause's where that alone shows it (medians). */
  readonly partNs: Nanos;
  /** Of the wall's own change, 0 to 1; null when the wall does not show it, for other parts moved the other way. */
  readonly share: number | null;
  /** Start of the first run after the change. */
  readonly sinceUnixMs: number;
  /** The same time, in the step or in the run. */
  readonly before: ShiftSide;
  readonly after: ShiftSide;
  /** How probable it is that chance makes any layer of any step look as changed as this. */
  readonly p: number;
  /** What was marked just before it. */
  readonly mark: Mark | null;
  /** The newest run. */
  readonly traceId: string;
  /** One that was typical before. */
  readonly usualTraceId: string;
  readonly sentence: string;
}
