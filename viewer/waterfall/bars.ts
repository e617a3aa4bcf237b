/** What is painted in one row. */
import type { Layer } from '../../src/model/layer.ts';
import type { Nanos } from '../../src/model/time.ts';
import type { Mark } from '../trace/marks.ts';

export type Tone = 'wait' | 'own' | 'path';

export interface Bar {
  readonly startNs: Nanos;
  readonly endNs: Nanos;
  readonly layer: Layer;
  readonly tone: Tone;
  readonly inferred: boolean;
  readonly span: number;
}

export interface RowBars {
  /** In the order of painting: later ones lie on top. */
  readonly bars: readonly Bar[];
  /** Where the critical path runs through this row or below it. */
  readonly line: readonly (readonly [Nanos, Nanos])[];
  /** Drawn as a thin frame: it only holds others together. */
  readonly thin: boolean;
  readonly failed: boolean;
  /** Struck through: an attempt that lost or failed, from which nothing followed. */
  readonly struck: boolean;
  /** A connection that no request used: in outline. */
  readonly spare: boolean;
  /** Instants that the row's spans tell of; of all below, in a closed row. */
  readonly marks: readonly Mark[];
}
