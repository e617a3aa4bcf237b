/** The first screen, a journey's history and a run in progress, in a real browser over the real store. */
import type { BrowserContextOptions, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunOutcome } from '../../src/model/journey.ts';
import { reopening } from '../../src/run/reopen.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { HOSTILE, runView } from '../fixtures/run-view.ts';
import { reported } from '../stitch/reported.ts';
import { axeViolations, firstBars, startViewerBench, type ViewerBench } from './viewer-page.ts';

let bench: ViewerBench;
let store: Store;

beforeAll(async () => {
  // The bench asks whatever store the test has at that moment.
  bench = await startViewerBench({
    runs: (limit, filter) => store.runs(limit, filter),
    run: (traceId) => store.run(traceId),
    file: (traceId, name) => store.file(traceId, name),
    findTrace: (prefix) => store.findTrace(prefix),
    journeys: (recent) => store.journeys(recent),
    outcomes: (limit, filter) => store.outcomes(limit, filter),
    live: (traceId) => reopening(store).live(traceId),
  });
}, 120_000);
afterAll(() => bench?.stop());
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => {
  store.close();
  expect(bench.complaints()).toEqual([]);
});

const close = (page: Page) => page.context().close();
const idOf = (n: number): string => n.toString(16).padStart(32, '0');
const MINUTE_NS = 60_000_000_000n;
const FIRST = 1_795_333_153_000_000_000n;

/** Finished run number `n`, a minute after the one before. */
function keep(n: number, more: Partial<RunOutcome> = {}): void {
  const wallNs = more.wallNs ?? 600e6;
  const layers = { browser: wallNs - 200e6, db: 200e6 };
  const outcome: RunOutcome = {
    traceId: idOf(n),
    journey: 'buy',
    status: 'ok',
    startUnixNano: String(FIRST + BigInt(n) * MINUTE_NS),
    wallNs,
    layers,
    sentence: `buy took ${wallNs / 1e6} ms and nothing stands out.`,
    site: 'shop.example',
    blamed: { layer: 'browser', component: 'chromium', cause: 'browser.load' },
    healthy: true,
    steps: [
      { name: 'Open', status: 'ok', wallNs: 300e6, layers: { browser: 300e6 } },
      {
        name: 'Pay',
        status: more.status === 'failed' ? 'failed' : 'ok',
        wallNs: wallNs - 300e6,
        layers: { browser: wallNs - 500e6, db: 200e6 },
      },
    ],
    ...more,
  };
  store.startRun(outcome);
}
const locked = {
  healthy: false,
  wallNs: 1_500e6,
  blamed: { layer: 'db', component: 'postgresql', cause: 'db.lock_wait' },
  sentence: 'buy waited for a lock in the database.',
} as const;
const failed = { healthy: false, status: 'failed', wallNs: 700e6 } as const;

/** Two healthy weeks with two locks and a failure. */
function keepHistory(): void {
  for (let n = 1; n <= 14; n++) keep(n, n === 5 || n === 12 ? locked : n === 9 ? failed : {});
}

async function open(path: string, wait: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await bench.open(path, options);
  await page.locator(wait).first().waitFor();
  return page;
}
const search = (page: Page) => page.evaluate(() => decodeURIComponent(location.pathname + location.search));

