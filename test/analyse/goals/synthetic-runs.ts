/** Months of runs made up: when which share of them goes wrong. */
import type { GoalRun } from '../../../src/model/goals.ts';
import type { RunOutcome } from '../../../src/model/journey.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** A Monday, 00:00 UTC. */
export const START_MS = Date.UTC(2026, 5, 1);

export interface Incident {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of the runs that begin in it. */
  readonly errorRate: number;
}

/** One run every so often; the bad ones of an incident are spread evenly. All times since START_MS. */
export function month(days: number, everyMs: number, incidents: readonly Incident[]): GoalRun[] {
  return Array.from({ length: (days * DAY_MS) / everyMs }, (_, i) => {
    const atMs = (i + 1) * everyMs;
    return run(atMs, incidents.some((incident) => isBadAt(atMs, everyMs, incident)) ? 'failed' : 'ok');
  });
}

/** Number n of an incident is bad when the count of bad ones that are due grows with it. */
function isBadAt(atMs: number, everyMs: number, { fromMs, untilMs, errorRate }: Incident): boolean {
  if (atMs <= fromMs || atMs > untilMs) return false;
  const n = Math.round((atMs - fromMs) / everyMs);
  return Math.floor(n * errorRate + 1e-9) > Math.floor((n - 1) * errorRate + 1e-9);
}

export const run = (
  sinceStartMs: number,
  status: GoalRun['status'],
  more: Partial<GoalRun> = {},
): GoalRun => ({
  status,
  wallNs: 600e6,
  startUnixNano: `${START_MS + sinceStartMs}000000`,
  ...more,
});

/** A whole outcome, numbered. */
export const outcome = (n: number, sinceStartMs: number, more: Partial<RunOutcome> = {}): RunOutcome => ({
  traceId: n.toString(16).padStart(32, '0'),
  journey: 'buy',
  site: 'shop.example',
  status: 'ok',
  startUnixNano: `${START_MS + sinceStartMs}000000`,
  wallNs: 600e6,
  layers: { browser: 400e6, db: 200e6 },
  sentence: 'buy took 600 ms and nothing stands out.',
  blamed: { layer: 'browser', component: 'chromium', cause: 'browser.load' },
  healthy: true,
  steps: [
    { name: 'Open', status: 'ok', wallNs: 250e6, layers: { browser: 250e6 } },
    { name: 'Pay', status: 'ok', wallNs: 350e6, layers: { browser: 150e6, db: 200e6 } },
  ],
  ...more,
});
