/** Budgets and error budgets on the list of journeys and in a journey's history, in a real browser. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JourneyGoals } from '../../src/model/goals.ts';
import type { RunOutcome } from '../../src/model/journey.ts';
import { reopening } from '../../src/run/reopen.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { outcome } from '../analyse/goals/synthetic-runs.ts';
import { startViewerBench, type ViewerBench } from './viewer-page.ts';

const HOSTILE = '<img src=x onerror=alert(1)>\u202e';
const HOUR_MS = 3_600_000;
const store = openStore(':memory:');
let bench: ViewerBench;
let goals: Readonly<Record<string, JourneyGoals>> = {};

/** One run an hour, the last one an hour ago; 600 ms each unless told otherwise. */
function keep(journey: string, ...runs: readonly Partial<RunOutcome>[]): void {
  runs.forEach((more, i) => {
    const startUnixNano = `${Date.now() - (runs.length - i) * HOUR_MS}000000`;
    store.startRun(outcome(++kept, 0, { journey, startUnixNano, ...more }));
  });
}
let kept = 0;
const slow = { wallNs: 1_500e6, layers: { browser: 400e6, db: 1_100e6 } } as const;
const failed = { status: 'failed', blamed: { layer: 'tls', component: 'x', cause: 'tls.expired' } } as const;
const total = (ms: number) => ({ step: null, of: 'total' as const, allowedNs: ms * 1e6 });

beforeAll(async () => {
  keep('kept', {}, {});
  keep('over', {}, slow, slow, slow);
  keep('failed', {}, failed);
  keep('free', {}, {});
  keep('hostile', {});
  goals = {
    kept: { budgets: [total(1_000)], objective: { okPercent: 99, days: 28 } },
    over: { budgets: [{ step: null, of: 'db', allowedNs: 300e6 }, total(1_000)] },
    failed: { budgets: [total(1_000)], objective: { okPercent: 10, withinNs: 2e9, days: 7 } },
    hostile: {
      budgets: [
        { step: HOSTILE, of: 'db', allowedNs: 1 },
        { step: 'Pay', of: 'db', allowedNs: 1e6 },
      ],
    },
  };
  bench = await startViewerBench(reopening(store), { goals: (journey) => goals[journey] });
}, 120_000);
afterAll(async () => {
  await bench?.stop();
  store.close();
});

it('the first screen says of each journey how its last run stands against its budgets', async () => {
  const page = await bench.open('/');
  const row = (name: string) =>
    page.locator('.journey-row', { has: page.getByRole('link', { name, exact: true }) });
  await row('kept').waitFor();
  const note = (name: string) => row(name).locator('.budget-note').innerText();
  expect((await note('kept')).replace('\n', ' ')).toBe('✓ within its budget of 1.00 s');
  expect((await note('over')).replace('\n', ' ')).toBe('▲ 500 ms over its budget of 1.00 s, and 1 more');
  expect(await note('failed')).toBe('Not held against its budget: it did not end well.');
  expect((await note('hostile')).replace('\n', ' ')).toBe(
    '▲ 199 ms over the budget of database in Pay (1.0 ms)',
  );
  expect(await row('free').locator('.budget-note, .budget-tick').count()).toBe(0);
  // The mark stands where the budget ends on a bar whose scale is the longest run.
  const left = await row('over')
    .locator('.budget-tick')
    .evaluate((tick) => (tick as HTMLElement).style.left);
  expect(Number.parseFloat(left)).toBeCloseTo(100 / 1.5, 3);
  await page.context().close();
  expect(bench.complaints()).toEqual([]);
});

it('a journey’s history has the budget as a line, and says of a run how far it is over', async () => {
  const page = await bench.open('/journey/over');
  await page.locator('.budget-line').waitFor({ state: 'attached' });
  expect(await page.locator('.budget-words').textContent()).toBe('budget 1.00 s');
  await page.locator('.history-chart').focus();
  await page.keyboard.press('End');
  expect(await page.locator('.readout').innerText()).toContain('1.50 s, 500 ms over budget: browser');
  const rows = await page.locator('.budgets tbody tr').allInnerTexts();
  expect(rows.map((text) => text.split(/\s*[\t\n]\s*/))).toEqual([
    ['database', '300 ms', '1.10 s', '▲ +800 ms', '3 of 4'],
    ['the whole run', '1.00 s', '1.50 s', '▲ +500 ms', '3 of 4'],
  ]);
  expect(await page.locator('.goals').innerText()).toContain('No objective is set');
  await page.context().close();
});

it('tells what is left of the error budget, which layer took it, and which alerts cannot come', async () => {
  const page = await bench.open('/journey/failed');
  await page.locator('.error-budget').waitFor();
  expect(await page.locator('.error-budget .left').innerText()).toBe('44 % left');
  expect(await page.locator('.error-budget').innerText()).toContain('1 of 2 runs was bad; 1.8 may be.');
  expect(await page.locator('.error-budget .layer-legend').innerText()).toBe('TLS 56 % (1 run)');
  expect(await page.locator('.burn tbody td:last-child').allInnerTexts()).toEqual([
    'needs ok above 70.3 %',
    'needs ok above 28.6 %',
    'no ticket',
  ]);
  expect(await page.locator('.journey-facts').innerText()).toMatch(/error budget\s+44 % left/);
  await page.context().close();
});

it('says what to write where nothing was agreed on', async () => {
  const page = await bench.open('/journey/free');
  await page.locator('.no-goals').waitFor();
  expect(await page.locator('.goal-lines code').textContent()).toBe(
    `journeys: {\n  "free": {\n    budgets: { total: '750ms' },\n    objective: { ok: 99.5, days: 28 },\n  },\n},`,
  );
  expect(await page.locator('.budget-line, .error-budget').count()).toBe(0);
  await page.context().close();
});