describe('the first screen', () => {
  it('tells each journey’s last run, trend and percentiles, and leads to its history', async () => {
    keepHistory();
    const page = await open('/', '.journey-row');
    const row = page.locator('.journey-row');
    expect(await row.innerText()).toMatch(/buy\s+shop\.example · 14 runs/);
    expect(await row.locator('.percentiles dd').allInnerTexts()).toEqual(['600 ms', '600 ms', '1.50 s']);
    expect(await row.locator('.sparkline').getAttribute('aria-label')).toBe(
      'Last 14 runs: 600 ms to 1.50 s, 1 failed',
    );
    await row.getByRole('link').click();
    await page.locator('.history').waitFor();
    expect(await search(page)).toBe('/journey/buy?site=shop.example');
    await close(page);
  });

  it('narrows the list by words, status, layer and journey, in the address and back', async () => {
    keepHistory();
    keep(20, { journey: 'look' });
    const page = await open('/', '.run-row');
    expect(await page.locator('.run-row').count()).toBe(15);
    await page.getByRole('combobox', { name: 'Verdict' }).selectOption('database');
    await expect.poll(() => page.locator('.run-row').count()).toBe(2);
    await page.getByLabel('Words').fill('lock nothing');
    await page.getByText('No run is like that.').waitFor();
    await page.getByLabel('Words').fill('lock');
    await expect.poll(() => page.locator('.run-row').count()).toBe(2);
    expect(await search(page)).toBe('/?layer=db&q=lock');
    await page.reload();
    await expect.poll(() => page.locator('.run-row').count()).toBe(2);
    expect(await page.getByLabel('Words').inputValue()).toBe('lock');
    await page.getByLabel('Words').fill('nobody');
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect.poll(() => page.locator('.run-row').count()).toBe(15);
    await page.getByRole('combobox', { name: 'Journey' }).selectOption('look');
    await expect.poll(() => page.locator('.run-row').count()).toBe(1);
    await close(page);
  });

  it('shows more runs page by page, and none twice', async () => {
    for (let n = 1; n <= 230; n++) keep(n);
    const page = await open('/', '.run-row');
    expect(await page.locator('.run-row').count()).toBe(100);
    const more = page.getByRole('button', { name: 'Show 100 more' });
    await more.click();
    await expect.poll(() => page.locator('.run-row').count()).toBe(200);
    await more.click();
    await expect.poll(() => page.locator('.run-row').count()).toBe(230);
    expect(await more.isVisible()).toBe(false);
    const ids = await page
      .locator('.run-rows li')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-trace')));
    expect(ids).toEqual(Array.from({ length: 230 }, (_, i) => idOf(230 - i)));
    await close(page);
  });

  it('chooses two runs by keyboard and compares them, the later one first', async () => {
    keepHistory();
    const page = await open('/', '.run-row');
    for (const key of ['j', 'x', 'j', 'j', 'x']) await page.keyboard.press(key);
    expect(await page.locator('.run-rows li.picked').count()).toBe(2);
    expect(await search(page)).toBe(`/?pick=${idOf(14)},${idOf(12)}`);
    await page.keyboard.press('c');
    await expect.poll(() => search(page)).toBe(`/compare/${idOf(14)}/${idOf(12)}`);
    await close(page);
  });
});

