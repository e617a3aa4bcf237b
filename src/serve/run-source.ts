/** The little that the API needs of a store. Anything that can answer these can be served. */
import type { RunSummary, RunView } from '../model/report.ts';
import type { RunFile } from '../store/store.ts';

export interface RunSource {
  /** Newest first. */
  runs(limit?: number): readonly RunSummary[];
  run(traceId: string): RunView | undefined;
  file(traceId: string, name: string): RunFile | undefined;
  /** Trace IDs that start with these hex digits. */
  findTrace(prefix: string): readonly string[];
}
