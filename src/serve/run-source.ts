/** The little that the API needs of a store. Anything that can answer these can be served. */
import type { AlertSource } from '../alert/send/alert-source.ts';
import type { Counts } from '../metrics/families.ts';
import type { GoalRun } from '../model/goals.ts';
import type { JourneyRow, RunFilter, RunOutcome } from '../model/journey.ts';
import type { LiveEnded, LiveRun } from '../model/live.ts';
import type { RunSummary, RunView } from '../model/report.ts';
import type { Usual } from '../run/usual.ts';
import type { RunFile } from '../store/store.ts';

/** What a source may know beyond single runs; one that does not has no journeys, and nothing in progress. */
export interface JourneySource {
  /** Each journey at each site with so many of its last runs. */
  journeys(recent: number): readonly JourneyRow[];
  /** Newest first. */
  outcomes(limit: number, filter: RunFilter): readonly RunOutcome[];
  /** How finished runs ended, oldest first. */
  goalRuns(filter: RunFilter): readonly GoalRun[];
  /** What is known so far of a run in progress; undefined when there is no such run. */
  live(traceId: string): LiveRun | LiveEnded | undefined;
}

export interface RunSource extends Partial<JourneySource> {
  /** Newest first. */
  runs(limit?: number, filter?: RunFilter): readonly RunSummary[];
  run(traceId: string): RunView | undefined;
  /** The run as packed columns, in parts, where it was stored as such. */
  columns?(traceId: string): readonly Uint8Array[] | undefined;
  file(traceId: string, name: string): RunFile | undefined;
  /** Trace IDs that start with these hex digits. */
  findTrace(prefix: string): readonly string[];
  /** What is counted of all runs, and what they take on the disk. */
  counts?(): Counts;
  /** The row of one run, also of one whose report is gone. */
  summary?(traceId: string): RunSummary | undefined;
  /** What earlier runs of a journey say is usual, where that can be known. */
  readonly usual?: Usual;
  /** What is wrong now, where alerts are kept. */
  readonly alerts?: AlertSource;
}
