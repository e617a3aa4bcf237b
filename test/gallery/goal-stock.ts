/** Four journeys of a week, one run every two hours: within budget, over it, nearly out of error budget, nothing agreed on. */
import type { JourneyGoals } from '../../src/model/goals.ts';
import type { RunOutcome } from '../../src/model/journey.ts';
import type { Store } from '../../src/store/store.ts';
import { ORIGIN_UNIX_NANO } from '../fixtures/run-view.ts';

const RUNS = 84;
const EVERY_NS = 2n * 3_600_000_000_000n;

const budget = (of: JourneyGoals['budgets'][number]['of'], ms: number, step: string | null = null) => ({
  step,
  of,
  allowedNs: ms * 1e6,
});

const GOALS: Readonly<Record<string, JourneyGoals>> = {
  'sign in': {
    budgets: [budget('total', 1_500), budget('dns', 50), budget('db', 400)],
    objective: { okPercent: 95, withinNs: 3e9, days: 28 },
  },
  checkout: {
    budgets: [budget('total', 1_500), budget('db', 400), budget('total', 800, 'Pay'), budget('tls', 60)],
    objective: { okPercent: 95, withinNs: 1.5e9, days: 28 },
  },
  search: { budgets: [budget('total', 6_000)], objective: { okPercent: 90, withinNs: 2e9, days: 28 } },
};

export const exampleGoals = (journey: string): JourneyGoals | undefined => GOALS[journey];

type Event = (n: number) => { readonly dbMs?: number; readonly tlsMs?: number; readonly isFailed?: boolean };

/** A quiet run takes about 1.2 s; what happens in which run, counted from the oldest. */
const EVENTS: Readonly<Record<string, Event>> = {
  browse: () => ({}),
  'sign in': (n) => (n === 30 ? { isFailed: true } : {}),
  checkout: (n) => (n >= 76 ? { dbMs: 700 + (n % 3) * 90 } : n === 20 ? { dbMs: 900 } : {}),
  search: (n) =>
    n % 17 === 5
      ? { tlsMs: 1_300 }
      : n === 60 || n === 82
        ? { dbMs: 1_500 }
        : n === 44
          ? { isFailed: true }
          : {},
};

export function fillWithGoals(store: Store): void {
  Object.entries(EVENTS).forEach(([journey, event], j) => {
    for (let n = 0; n < RUNS; n++) store.startRun(run(journey, j, n, event(n)));
  });
}

function run(journey: string, j: number, n: number, event: ReturnType<Event>): RunOutcome {
  const { dbMs = 0, tlsMs = 0, isFailed = false } = event;
  // The same each time, and not too even.
  const noise = ((n * 7919 + j * 131) % 97) / 97;
  const db = 210 + 90 * noise + dbMs;
  const open = { browser: 330 + 80 * noise, dns: 22, tcp: 18, tls: 38 + tlsMs, service: 120 };
  const pay = { browser: 140, service: 160 + 60 * noise, db };
  const [openMs, payMs] = [sum(open), sum(pay)];
  const layer = isFailed ? 'service' : tlsMs > 0 ? 'tls' : dbMs > 0 ? 'db' : 'browser';
  const isHealthy = !isFailed && tlsMs + dbMs === 0;
  const wallNs = Math.round((openMs + payMs) * 1e6);
  return {
    traceId: `${j + 1}${n.toString(16).padStart(3, '0')}`.padEnd(32, 'c'),
    journey,
    site: 'shop.example',
    status: isFailed ? 'failed' : 'ok',
    startUnixNano: String(
      BigInt(ORIGIN_UNIX_NANO) - BigInt(RUNS - 1 - n) * EVERY_NS - BigInt(j) * 60_000_000_000n,
    ),
    wallNs,
    layers: inNs({ ...open, browser: open.browser + pay.browser, service: open.service + pay.service, db }),
    sentence: isFailed
      ? `${journey} failed in step “Pay”: a service answered 503.`
      : isHealthy
        ? `${journey} took ${(wallNs / 1e9).toFixed(2)} s and nothing stands out.`
        : `${journey} took ${(wallNs / 1e9).toFixed(2)} s: ${layer === 'tls' ? 'a TLS handshake was slow' : 'the database waited for a lock'}.`,
    blamed: { layer, component: `${layer}.shop.example`, cause: CAUSE[layer] },
    healthy: isHealthy,
    steps: [
      { name: 'Open', status: 'ok', wallNs: Math.round(openMs * 1e6), layers: inNs(open) },
      { name: 'Pay', status: isFailed ? 'failed' : 'ok', wallNs: Math.round(payMs * 1e6), layers: inNs(pay) },
    ],
  };
}

const CAUSE = {
  service: 'service.error',
  tls: 'tls.slow_handshake',
  db: 'db.lock_wait',
  browser: 'browser.load',
} as const;

const sum = (parts: Readonly<Record<string, number>>): number =>
  Object.values(parts).reduce((a, b) => a + b, 0);
const inNs = (parts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(parts).map(([layer, ms]) => [layer, Math.round(ms * 1e6)]));
