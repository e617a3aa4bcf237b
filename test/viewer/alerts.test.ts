/** What is wrong now, on top of the first screen, in a real browser over the real store. */
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Alerts } from '../../src/alert/send/alerts.ts';
import type { Signal } from '../../src/model/signal.ts';
import { reopening } from '../../src/run/reopen.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { judgedAt, LOCK, signal } from '../alert/signals.ts';
import { HOSTILE, runView, TRACE_ID } from '../fixtures/run-view.ts';
import { axeViolations, startViewerBench, type ViewerBench } from './viewer-page.ts';

let bench: ViewerBench;
let store: Store;
beforeAll(async () => {
  // The bench asks whatever store the test has at that moment.
  const source = () => reopening(store);
  bench = await startViewerBench({
    runs: (limit, filter) => source().runs(limit, filter),
    run: (traceId) => source().run(traceId),
    file: (traceId, name) => source().file(traceId, name),
    findTrace: (prefix) => source().findTrace(prefix),
    journeys: (recent) => source().journeys(recent),
    alerts: {
      rows: () => source().alerts.rows(),
      silences: () => source().alerts.silences(),
      acknowledge: (id, by) => source().alerts.acknowledge(id, by),
    },
  });
}, 120_000);
afterAll(() => bench?.stop());
beforeEach(() => {
  store = openStore(':memory:');
  store.saveRun(runView());
});
afterEach(() => {
  store.close();
  expect(bench.complaints()).toEqual([]);
});

async function fire(...signals: Signal[]): Promise<void> {
  await new Alerts({ store }).update(signals, judgedAt(...signals.map(({ journey }) => journey)));
}
const close = (page: Page) => page.context().close();
const five = ['checkout', 'login', 'search', 'basket', 'profile'].map((name) =>
  signal(name, { guilty: LOCK, traceId: TRACE_ID, usualTraceId: undefined }),
);
const ticket = signal('newsletter', { severity: 'ticket', sentence: 'newsletter takes 40 ms longer' });

describe('alerts on the first screen', () => {
  it('are not there when nothing fires', async () => {
    const page = await bench.open('/');
    await page.locator('.run-row').first().waitFor();
    expect(await page.locator('.alerts').isVisible()).toBe(false);
    await close(page);
  });

  it('say what is wrong, since when, where to look next, and lead there', async () => {
    await fire(...five, ticket);
    const page = await bench.open('/');
    await page.locator('.alert').first().waitFor();
    const texts = await page.locator('.alert').allInnerTexts();
    expect(texts).toHaveLength(2);
    expect(texts[0]).toContain('5 journeys, one culprit: lock wait at postgresql (database)');
    expect(texts[0]).toMatch(/Began .* ago.* · journeys basket, checkout, login, profile, search/);
    expect(texts[0]).toContain('Look next: see which session holds the lock');
    expect(texts[1]).toContain('newsletter takes 40 ms longer');
    await page.locator('.alert').first().getByRole('link', { name: 'Run' }).click();
    await expect.poll(() => new URL(page.url()).pathname).toBe(`/run/${TRACE_ID}`);
    await close(page);
  });

  it('are acknowledged with a button, by keyboard too, and say so', async () => {
    await fire(...five);
    const page = await bench.open('/');
    await page.getByRole('button', { name: 'Acknowledge' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Acknowledged by somebody').waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    await close(page);
  });

  it('say it when they cannot be acknowledged', async () => {
    await fire(...five);
    const page = await bench.open('/');
    await page.route('**/ack', (route) => route.abort());
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('Is the server still up?').waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge' }).isEnabled()).toBe(true);
    await close(page);
  });

  it.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 360],
    ['dark', 360],
  ] as const)(
    'are readable for everybody in %s at %i px, whatever they are called',
    async (colorScheme, width) => {
      const hostile = signal(HOSTILE.long, { sentence: `${HOSTILE.html} ${HOSTILE.bidi} ${HOSTILE.long}` });
      await fire(...five, ticket, hostile);
      const page = await bench.open('/', { colorScheme, viewport: { width, height: 900 } });
      await page.locator('.alert').first().waitFor();
      if (process.env.HEADWATER_PICTURES)
        await page.screenshot({
          path: `${process.env.HEADWATER_PICTURES}/alerts-${colorScheme}-${width}.png`,
        });
      expect(await axeViolations(page)).toEqual([]);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wider).toBeLessThanOrEqual(0);
      await close(page);
    },
  );
});
