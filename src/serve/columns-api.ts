/** A run as columns: stored as such when it is large, made here when it is not. */
import type { Context, Hono } from 'hono';
import { columnsOf } from '../analyse/columns/columns-of.ts';
import { packColumns } from '../analyse/columns/packed.ts';
import { askedRun, askedTraceId } from './asked-run.ts';
import type { RunSource } from './run-source.ts';

export const COLUMNS_MEDIA_TYPE = 'application/vnd.headwater.columns';

export function addColumnsApi(app: Hono, store: RunSource): void {
  app.get('/api/runs/:traceId/columns', (c) => sendColumns(c, store));
}

function sendColumns(c: Context, store: RunSource): Response {
  const asked = askedTraceId(c, store, c.req.param('traceId') ?? '');
  if (asked instanceof Response) return asked;
  const parts = store.columns?.(asked) ?? madeNow(c, store, asked);
  if (parts instanceof Response) return parts;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  c.header('Content-Type', COLUMNS_MEDIA_TYPE);
  c.header('Content-Length', String(length));
  // Bytes over loopback cost less than packing and unpacking them.
  c.header('Cache-Control', 'no-store, no-transform');
  return c.body(streamOf(parts));
}

function madeNow(c: Context, store: RunSource, traceId: string): Uint8Array[] | Response {
  const view = askedRun(c, store, traceId);
  return view instanceof Response ? view : packColumns(columnsOf(view));
}

/** Part by part: one piece of a hundred megabytes would have to be put together first. */
function streamOf(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const part = parts[next++];
      if (part) controller.enqueue(part);
      else controller.close();
    },
  });
}
