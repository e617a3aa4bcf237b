/**
 * Alerts for the first screen.
 *
 *   GET  /api/alerts          { alerts: AlertRow[], silences: Silence[] }; what fires first
 *   POST /api/alerts/:id/ack  somebody is at it: { by? } as JSON
 *
 * The one thing here that changes something: a page of somebody else's cannot ask for it, since browsers send JSON to
 * another origin only after asking, and are not answered.
 */
import type { Context, Hono } from 'hono';
import type { RunSource } from './run-source.ts';

/** A name, not a novel. */
const MAX_NAME = 80;

export function addAlertsApi(app: Hono, { alerts }: RunSource): void {
  app.get('/api/alerts', (c) => c.json({ alerts: alerts?.rows() ?? [], silences: alerts?.silences() ?? [] }));
  app.post('/api/alerts/:id/ack', async (c) => {
    if (!isOurs(c)) return c.json({ error: 'Send JSON, from this page.' }, 403);
    const id = c.req.param('id').toLowerCase();
    const body: unknown = await c.req.json().catch(() => ({}));
    const by = (body as { by?: unknown } | null)?.by;
    const name = typeof by === 'string' && by.trim() !== '' ? by.trim().slice(0, MAX_NAME) : undefined;
    if (alerts?.acknowledge(id, name)) return c.json({ ok: true });
    return c.json({ error: `No alert ${id} fires.` }, 404);
  });
}

function isOurs(c: Context): boolean {
  const site = c.req.header('sec-fetch-site');
  const isJson = /^application\/json\b/i.test(c.req.header('content-type') ?? '');
  return isJson && (site === undefined || site === 'same-origin');
}
