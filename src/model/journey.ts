/** What is kept of each run for looking at a journey over time, and what the API tells of journeys. */
import type { BudgetMark, GoalsState } from './goals.ts';
import type { Layer } from './layer.ts';
import type { RunSummary } from './report.ts';
import type { Nanos } from './time.ts';

export type LayerTimes = Readonly<Partial<Record<Layer, Nanos>>>;

export interface StepOutcome {
  readonly name: string;
  readonly status: 'ok' | 'failed';
  readonly wallNs: Nanos;
  readonly layers: LayerTimes;
}

/** A run as its journey's history shows it. */
export interface RunOutcome extends RunSummary {
  readonly steps: readonly StepOutcome[];
  /** Ended well and without a problem worth a word: what is usual is known from such runs. */
  readonly healthy: boolean;
}

/** Which runs of all; what is left out does not matter. */
export interface RunFilter {
  readonly journey?: string;
  /** Empty for runs of which no site is known. */
  readonly site?: string;
  readonly status?: RunSummary['status'];
  /** What the verdict names. */
  readonly layer?: Layer;
  /** Each must be in the sentence, or in a name of the run. */
  readonly words?: readonly string[];
  readonly sinceUnixNano?: bigint;
  readonly untilUnixNano?: bigint;
  /** Only those that come after this run in a list with the newest first. */
  readonly before?: RunPlace;
}

/** Where a run stands in the list. */
export type RunPlace = Pick<RunSummary, 'startUnixNano' | 'traceId'>;

/** A journey at one site. */
export interface JourneyRow {
  readonly journey: string;
  readonly site: string;
  /** All that are kept. */
  readonly runs: number;
  /** The last of them, newest first. */
  readonly recent: readonly RunSummary[];
  /** Where budgets are set for it. */
  readonly budget?: BudgetMark;
}

/** With fewer runs than this, nobody knows how much a part moves by itself. */
export const RUNS_FOR_A_NORMAL = 5;

/** Wall time that is no surprise, known from healthy runs. */
export interface UsualWall {
  readonly runs: number;
  readonly lowNs: Nanos;
  readonly medianNs: Nanos;
  readonly highNs: Nanos;
}

export interface JourneyHistory {
  readonly journey: string;
  readonly site: string;
  /** Every site that the journey was walked at, the last one first. */
  readonly sites: readonly string[];
  /** How many runs of it are kept; `runs` may be fewer. */
  readonly total: number;
  /** Oldest first. */
  readonly runs: readonly RunOutcome[];
  readonly usual?: UsualWall;
  /** Where something was agreed on for it. */
  readonly goals?: GoalsState;
}
