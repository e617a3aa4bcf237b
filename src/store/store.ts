/**
 * What Headwater remembers: spans as their sources reported them (never changed afterwards), the runs made of them,
 * and the warnings that came with them. Every implementation passes test/store/store.cases.ts.
 */

import type { JourneyTotals } from '../metrics/totals.ts';
import type { GoalRun } from '../model/goals.ts';
import type { JourneyRow, RunFilter, RunOutcome } from '../model/journey.ts';
import type { DiskUse, Drop, KeepPolicy } from '../model/keeping.ts';
import type { LiveState } from '../model/live.ts';
import type { RunSummary, RunView } from '../model/report.ts';
import type { ReportedSpan, Warning } from '../model/span.ts';

export interface Arrivals {
  /** How many batches have brought spans; one that brought some of several traces counts for each. */
  readonly chunks: number;
  /** Unix ms of the last of them; 0 when there is none. */
  readonly lastReceivedUnixMs: number;
}

/** What belongs to a run and is no span: a picture of the page, the samples of a host. */
export interface RunFile {
  /** `frames/1795333153872950123.jpg`, `hosts/web-1.json`: unique within the run. */
  readonly name: string;
  readonly mediaType: string;
  readonly body: Uint8Array;
}

/** What the probe knows of a run while it runs. Never part of what the finished run is made of. */
export interface LiveSpans {
  readonly state: LiveState;
  /** Unix ms. */
  readonly toldUnixMs: number;
  readonly spans: readonly ReportedSpan[];
}

/** Something small that is remembered beside the runs: a deployment's mark, an alert, what was scheduled when. */
export interface StoreRecord {
  /** Unique within its kind. */
  readonly key: string;
  /** Unix ms: what records are listed by. */
  readonly atUnixMs: number;
  /** Anything that JSON can hold. */
  readonly body: unknown;
}

/** Which records of a kind, by time; both ends count. */
export interface RecordFilter {
  readonly sinceUnixMs?: number;
  readonly untilUnixMs?: number;
  /** The latest of them; 1 000 unless told otherwise. */
  readonly limit?: number;
}

export interface StoreSums {
  /** Series that were refused, by label. */
  readonly refused: Readonly<Record<string, number>>;
  /** Parts that were dropped, by part and what it went by: `spans days`. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Spans of many traces, and the batch that came last. */
export interface Arrived {
  readonly spans: readonly ReportedSpan[];
  readonly lastChunk: number;
}

export interface Store {
  /** Keeps the spans, secrets taken out, and returns when they are on the disk. All of them or, by throwing, none. */
  append(spans: readonly ReportedSpan[]): void;
  /** Everything that was appended of one trace, in the order of arrival, duplicates included. */
  spans(traceId: string): ReportedSpan[];
  /** Number of the batch that came last, of any trace; 0 when there is none. */
  lastChunk(): number;
  /**
   * What came after that batch, in the order of arrival, of all traces but those of `except`; `limit` batches at most,
   * the latest. `lastChunk` counts all traces.
   */
  spansSince(chunk: number, limit: number, except?: readonly string[]): Arrived;
  /** Whether more is still coming in of these traces together, for deciding that one is complete. */
  lastAppend(traceIds: string | readonly string[]): Arrivals;

  /** Puts a run on the list before there is anything to draw; replaces the row of an earlier call. */
  startRun(summary: RunSummary): void;
  /** Keeps a finished run and its row on the list; replaces what was there, for spans that came late. */
  saveRun(view: RunView): void;
  run(traceId: string): RunView | undefined;
  /**
   * The same as packed columns, in parts: kept of large runs, whose JSON takes long to read. Undefined for others, and
   * for a run that has got more spans since.
   */
  columns(traceId: string): Uint8Array[] | undefined;
  /** The same without its spans: quick, however large the run is. */
  outline(traceId: string): RunView | undefined;
  /** Runs, newest first; 100 of all unless told otherwise. */
  runs(limit?: number, filter?: RunFilter): RunSummary[];
  /** The row of one run. */
  summary(traceId: string): RunSummary | undefined;
  /** Finished runs with their steps, newest first. */
  outcomes(limit: number, filter: RunFilter): RunOutcome[];
  /** How finished runs ended, and nothing else of them: quick for all runs of a month. Oldest first. */
  goalRuns(filter: RunFilter): GoalRun[];
  /** Each journey at each site with its last runs, the one that ran last first. */
  journeys(recent: number): JourneyRow[];

  /** Keeps what is known so far of a run in progress, instead of what was; gone when the run is saved. */
  keepLive(traceId: string, live: LiveSpans): void;
  live(traceId: string): LiveSpans | undefined;

  /** Keeps files of a run; one of the same name is replaced. */
  attach(traceId: string, files: readonly RunFile[]): void;
  /** Names of a run's files, sorted. */
  fileNames(traceId: string): string[];
  file(traceId: string, name: string): RunFile | undefined;

  /** Keeps warnings of one trace, or of none in particular (null). */
  warn(traceId: string | null, warnings: readonly Warning[]): void;
  /** The warnings of one trace, or those of none in particular (null): the last 1 000, oldest first. */
  warnings(traceId: string | null): Warning[];

  /** Keeps a record, on the disk when it returns; one of the same kind and key is replaced. */
  keepRecord(kind: string, record: StoreRecord): void;
  record(kind: string, key: string): StoreRecord | undefined;
  /** Newest first. */
  records(kind: string, filter?: RecordFilter): StoreRecord[];
  dropRecord(kind: string, key: string): void;

  /** What was counted of all journeys' runs: cumulative, whatever was dropped since. */
  totals(): JourneyTotals[];
  sums(): StoreSums;

  /**
   * What would go by the policy, and so many bytes besides.
   * @param withReports looks at runs of which only the report is left too, and those are many
   */
  planned(policy: KeepPolicy, nowUnixMs: number, overBytes: number, withReports: boolean): Drop[];
  /**
   * Drops these parts, a few in each transaction; each run's row stays, and says what went, when
   * and why. As many as the log has room for; what is left is planned again.
   */
  drop(drops: readonly Drop[], atUnixMs: number): void;
  diskUse(): DiskUse;
  /** Gives so many free bytes back to the file system, a piece at a time, or as many as there are. */
  shrink(bytes: number): void;
  /** Writes the whole file anew, as small as it can be; nobody else can write meanwhile. */
  rebuild(): void;
  /** Lets go of warnings of no trace that `warnings` does not tell any more. */
  trimWarnings(): void;

  /** Trace ids that begin with these hex digits, 20 at most. */
  findTrace(prefix: string): string[];
  close(): void;
}
