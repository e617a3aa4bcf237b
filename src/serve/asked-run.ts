/** The run that an address asks for, by its trace ID or a unique prefix of it; else the answer that says what is wrong. */
import type { Context } from 'hono';
import type { RunSummary, RunView } from '../model/report.ts';
import { leftOver } from '../run/left.ts';
import type { RunSource } from './run-source.ts';

/** Runs in progress are among the newest. */
const RUNS_LOOKED_AT = 1_000;
const TRACE_ID_PREFIX = /^[0-9a-f]{4,32}$/;

/** With its spans: a run without them is refused with what became of them. */
export function askedRun(c: Context, store: RunSource, traceId: string): RunView | Response {
  const view = askedReport(c, store, traceId);
  return view instanceof Response || !view.dropped?.spans ? view : goneRun(c, { ...view.report, ...view });
}

/** With or without its spans. */
export function askedReport(c: Context, store: RunSource, traceId: string): RunView | Response {
  const found = askedTraceId(c, store, traceId);
  return found instanceof Response ? found : (store.run(found) ?? noSuchRun(c, store, found));
}

/** 410: it was here, and was dropped. `dropped`: the report is there still. */
export const goneRun = (c: Context, run: Pick<RunSummary, 'traceId' | 'dropped'>): Response =>
  c.json({ error: leftOver(run), dropped: !run.dropped?.report }, 410);

/** The same without reading the run: whether it is stored is not known yet. */
export function askedTraceId(c: Context, store: RunSource, traceId: string): string | Response {
  const asked = traceId.toLowerCase();
  if (!TRACE_ID_PREFIX.test(asked)) {
    return c.json({ error: `"${asked}" is not a trace ID: give 4 to 32 hex digits.` }, 400);
  }
  const found = asked.length === 32 ? [asked] : store.findTrace(asked);
  if (found.length > 1) {
    return c.json({ error: `${found.length} traces start with ${asked}: give more digits.` }, 409);
  }
  return found[0] ?? noSuchRun(c, store, asked);
}

/** A run that is under way is not there yet, which is not the same as not there. */
export function noSuchRun(c: Context, store: RunSource, asked: string): Response {
  const row = store.summary?.(asked);
  if (row?.dropped?.report) return goneRun(c, row);
  const started = store
    .runs(RUNS_LOOKED_AT)
    .some((run) => run.traceId.startsWith(asked) && run.status === 'running');
  const error = started
    ? `Run ${asked} is still under way. It can be drawn when its journey has ended.`
    : `No run with the trace ID ${asked} is stored here.`;
  return c.json({ error, running: started }, 404);
}
