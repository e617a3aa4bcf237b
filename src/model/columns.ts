/**
 * A run as columns: what the viewer loads. A span is its position; a text is its code in one table of distinct texts;
 * what few spans have (events, links, …) stands in tables of its own, sorted by span. Nothing of a run is left out:
 * `viewOf` gives back the view that `columnsOf` was given.
 */
import { EVIDENCE, LAYERS } from './layer.ts';
import type { RunView } from './report.ts';
import { SPAN_KINDS, type SpanStatus } from './span.ts';
import type { Trace } from './trace.ts';

/** A code is a place in one of these lists. They may grow at their ends only: stored columns hold codes. */
export const STATUS_CODES: readonly SpanStatus['code'][] = ['unset', 'ok', 'error'];
export const CODED = { layer: LAYERS, evidence: EVIDENCE, kind: SPAN_KINDS, status: STATUS_CODES } as const;

/** Distinct texts by code. */
export interface Texts {
  readonly size: number;
  at(code: number): string;
  /** UTF-8, one after the other, text i from `offsets[i]` to `offsets[i + 1]`: for searching all of them. */
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
}

export interface SpanColumns {
  /** Position of the parent, which is always smaller; −1 for a root. */
  readonly parent: Int32Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  readonly precisionNs: Float64Array;
  readonly layer: Uint8Array;
  readonly kind: Uint8Array;
  readonly evidence: Uint8Array;
  readonly status: Uint8Array;
  /** 0: none; else one more than the place in `SPAN_TYPES`. */
  readonly type: Uint8Array;
  readonly name: Int32Array;
  readonly component: Int32Array;
  readonly source: Int32Array;
  readonly clock: Int32Array;
  /** Where the span's attributes end in `attributes`; they begin where those of the one before end. */
  readonly attributesEnd: Int32Array;
  /** The two halves of an id of 16 hex digits; empty when any id is something else, then `idText` has them. */
  readonly idHigh: Uint32Array;
  readonly idLow: Uint32Array;
  readonly idText: Int32Array;
}

/** How the text of an attribute's value is to be read: a place in this list. */
export const VALUE_FORMS = ['text', 'number', 'boolean', 'json'] as const;

export interface RunColumns {
  readonly head: RunHead;
  readonly texts: Texts;
  readonly spans: SpanColumns;
  readonly attributes: { readonly pair: Int32Array };
  /** Distinct attributes. */
  readonly pairs: { readonly name: Int32Array; readonly value: Int32Array; readonly form: Uint8Array };
  /** Spans that were moved: the times that their sources gave. */
  readonly moved: {
    readonly span: Int32Array;
    readonly startNs: Float64Array;
    readonly endNs: Float64Array;
  };
  /** `attributes`: text code of their JSON, −1 for none. */
  readonly events: {
    readonly span: Int32Array;
    readonly timeNs: Float64Array;
    readonly name: Int32Array;
    readonly attributes: Int32Array;
  };
  readonly links: {
    readonly span: Int32Array;
    readonly traceId: Int32Array;
    readonly spanId: Int32Array;
    readonly attributes: Int32Array;
  };
  readonly placed: { readonly span: Int32Array; readonly reason: Int32Array };
  readonly messages: { readonly span: Int32Array; readonly text: Int32Array };
  /** `host`: −1 where it was not said. */
  readonly processes: { readonly span: Int32Array; readonly pid: Float64Array; readonly host: Int32Array };
  /** The critical path by time. `span` −1: the trace has no span of that id, `spanId` is the text's code. */
  readonly path: {
    readonly startNs: Float64Array;
    readonly endNs: Float64Array;
    readonly layer: Uint8Array;
    readonly evidence: Uint8Array;
    readonly component: Int32Array;
    readonly cause: Int32Array;
    readonly span: Int32Array;
    readonly spanId: Int32Array;
  };
}

/** The view without what stands in columns. A ledger's entries name some of their spans; the path knows all. */
export interface RunHead extends Omit<RunView, 'path' | 'trace'> {
  readonly trace: Omit<Trace, 'spans'>;
}

export const NO_TEXT = -1;