describe('a journey', () => {
  it('is drawn run by run, with percentiles, what is usual, steps, and what was blamed', async () => {
    keepHistory();
    const page = await open('/journey/buy', '.history-chart .bar');
    expect(await page.locator('.bar').count()).toBe(14);
    expect(await page.locator('.bar .sign.failed').count()).toBe(1);
    expect(await page.locator('.journey-facts').innerText()).toMatch(/14[\s\S]*✕ 1[\s\S]*600 ms/);
    expect(await page.locator('.usual').count()).toBe(1);
    expect(await page.locator('.usual-words').innerText()).toContain(
      'Usually 600 ms: between 580 ms and 620 ms',
    );
    expect(await page.locator('.steps tbody th').allInnerTexts()).toEqual([
      'Open',
      expect.stringContaining('✕ failed 1'),
    ]);
    expect(await page.locator('.blamed tbody').innerText()).toMatch(
      /database: lock wait\s+postgresql\s+2 of 14/,
    );
    expect(await page.locator('.runs-table tbody tr').count()).toBe(14);
    await close(page);
  });

  it('is read by keyboard: from run to run, into one, by run number, narrowed and back', async () => {
    keepHistory();
    const page = await open('/journey/buy', '.history-chart .bar');
    await page.getByRole('listbox').focus();
    for (const key of ['End', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
    expect(await page.locator('.readout').innerText()).toMatch(
      /#12.*1\.50 s.*database 200 ms.*waited for a lock/s,
    );
    expect(await page.getByRole('listbox').getAttribute('aria-activedescendant')).toBe(`run-${idOf(12)}`);
    await page.keyboard.press('+');
    await expect.poll(() => page.locator('.bar').count()).toBe(7);
    await page.keyboard.press('x');
    await expect.poll(() => search(page)).toMatch(/by=run&t=\d+-\d+&sel=/);
    await page.reload();
    await page.locator('.history-chart .bar').first().waitFor();
    expect(await page.locator('.bar').count()).toBe(7);
    expect(await page.getByRole('button', { name: 'By run' }).getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('f');
    await expect.poll(() => page.locator('.bar').count()).toBe(14);
    await page.getByRole('listbox').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => search(page)).toMatch(new RegExp(`^/run/${idOf(12)}`));
    await close(page);
  });

  it('is narrowed by dragging in the strip', async () => {
    keepHistory();
    const page = await open('/journey/buy', '.history-chart .bar');
    const strip = (await page.locator('.span-strip').boundingBox())!;
    await page.mouse.move(strip.x + strip.width * 0.6, strip.y + 15);
    await page.mouse.down();
    await page.mouse.move(strip.x + strip.width - 2, strip.y + 15, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => page.locator('.bar').count()).toBeLessThan(7);
    expect(await page.locator('.journey-facts dd').first().innerText()).toBe(
      String(await page.locator('.bar').count()),
    );
    await page.getByRole('button', { name: 'All runs' }).click();
    await expect.poll(() => page.locator('.bar').count()).toBe(14);
    await close(page);
  });

  it.each([
    ['one run', () => keep(1), /What is usual is known from 5 healthy runs on; there is 1 so far/],
    ['only failed runs', () => [1, 2, 3].map((n) => keep(n, failed)), /None of these runs ended well/],
  ])('of %s says what cannot be told yet', async (_, given, words) => {
    given();
    const page = await open('/journey/buy', '.history-chart .bar');
    expect(await page.locator('.usual-words').innerText()).toMatch(words);
    expect(await axeViolations(page)).toEqual([]);
    await close(page);
  });

  it('that nobody knows is missed with a sentence and a way back', async () => {
    const page = await open('/journey/nothing', '[role=alert]');
    expect(await page.getByRole('alert').innerText()).toContain('No run of a journey "nothing"');
    await close(page);
  });

  it.each(
    ['..', 'a/b?c#d%', HOSTILE.html, HOSTILE.bidi, 'x'.repeat(10_000)].map((name) => [
      name.slice(0, 30),
      name,
    ]),
  )('can be called %s', async (_, journey) => {
    keep(1, { journey });
    const page = await open('/', '.journey-row');
    await page.locator('.journey-row').getByRole('link').click();
    await page.locator('.history-chart .bar').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await page.reload();
    await page.locator('.history-chart .bar').waitFor();
    await close(page);
  });
});

describe('a run in progress', () => {
  const view = runView();
  const { traceId } = view.report;
  const beat = (nowMs: number) => ({
    state: 'running' as const,
    toldUnixMs: Date.now(),
    spans: [
      reported('run', undefined, 0, nowMs, {
        type: 'run',
        layer: 'browser',
        attributes: { 'headwater.open': true },
      }),
      reported('step', 'run', 0, nowMs, {
        type: 'step',
        layer: 'browser',
        name: 'Open the shop',
        attributes: { 'headwater.open': true },
      }),
      ...Array.from({ length: Math.floor(nowMs / 100) }, (_, i) =>
        reported(`r${i}`, 'step', i * 100, i * 100 + 80, {
          type: 'request',
          layer: 'browser',
          kind: 'client',
          name: `GET /${i}`,
        }),
      ),
    ].map((span) => ({ ...span, traceId })),
  });

  it('grows, and becomes the normal screen when it has ended', async () => {
    store.startRun({
      traceId,
      journey: 'buy',
      status: 'running',
      startUnixNano: String(BigInt(Date.now()) * 1_000_000n),
      wallNs: 0,
      layers: {},
      sentence: '',
    });
    const page = await open(`/run/${traceId}`, '.live-words');
    await page.getByText('The browser is starting').waitFor();
    store.keepLive(traceId, beat(300));
    await expect.poll(() => page.locator('.live-rows li').count()).toBe(4);
    expect(await page.locator('.live-clock').innerText()).toBe('running · 300 ms');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    expect(await focused()).toContain('GET /0');
    store.keepLive(traceId, beat(900));
    await expect.poll(() => page.locator('.live-rows li').count()).toBe(10);
    expect(await focused()).toContain('GET /0');
    await page.keyboard.press('Enter');
    expect(await page.locator('.live-rows li.selected').innerText()).toContain('GET /0');
    expect(await axeViolations(page)).toEqual([]);
    store.keepLive(traceId, { state: 'settling', toldUnixMs: Date.now(), spans: [] });
    await page.getByText('The journey has ended.').waitFor();
    store.saveRun(view);
    await firstBars(page);
    expect(await page.locator('.live').count()).toBe(0);
    await close(page);
  });

  it('says when nothing has come for long', async () => {
    store.startRun({
      traceId,
      journey: 'buy',
      status: 'running',
      startUnixNano: String(FIRST),
      wallNs: 0,
      layers: {},
      sentence: '',
    });
    store.keepLive(traceId, { ...beat(300), toldUnixMs: Date.now() - 60_000 });
    const page = await open(`/run/${traceId}`, '.live-rows li');
    expect(await page.locator('.live-words').innerText()).toContain(
      'the run may have been ended from outside',
    );
    await close(page);
  });
});

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it.each([
    ['/', '.run-row'],
    ['/journey/buy?by=run', '.bar'],
  ])('%s has nothing that axe objects to, also at 360 px', async (path, wait) => {
    keepHistory();
    const page = await open(path, wait, { colorScheme });
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    expect(await axeViolations(page)).toEqual([]);
    await close(page);
  });
});
