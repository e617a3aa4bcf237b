/** From runs in a store to what somebody is told: once when it begins, once when it is over. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Alerts } from '../../src/alert/send/alerts.ts';
import type { JourneyGoals } from '../../src/model/goals.ts';
import { judgeRun } from '../../src/schedule/judging.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { runView } from '../fixtures/run-view.ts';

const MINUTE_MS = 60_000;
let store: Store;
let alerts: Alerts;
let nowMs = 1_795_800_000_000;
let runs = 0;

beforeEach(() => {
  store = openStore(':memory:');
  alerts = new Alerts({ store, now: () => nowMs });
});
afterEach(async () => {
  await alerts.stop();
  store.close();
});

/** One run a minute, all alike but for what is given. */
async function run(given: { failed?: boolean; slowerMs?: number } = {}, goals?: JourneyGoals) {
  nowMs += MINUTE_MS;
  const view = runView({ traceId: String(++runs).padStart(32, '0'), failed: given.failed ?? false });
  const wallNs = view.report.wallNs + (given.slowerMs ?? 0) * 1e6;
  const kept = {
    ...view,
    site: 'shop.example',
    report: { ...view.report, wallNs, startUnixNano: String(BigInt(nowMs) * 1_000_000n) },
  };
  store.saveRun(kept);
  const told = await judgeRun(kept, { store, goalsOf: () => goals, alerts, now: () => nowMs });
  return told.map(({ event, headline, severity }) => ({ event, headline, severity }));
}

describe('a journey that is walked every minute', () => {
  it('is told to fail once, and to be well again once', async () => {
    for (let i = 0; i < 3; i++) expect(await run()).toEqual([]);
    expect(await run({ failed: true })).toEqual([]);
    expect(await run({ failed: true })).toMatchObject([{ event: 'firing', severity: 'page' }]);
    for (let i = 0; i < 3; i++) expect(await run({ failed: true })).toEqual([]);
    const after = [];
    for (let i = 0; i < 15; i++) after.push(...(await run()));
    expect(after).toMatchObject([{ event: 'resolved' }]);
  });

  it('is told to be over its budget when most of its last runs are', async () => {
    const goals: JourneyGoals = { budgets: [{ step: null, of: 'total', allowedNs: 3e9 }] };
    for (let i = 0; i < 5; i++) expect(await run({}, goals)).toEqual([]);
    const told = [];
    for (let i = 0; i < 3; i++) told.push(...(await run({ slowerMs: 2_000 }, goals)));
    expect(told).toMatchObject([{ event: 'firing', severity: 'ticket' }]);
  });
});
