/**
 * A run in progress.
 *
 *   GET /api/runs/:traceId/live   LiveRun, or { state: 'ended' } once it can be drawn as every other
 *
 * Asked several times a second, so an answer that is the same as before has no body (304).
 */
import { createHash } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { noSuchRun } from './asked-run.ts';
import type { RunSource } from './run-source.ts';

const TRACE_ID_PREFIX = /^[0-9a-f]{4,32}$/;

export function addLiveApi(app: Hono, store: RunSource): void {
  app.get('/api/runs/:traceId/live', (c) => sendLive(c, store, c.req.param('traceId').toLowerCase()));
}

function sendLive(c: Context, store: RunSource, asked: string): Response {
  const found = !TRACE_ID_PREFIX.test(asked) || asked.length === 32 ? [asked] : store.findTrace(asked);
  const traceId = found.length === 1 ? found[0] : undefined;
  if (traceId === undefined) return noSuchRun(c, store, asked);
  const run = store.live?.(traceId) ?? (store.run(traceId) ? ({ state: 'ended' } as const) : undefined);
  if (!run) return noSuchRun(c, store, asked);
  const text = JSON.stringify(run);
  const tag = `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  c.header('ETag', tag);
  // The browser keeps the answer and asks each time whether it still holds.
  c.header('Cache-Control', 'no-cache');
  if (c.req.header('if-none-match') === tag) return c.body(null, 304);
  return c.body(text, 200, { 'Content-Type': 'application/json' });
}
