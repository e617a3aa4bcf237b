import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { HOSTILE, runView, TRACE_ID } from '../fixtures/run-view.ts';
import { axeViolations, useViewerBench, type ViewerBench } from './viewer-page.ts';

const view = runView();
const WALK = `/run/${TRACE_ID}/walk`;
const idOf = (name: string): string => view.trace.spans.find((span) => span.name === name)!.spanId;

const bench = useViewerBench(() => ({ views: [view] }));

async function openWalk(query = '', options: Parameters<ViewerBench['open']>[1] = {}): Promise<Page> {
  const page = await bench.open(`${WALK}${query}`, options);
  await page.waitForSelector('.walk-stop');
  return page;
}
const close = (page: Page) => page.context().close();
const title = (page: Page) => page.locator('h1').innerText();
const here = (page: Page) => page.locator('.walk-rail [aria-current=step] .stop-name').innerText();
const search = (page: Page) => page.evaluate(() => location.search);

describe('the walkthrough of a run', () => {
  it('begins with an overview, and is reached from the run', async () => {
    const page = await bench.open(`/run/${TRACE_ID}`);
    await page.getByRole('link', { name: 'Walkthrough' }).click();
    await page.waitForSelector('.walk-stop');
    expect(await title(page)).toBe('Where the time of this run went');
    const names = await page.locator('.walk-rail .stop-name').allInnerTexts();
    expect(names).toEqual([
      'Overview',
      'Start',
      'Open connection',
      'Sending',
      'Load balancer',
      'Services',
      'Connection pool',
      'Database',
      'Way back',
      'The page',
      'Sum',
    ]);
    expect(await page.locator('.walk-rail .blamed').count()).toBe(1);
    await close(page);
  });

  it('is walked by keyboard, and the address says where', async () => {
    const page = await openWalk();
    await page.keyboard.press('ArrowRight');
    expect([await here(page), await search(page)]).toEqual(['Start', '?stop=2']);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await page.keyboard.press('8');
    expect([await here(page), await title(page)]).toEqual(['Database', 'The database: where the data lies']);
    await page.keyboard.press('p');
    expect(await here(page)).toBe('Connection pool');
    await page.keyboard.press('End');
    expect(await here(page)).toBe('Sum');
    await page.keyboard.press('ArrowRight');
    expect(await here(page)).toBe('Sum');
    expect(await page.getByRole('button', { name: /^Next/ }).isDisabled()).toBe(true);
    await page.keyboard.press('Home');
    expect([await here(page), await search(page)]).toEqual(['Overview', '']);
    await page.goBack();
    await page.waitForFunction(
      () => document.querySelector('.walk-rail [aria-current=step] .stop-name')?.textContent === 'Sum',
    );
    await close(page);
  });

  it('shows the stop that a link names, and leads to its span in the waterfall', async () => {
    const page = await openWalk('?stop=8');
    expect(await page.locator('.walk-guilty').innerText()).toBe(
      'The verdict names this stop: here the run lost its time.',
    );
    expect(await page.locator('.walk-story').innerText()).toContain('212 480 rows were read and 3 kept');
    expect(await page.locator('.sketch text.strong').allTextContents()).toContain('Seq Scan on orders');
    await page.keyboard.press('Escape');
    await page.waitForURL(`**/run/${TRACE_ID}?sel=${idOf('Seq Scan on orders')}`);
    await close(page);
  });

  it('walks along another request when it is asked to', async () => {
    const page = await openWalk(`?req=${idOf('GET /')}`);
    expect(await page.locator('.walk-rail .stop-name').allInnerTexts()).toContain('TLS');
    await page.getByRole('link', { name: 'POST /api/orders' }).click();
    await page.waitForFunction((id) => location.search === `?req=${id}`, idOf('POST /api/orders'));
    await page.waitForFunction(() => document.body.innerText.includes('Open connection'));
    await close(page);
  });

  it('draws messages at their true times, and says the same in words', async () => {
    const page = await openWalk(`?stop=6&req=${idOf('GET /')}`);
    expect(await here(page)).toBe('TLS');
    await page.waitForSelector('.sketch circle');
    const tops = await page
      .locator('.sketch circle')
      .evaluateAll((dots) => dots.map((dot) => Number(dot.getAttribute('cy'))));
    const [first = 0, second = 0, third = 0] = tops;
    // flights of 21, 14 and 6 ms
    expect((second - first) / (third - second)).toBeCloseTo(14 / 6, 1);
    await page.getByText('The drawing in words').click();
    expect(await page.locator('details li').first().innerText()).toContain(
      'After 21 ms: shop.example to Browser',
    );
    await close(page);
  });

  it.each(['light', 'dark'] as const)(
    'has no fault that axe knows, in %s, at any stop',
    async (colorScheme) => {
      const page = await openWalk('', { colorScheme });
      const count = await page.locator('.walk-rail li').count();
      for (let i = 0; i < count; i++) {
        if (i > 0) await page.keyboard.press('n');
        expect(await axeViolations(page), `stop ${i + 1}`).toEqual([]);
      }
      await close(page);
    },
  );

  it('fits a small screen at every stop', async () => {
    const page = await openWalk('', { viewport: { width: 360, height: 740 } });
    for (let i = 0; i < 11; i++) {
      const over = await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth);
      expect(over, `stop ${i + 1}`).toBeLessThanOrEqual(0);
      await page.keyboard.press('n');
    }
    await close(page);
  });

  it('shows hostile names as text', async () => {
    const hostile = runView({ hostile: true });
    bench.stock.views = [hostile];
    const page = await openWalk();
    for (let i = 0; i < 11; i++) await page.keyboard.press('n');
    expect(
      await page.evaluate(() => (window as unknown as { __injected?: number }).__injected),
    ).toBeUndefined();
    await page.keyboard.press('2');
    expect(await page.locator('.walk-story').innerText()).toContain(HOSTILE.html.slice(0, 20));
    await close(page);
  });

  it('says what to do when there is nothing to walk through', async () => {
    const page = await bench.open(`${WALK}?req=ffff`);
    await page.waitForSelector('[role=alert]');
    expect(await page.locator('[role=alert]').innerText()).toContain(
      'leave it out to walk along the most telling request',
    );
    await close(page);
  });
});
