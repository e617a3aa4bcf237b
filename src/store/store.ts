/**
 * What Headwater remembers: spans as their sources reported them (never changed afterwards), the runs made of them,
 * and the warnings that came with them. Every implementation passes test/store/store.cases.ts.
 */
import type { RunSummary, RunView } from '../model/report.ts';
import type { ReportedSpan, Warning } from '../model/span.ts';

export interface Arrivals {
  /** How many batches have brought spans of this trace. */
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

export interface Store {
  /** Keeps the spans, secrets taken out, and returns when they are on the disk. All of them or, by throwing, none. */
  append(spans: readonly ReportedSpan[]): void;
  /** Everything that was appended of one trace, in the order of arrival, duplicates included. */
  spans(traceId: string): ReportedSpan[];
  /** Number of the batch that came last, of any trace; 0 when there is none. */
  lastChunk(): number;
  /** What came after that batch, of all traces, in the order of arrival; `limit` batches at most, the latest. */
  spansSince(chunk: number, limit: number): { readonly spans: ReportedSpan[]; readonly lastChunk: number };
  /** Whether more is still coming in, for deciding that a trace is complete. */
  lastAppend(traceId: string): Arrivals;

  /** Puts a run on the list before there is anything to draw; replaces the row of an earlier call. */
  startRun(summary: RunSummary): void;
  /** Keeps a finished run and its row on the list; replaces what was there, for spans that came late. */
  saveRun(view: RunView): void;
  run(traceId: string): RunView | undefined;
  /** Runs, newest first; 100 unless told otherwise. */
  runs(limit?: number): RunSummary[];

  /** Keeps files of a run; one of the same name is replaced. */
  attach(traceId: string, files: readonly RunFile[]): void;
  /** Names of a run's files, sorted. */
  fileNames(traceId: string): string[];
  file(traceId: string, name: string): RunFile | undefined;

  /** Keeps warnings of one trace, or of none in particular (null). */
  warn(traceId: string | null, warnings: readonly Warning[]): void;
  /** The warnings of one trace, or those of none in particular (null): the last 1 000, oldest first. */
  warnings(traceId: string | null): Warning[];

  /** Trace ids that begin with these hex digits, 20 at most. */
  findTrace(prefix: string): string[];
  close(): void;
}

/** The row of the run list for a finished run. */
export function summaryOf({ report }: RunView): RunSummary {
  const layers: { -readonly [L in keyof RunSummary['layers']]: number } = {};
  for (const { layer, ns } of report.ledger) layers[layer] = (layers[layer] ?? 0) + ns;
  return {
    traceId: report.traceId,
    journey: report.journey,
    status: report.status,
    startUnixNano: report.startUnixNano,
    wallNs: report.wallNs,
    layers,
    sentence: report.verdict.sentence,
  };
}
