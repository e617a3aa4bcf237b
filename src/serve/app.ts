/**
 * The API and the viewer's files, as a Hono app that can be asked without a port (`app.request('/api/runs')`).
 *
 *   GET /api/health         { ok: true }
 *   GET /api/runs           RunSummary[], newest first (?limit=)
 *   GET /api/runs/:traceId  RunView; a unique prefix of the trace ID will do
 *   GET /api/runs/:traceId/files/…  a file of the run: a picture of the page
 *   GET /…                  the viewer; its own addresses (/run/…) get index.html
 *
 * Errors are JSON: { error: sentence }.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import type { RunSource } from './run-source.ts';
import { lockedDown, loopbackOnly } from './security.ts';

export interface AppOptions {
  readonly store: RunSource;
  /** Folder of the built viewer. Without it only the API is served. */
  readonly viewerDir?: string;
  /** Told of what went wrong inside; the client only gets a sentence. */
  readonly onError?: (error: Error) => void;
}

const DEFAULT_LIMIT = 200;
const MAX_LIMIT = 1000;
/** Over loopback bytes are free and gzip is not: above this many spans it costs more time than it saves. */
const COMPRESS_UP_TO_SPANS = 5_000;
const TRACE_ID_PREFIX = /^[0-9a-f]{4,32}$/;

export function createApp({ store, viewerDir, onError }: AppOptions): Hono {
  const app = new Hono();
  app.use(lockedDown);
  app.use(loopbackOnly);
  app.use(compress({ encoding: 'gzip' }));
  addApi(app, store);
  app.all('/api/*', (c) => c.json({ error: `There is no ${c.req.path} in this API.` }, 404));
  addViewer(app, viewerDir);
  app.notFound((c) => c.json({ error: `There is nothing at ${c.req.path}.` }, 404));
  app.onError((error, c) => {
    onError?.(error);
    return c.json({ error: `The server could not answer ${c.req.path}: ${error.message}` }, 500);
  });
  return app;
}

function addApi(app: Hono, store: RunSource): void {
  app.use('/api/*', async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.header('Cache-Control', 'no-store');
  });
  app.get('/api/health', (c) => c.json({ ok: true }));
  app.get('/api/runs', (c) => c.json(store.runs(limitOf(c.req.query('limit')))));
  app.get('/api/runs/:traceId/files/:name{.+}', (c) =>
    sendFile(c, store, c.req.param('traceId').toLowerCase(), c.req.param('name')),
  );
  app.get('/api/runs/:traceId', (c) => sendRun(c, store, c.req.param('traceId').toLowerCase()));
}

function limitOf(value: string | undefined): number {
  const limit = Number(value ?? DEFAULT_LIMIT);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, MAX_LIMIT) : DEFAULT_LIMIT;
}

function sendRun(c: Context, store: RunSource, asked: string): Response {
  if (!TRACE_ID_PREFIX.test(asked)) {
    return c.json({ error: `"${asked}" is not a trace ID: give 4 to 32 hex digits.` }, 400);
  }
  const found = asked.length === 32 ? [asked] : store.findTrace(asked);
  if (found.length > 1) {
    return c.json({ error: `${found.length} traces start with ${asked}: give more digits.` }, 409);
  }
  const view = found[0] === undefined ? undefined : store.run(found[0]);
  if (view === undefined) return noSuchRun(c, store, asked);
  if (view.trace.spans.length > COMPRESS_UP_TO_SPANS) c.header('Cache-Control', 'no-store, no-transform');
  return c.json(view);
}

function sendFile(c: Context, store: RunSource, traceId: string, name: string): Response {
  const file = store.file(traceId, name);
  if (!file) return c.json({ error: `Run ${traceId} has no file ${name}.` }, 404);
  c.header('Content-Type', file.mediaType);
  c.header('Cache-Control', 'private, max-age=31536000, immutable');
  return c.body(new Uint8Array(file.body));
}

/** A run that is under way is not there yet, which is not the same as not there. */
function noSuchRun(c: Context, store: RunSource, asked: string): Response {
  const started = store
    .runs(MAX_LIMIT)
    .some((run) => run.traceId.startsWith(asked) && run.status === 'running');
  const error = started
    ? `Run ${asked} is still under way. It can be drawn when its journey has ended.`
    : `No run with the trace ID ${asked} is stored here.`;
  return c.json({ error, running: started }, 404);
}

function addViewer(app: Hono, viewerDir: string | undefined): void {
  if (viewerDir === undefined || !existsSync(join(viewerDir, 'index.html'))) {
    const error =
      'The viewer is not built. Run `npm run build:viewer`; the API at /api/runs works without it.';
    app.get('*', (c) => c.json({ error }, 503));
    return;
  }
  // Vite puts a hash of the content into the names under /assets: they never change.
  app.use('/assets/*', async (c, next) => {
    await next();
    if (c.res.ok) c.header('Cache-Control', 'public, max-age=31536000, immutable');
  });
  app.get('*', serveStatic({ root: viewerDir }));
  const page = serveStatic({ root: viewerDir, path: 'index.html' });
  app.get('*', async (c, next) => (isViewerAddress(c.req.path) ? page(c, next) : next()));
}

/** `/`, `/run/4bf9…`: a page of the viewer. `/assets/gone.js`: a file that is missing, and must say so. */
const isViewerAddress = (path: string): boolean => path === '/' || path.startsWith('/run/');
