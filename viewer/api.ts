/** Asks the server. Every failure becomes a sentence that says what to do. */
import type { RunSummary, RunView } from '../src/model/report.ts';

export class AskError extends Error {
  constructor(
    message: string,
    /** The run is under way: ask again later. */
    readonly running = false,
  ) {
    super(message);
  }
}

export const fetchRuns = (): Promise<RunSummary[]> => ask<RunSummary[]>('/api/runs');
export const fetchRun = (traceId: string): Promise<RunView> =>
  ask<RunView>(`/api/runs/${encodeURIComponent(traceId)}`);

async function ask<T>(path: string): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { headers: { accept: 'application/json' } });
  } catch {
    throw new AskError(
      `No answer from ${location.host}. Is the server still up? Start it with \`npx headwater serve\`; this page asks again when you press Try again.`,
    );
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  const { error, running } = (body ?? {}) as { error?: string; running?: boolean };
  throw new AskError(error ?? `The server answered ${response.status} without saying why.`, running === true);
}
