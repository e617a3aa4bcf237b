/** What the API tells of a journey's goals, over the real store. */
import { describe, expect, it } from 'vitest';
import type { JourneyGoals } from '../../src/model/goals.ts';
import type { JourneyHistory, JourneyRow, RunOutcome } from '../../src/model/journey.ts';
import { goalSignalsFrom } from '../../src/run/goal-signals.ts';
import { reopening } from '../../src/run/reopen.ts';
import { createApp } from '../../src/serve/app.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { outcome } from '../analyse/goals/synthetic-runs.ts';

const HOST = { headers: { host: '127.0.0.1:4319' } };
const HOUR_MS = 3_600_000;
const GOALS: JourneyGoals = {
  budgets: [
    { step: null, of: 'total', allowedNs: 1_000e6 },
    { step: 'Pay', of: 'db', allowedNs: 150e6 },
  ],
  objective: { okPercent: 90, withinNs: 1_200e6, days: 28 },
};

/** One run an hour, the last one now. */
function stocked(...runs: readonly Partial<RunOutcome>[]) {
  const store = openStore(':memory:');
  runs.forEach((more, i) => {
    const startMs = Date.now() - (runs.length - 1 - i) * HOUR_MS;
    store.startRun(outcome(i + 1, 0, { startUnixNano: `${startMs}000000`, ...more }));
  });
  return store;
}

function api(goals: JourneyGoals | undefined, ...runs: readonly Partial<RunOutcome>[]) {
  const of = (journey: string) => (journey === 'buy' ? goals : undefined);
  const app = createApp({ store: reopening(stocked(...runs)), goals: of });
  return async <T>(path: string): Promise<T> => (await (await app.request(path, HOST)).json()) as T;
}
const slow = { wallNs: 1_500e6, blamed: { layer: 'db', component: 'x', cause: 'db.lock_wait' } } as const;
const failed = { ...slow, status: 'failed' } as const;

describe('goals', () => {
  it('mark a journey by its last run that ended well', async () => {
    const rows = (...runs: Partial<RunOutcome>[]) => api(GOALS, ...runs)<JourneyRow[]>('/api/journeys');
    const [row] = await rows({}, slow, failed);
    expect(row?.budget).toEqual({
      traceId: '2'.padStart(32, '0'),
      budgets: 2,
      total: { allowedNs: 1_000e6, actualNs: 1_500e6 },
      broken: [
        { step: null, of: 'total', allowedNs: 1_000e6, actualNs: 1_500e6 },
        { step: 'Pay', of: 'db', allowedNs: 150e6, actualNs: 200e6 },
      ],
    });
    expect((await rows(failed))[0]).not.toHaveProperty('budget');
  });

  it('are told of the last five runs, and of the days of the objective', async () => {
    const runs = [...Array.from({ length: 94 }, () => ({})), ...[slow, slow, slow, {}, {}, failed]];
    const { goals } = await api(GOALS, ...runs)<JourneyHistory>('/api/journeys/history?journey=buy&limit=3');
    expect(goals?.budgets).toMatchObject([
      { of: 'total', eachNs: [1_500e6, 1_500e6, 1_500e6, 600e6, 600e6], medianNs: 1_500e6, isBroken: true },
      { of: 'db', medianNs: 200e6, over: 5, isBroken: true },
    ]);
    expect(goals?.errorBudget).toMatchObject({
      runs: 100,
      bad: 4,
      leftShare: expect.closeTo(0.6, 9),
      layers: [{ layer: 'db', bad: 4 }],
    });
  });

  it('are told of nobody where none are set', async () => {
    const ask = api(undefined, slow);
    expect((await ask<JourneyRow[]>('/api/journeys'))[0]).not.toHaveProperty('budget');
    expect(await ask('/api/journeys/history?journey=buy')).not.toHaveProperty('goals');
  });

  it('become signals from the store, of that journey at that site', () => {
    const elsewhere = { site: 'other.example', status: 'failed' } as const;
    const store = stocked(slow, slow, slow, slow, elsewhere, failed, elsewhere, failed);
    const kinds = (goals?: JourneyGoals) =>
      goalSignalsFrom(store, 'buy', 'shop.example', goals, Date.now()).map(({ kind, step }) => [kind, step]);
    expect(kinds()).toEqual([['failing', null]]);
    expect(kinds(GOALS)).toEqual([
      ['failing', null],
      ['budget', null],
      ['budget', 'Pay'],
      ['burn_rate', null],
    ]);
  });
});
