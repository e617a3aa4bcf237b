/**
 * GET /metrics   for Prometheus and whoever reads its formats: OpenMetrics with exemplars to those who accept it, what
 *                came before it to all others
 */
import type { Hono } from 'hono';
import {
  OPEN_METRICS_TYPE,
  openMetricsText,
  PROMETHEUS_TYPE,
  prometheusText,
} from '../metrics/exposition.ts';
import { familiesOf } from '../metrics/families.ts';
import type { RunSource } from './run-source.ts';

export function addMetricsApi(app: Hono, store: RunSource): void {
  app.get('/metrics', (c) => {
    if (!store.counts) return c.json({ error: 'Nothing is counted here.' }, 404);
    const families = familiesOf(store.counts());
    const wantsOpen = c.req.header('accept')?.includes('application/openmetrics-text') ?? false;
    c.header('Cache-Control', 'no-store');
    c.header('Content-Type', wantsOpen ? OPEN_METRICS_TYPE : PROMETHEUS_TYPE);
    return c.body(wantsOpen ? openMetricsText(families) : prometheusText(families));
  });
}
