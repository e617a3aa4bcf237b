/** Signals and alerts as tests need them. */
import type { AlertRules } from '../../src/alert/step.ts';
import type { Guilty, Signal } from '../../src/model/signal.ts';

export const MINUTE_MS = 60_000;
export const NOW = Date.UTC(2026, 10, 28, 2, 0);
export const RULES: AlertRules = { resolveAfterMs: 10 * MINUTE_MS, clearJudgements: 2 };
export const LOCK: Guilty = { layer: 'db', component: 'postgresql', cause: 'db.lock_wait' };

export function signal(journey: string, more: Partial<Signal> = {}): Signal {
  const kind = more.kind ?? 'slower';
  return {
    kind,
    key: `${kind}|${journey}|${more.guilty?.cause ?? ''}`,
    severity: 'page',
    journey,
    site: 'shop.example',
    step: null,
    sinceUnixMs: NOW - 18 * MINUTE_MS,
    sentence: `${journey} takes 870 ms longer: 850 ms of it is waiting for a lock in postgresql`,
    evidence: 'median 1.29 s in the last 5 runs, 0.42 s in the 40 before',
    next: 'see which session holds the lock: pg_blocking_pids()',
    change: '+870 ms (97 % of the change)',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    usualTraceId: '0af7651916cd43dd8448eb211c80319c',
    ...more,
  };
}

export const judgedAt = (...journeys: readonly string[]) =>
  journeys.map((journey) => ({ journey, site: 'shop.example' }));
