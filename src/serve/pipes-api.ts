/** `GET /api/runs/:traceId/pipes`: the run as plumbing, for the screen that draws and plays it. */
import type { Hono } from 'hono';
import { pipesOf } from '../analyse/pipes/pipes.ts';
import { askedRun } from './asked-run.ts';
import type { RunSource } from './run-source.ts';

export function addPipesApi(app: Hono, store: RunSource): void {
  app.get('/api/runs/:traceId/pipes', (c) => {
    const run = askedRun(c, store, c.req.param('traceId'));
    return run instanceof Response ? run : c.json(pipesOf(run));
  });
}
