/**
 * Two runs side by side.
 *
 *   GET /api/compare/:a      CompareChoices: what this run can be compared with
 *   GET /api/compare/:a/:b   Comparison; `b` is a trace ID or `normal`, what is usual for the journey
 *     ?least=NS              of many spans, only those that changed by so much; `usual`: by what is told at first
 */
import type { Context, Hono } from 'hono';
import { usualLeastChange, withChangesFrom } from '../analyse/compare/least-change.ts';
import type { Comparison } from '../model/comparison.ts';
import type { RunView } from '../model/report.ts';
import { compareChoices, comparedWithRun, comparedWithUsual, USUAL } from '../run/compared.ts';
import { askedRun } from './asked-run.ts';
import type { RunSource } from './run-source.ts';

const COMPRESS_UP_TO_SPANS = 5_000;
/** So many travel in a moment, whatever they are. */
const ALL_UP_TO_SPANS = 5_000;

export function addCompareApi(app: Hono, store: RunSource): void {
  app.get('/api/compare/:a', (c) => {
    const a = askedRun(c, store, c.req.param('a'));
    return a instanceof Response ? a : c.json(compareChoices(a, store));
  });
  app.get('/api/compare/:a/:b', (c) => {
    const a = askedRun(c, store, c.req.param('a'));
    if (a instanceof Response) return a;
    if (c.req.param('b') === USUAL) return sendUsual(c, store, a);
    const b = askedRun(c, store, c.req.param('b'));
    if (b instanceof Response) return b;
    const comparison = asked(comparedWithRun(a, b), c.req.query('least'));
    // Over loopback, packing many spans takes longer than sending them.
    if ((comparison.spans?.length ?? 0) > COMPRESS_UP_TO_SPANS)
      c.header('Cache-Control', 'no-store, no-transform');
    return c.json(comparison);
  });
}

function asked(comparison: Comparison, least: string | undefined): Comparison {
  if ((comparison.spans?.length ?? 0) <= ALL_UP_TO_SPANS || least === undefined) return comparison;
  const leastNs = /^\d{1,15}$/.test(least) ? Number(least) : usualLeastChange(comparison);
  return leastNs === 0 ? comparison : withChangesFrom(comparison, leastNs);
}

function sendUsual(c: Context, store: RunSource, a: RunView): Response {
  try {
    return c.json(comparedWithUsual(a, store));
  } catch (error) {
    return c.json({ error: (error as Error).message }, 404);
  }
}
