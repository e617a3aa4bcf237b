/** The little that the API needs of a store. Anything that can answer these three can be served. */
import type { RunSummary, RunView } from '../model/report.ts';

export interface RunSource {
  /** Newest first. */
  runs(limit?: number): readonly RunSummary[];
  run(traceId: string): RunView | undefined;
  /** Trace IDs that start with these hex digits. */
  findTrace(prefix: string): readonly string[];
}
