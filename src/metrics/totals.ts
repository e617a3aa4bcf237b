/**
 * What was counted of a journey's runs since counting began. It only grows: neither dropping runs nor a restart takes
 * anything away, so it is kept beside the runs and not made of them.
 */
import type { Layer } from '../model/layer.ts';
import type { Nanos } from '../model/time.ts';

/** Upper ends of a histogram's buckets, in seconds: from a page that is cached to a journey of many steps. */
export const DURATION_BOUNDS_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;

export interface Exemplar {
  readonly traceId: string;
  readonly wallNs: Nanos;
  readonly atUnixMs: number;
}

export interface Durations {
  readonly count: number;
  readonly sumNs: Nanos;
  /** One more than there are bounds; each run is in one. */
  readonly buckets: readonly number[];
  /** The last run of each bucket. */
  readonly exemplars: readonly (Exemplar | null)[];
}

/** How often a step ended well, since this layer was first seen in it, and how long the layer had the time. */
export interface LayerTotal {
  readonly layer: Layer;
  readonly count: number;
  readonly sumNs: Nanos;
}

export interface StepTotals {
  readonly step: string;
  readonly layers: readonly LayerTotal[];
}

export type CountedStatus = 'ok' | 'failed';

/** Of one journey at one site; names are values of labels. */
export interface JourneyTotals {
  readonly journey: string;
  readonly site: string;
  readonly sinceUnixMs: number;
  /** When the run that began last did so. */
  readonly lastUnixMs: number;
  readonly statuses: Readonly<Partial<Record<CountedStatus, Durations>>>;
  readonly steps: readonly StepTotals[];
}

export const NO_DURATIONS: Durations = {
  count: 0,
  sumNs: 0,
  buckets: [...DURATION_BOUNDS_S, Infinity].map(() => 0),
  exemplars: [...DURATION_BOUNDS_S, Infinity].map(() => null),
};

export function withRun(durations: Durations, run: Exemplar): Durations {
  const found = DURATION_BOUNDS_S.findIndex((bound) => run.wallNs <= bound * 1e9);
  const place = found === -1 ? DURATION_BOUNDS_S.length : found;
  return {
    count: durations.count + 1,
    sumNs: durations.sumNs + run.wallNs,
    buckets: durations.buckets.map((count, i) => (i === place ? count + 1 : count)),
    exemplars: durations.exemplars.map((exemplar, i) => (i === place ? run : exemplar)),
  };
}

/** Buckets, sum and count of the histogram, and the counter of runs. */
export const SERIES_OF_A_STATUS = DURATION_BOUNDS_S.length + 1 + 2 + 1;
/** The time of the last run. */
export const SERIES_OF_A_JOURNEY = 1;
/** Sum and count: a histogram would be thirteen for each layer of each step. */
export const SERIES_OF_A_LAYER = 2;

export const seriesOf = ({ statuses, steps }: JourneyTotals): number =>
  SERIES_OF_A_JOURNEY +
  SERIES_OF_A_STATUS * Object.keys(statuses).length +
  SERIES_OF_A_LAYER * steps.reduce((sum, { layers }) => sum + layers.length, 0);
