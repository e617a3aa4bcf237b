/** GET /api/runs/:traceId/walk   the walkthrough of a run; ?req=SPAN_ID walks along the request around that span */
import type { Hono } from 'hono';
import { walkOf } from '../analyse/walk/walk.ts';
import { askedRun } from './asked-run.ts';
import type { RunSource } from './run-source.ts';

/** Characters of a wrong span id that are worth repeating. */
const REPEATED = 40;

export function addWalkApi(app: Hono, store: RunSource): void {
  app.get('/api/runs/:traceId/walk', (c) => {
    const view = askedRun(c, store, c.req.param('traceId'));
    if (view instanceof Response) return view;
    const request = c.req.query('req')?.toLowerCase();
    if (request === undefined || view.trace.spans.some(({ spanId }) => spanId === request))
      return c.json(walkOf(view, request));
    const error = `This run has no span ${request.slice(0, REPEATED)}: leave it out to walk along the most telling request.`;
    return c.json({ error }, 404);
  });
}
