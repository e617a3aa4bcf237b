/**
 * The API and the viewer's files, as a Hono app that can be asked without a port (`app.request('/api/runs')`).
 *
 *   GET /api/health         { ok: true }
 *   GET /api/runs           RunSummary[], newest first; what else may be asked of them: journeys-api.ts
 *   GET /api/runs/:traceId  RunView; a unique prefix of the trace ID will do
 *   GET /api/runs/:traceId/pipes    Pipes: the run as plumbing
 *   GET /api/runs/:traceId/walk     Walk: its walkthrough for a newcomer (?req=)
 *   GET /api/runs/:traceId/columns  the same as columns (analyse/columns/packed.ts)
 *   GET /api/runs/:traceId/files/…  a file of the run: a picture of the page
 *   GET /api/alerts         what is wrong now (alerts-api.ts)
 *   GET /api/compare/:a/:b   Comparison of two runs (compare-api.ts)
 *   GET /api/schedule, /health and more: schedule-api.ts
 *   GET /metrics            OpenMetrics (metrics-api.ts)
 *   GET /…                  the viewer; its own addresses (/run/…) get index.html
 *
 * Errors are JSON: { error: sentence }.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { addAlertsApi } from './alerts-api.ts';
import { askedReport } from './asked-run.ts';
import { addColumnsApi } from './columns-api.ts';
import { addCompareApi } from './compare-api.ts';
import { type AgreedOptions, addJourneysApi } from './journeys-api.ts';
import { addLiveApi } from './live-api.ts';
import { addMetricsApi } from './metrics-api.ts';
import { addPipesApi } from './pipes-api.ts';
import type { RunSource } from './run-source.ts';
import { type Scheduling, scheduleApi } from './schedule-api.ts';
import { lockedDown, loopbackOnly } from './security.ts';
import { addWalkApi } from './walk-api.ts';

export interface AppOptions extends AgreedOptions {
  readonly store: RunSource;
  /** What walks journeys by the clock, where something does. */
  readonly schedule?: Scheduling | undefined;
  /** Folder of the built viewer. Without it only the API is served. */
  readonly viewerDir?: string;
  /** Told of what went wrong inside; the client only gets a sentence. */
  readonly onError?: (error: Error) => void;
}

/** Over loopback bytes are free and gzip is not: above this many spans it costs more time than it saves. */
const COMPRESS_UP_TO_SPANS = 5_000;

export function createApp({ store, schedule, viewerDir, goals, now, onError }: AppOptions): Hono {
  const app = new Hono();
  app.use(lockedDown);
  app.use(loopbackOnly);
  app.use(compress({ encoding: 'gzip' }));
  addApi(app, store, { goals, now });
  addCompareApi(app, store);
  scheduleApi(app, schedule);
  addMetricsApi(app, store);
  app.all('/api/*', (c) => c.json({ error: `There is no ${c.req.path} in this API.` }, 404));
  addViewer(app, viewerDir);
  app.notFound((c) => c.json({ error: `There is nothing at ${c.req.path}.` }, 404));
  app.onError((error, c) => {
    onError?.(error);
    return c.json({ error: `The server could not answer ${c.req.path}: ${error.message}` }, 500);
  });
  return app;
}

function addApi(app: Hono, store: RunSource, agreed: AgreedOptions): void {
  app.use('/api/*', async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.header('Cache-Control', 'no-store');
  });
  app.get('/api/health', (c) => c.json({ ok: true }));
  addAlertsApi(app, store);
  addJourneysApi(app, store, agreed);
  addLiveApi(app, store);
  app.get('/api/runs/:traceId/files/:name{.+}', (c) =>
    sendFile(c, store, c.req.param('traceId').toLowerCase(), c.req.param('name')),
  );
  app.get('/api/runs/:traceId', (c) => sendRun(c, store, c.req.param('traceId')));
  addPipesApi(app, store);
  addWalkApi(app, store);
  addColumnsApi(app, store);
}

function sendRun(c: Context, store: RunSource, traceId: string): Response {
  const view = askedReport(c, store, traceId);
  if (view instanceof Response) return view;
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
const isViewerAddress = (path: string): boolean =>
  /^\/(schedule\/?)?$/.test(path) || /^\/(run|compare|journey)\//.test(path);
