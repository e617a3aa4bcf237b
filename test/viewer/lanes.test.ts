/** The waterfall's rows as lanes of layers, in a real browser. */
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { runView, TRACE_ID } from '../fixtures/run-view.ts';
import { axeViolations, firstBars, useViewerBench } from './viewer-page.ts';

const RUN = `/run/${TRACE_ID}`;
const LANES = `${RUN}?rows=lanes`;
const view = runView();
const bench = useViewerBench(() => ({ views: [view] }));

async function open(path = LANES, options = {}): Promise<Page> {
  const page = await bench.open(path, options);
  await firstBars(page);
  return page;
}
const close = (page: Page) => page.context().close();
const waitForQuery = (page: Page, text: string) =>
  page.waitForFunction((part) => location.search.includes(part), text);
const heading = (page: Page) => page.locator('.panel h2').textContent();
/** What a screen reader says of the selected span. */
const spoken = async (page: Page) => {
  const id = await page.getByRole('tree').getAttribute('aria-activedescendant');
  return id ? page.locator(`#${id}`).textContent() : undefined;
};

describe('lanes', () => {
  it('take the tree’s place by key, button and address, and the selection stays', async () => {
    const page = await open(RUN);
    await page.keyboard.press('g');
    await waitForQuery(page, 'rows=lanes');
    expect(await page.locator('.row').count()).toBe(0);
    expect(await page.locator('.layer-lane:visible').count()).toBeGreaterThan(3);
    expect(await heading(page)).toBe('Seq Scan on orders');
    expect(await spoken(page)).toMatch(
      /^Seq Scan on orders, database, 1\.30 s, from 958 ms, 1\.30 s on the critical/,
    );
    await page.reload();
    await firstBars(page);
    expect(await page.getByRole('button', { name: 'Lanes' }).getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: 'Lanes' }).click();
    await page.waitForFunction(() => !location.search.includes('rows'));
    expect(await page.locator('[role=treeitem][aria-selected=true] .name').textContent()).toBe(
      'Seq Scan on orders',
    );
    await close(page);
  });

  it('show the guilty span on the first screen, framed, its lane marked', async () => {
    const page = await open(LANES, { viewport: { width: 1280, height: 720 } });
    const frame = page.locator('.lane-span');
    expect(await frame.getAttribute('class')).toContain('guilty');
    const [box, tree] = [await frame.boundingBox(), await page.getByRole('tree').boundingBox()];
    expect(box!.y).toBeGreaterThanOrEqual(tree!.y);
    expect(box!.y + box!.height).toBeLessThanOrEqual(tree!.y + tree!.height);
    expect(await page.locator('.layer-lane.guilty .name').allTextContents()).toEqual(['database']);
    await close(page);
  });

  it('are walked by keyboard: along a row by time, across rows at one instant', async () => {
    const page = await open();
    await page.keyboard.press('k');
    await expect.poll(() => heading(page)).toBe('HashAggregate');
    await page.keyboard.press('j');
    await expect.poll(() => heading(page)).toBe('Seq Scan on orders');
    await page.keyboard.press('Home');
    await expect.poll(() => spoken(page)).toContain('Open the shop, browser');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => spoken(page)).toContain('Add to cart, browser');
    await page.keyboard.press('h');
    await expect.poll(() => spoken(page)).toContain('Open the shop, browser');
    const lane = page.getByRole('treeitem', { name: /^browser/ });
    expect(await lane.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Space');
    await expect.poll(() => lane.getAttribute('aria-expanded')).toBe('false');
    await page.keyboard.press('e');
    await expect.poll(() => lane.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('v');
    await expect.poll(() => heading(page)).toBe('Seq Scan on orders');
    await close(page);
  });

  it('are pressed: a bar selects, a name opens, a bar under the pointer is named', async () => {
    const page = await open();
    const box = (await page.locator('.lane-span').boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y - 26);
    await expect.poll(() => page.locator('.lane-tip').textContent()).toBe('HashAggregate · 1.30 s');
    await page.mouse.click(x, y - 26);
    await expect.poll(() => heading(page)).toBe('HashAggregate');
    await page.mouse.dblclick(x, y);
    await waitForQuery(page, 't=');
    await page.locator('.layer-lane .label', { hasText: 'database' }).click();
    await expect
      .poll(() => page.getByRole('treeitem', { name: /^database/ }).getAttribute('aria-expanded'))
      .toBe('false');
    await close(page);
  });

  it('leave out what the run did not wait for, on request', async () => {
    const page = await open();
    const note = () => page.locator('.layer-lane', { hasText: 'network' }).locator('.note').textContent();
    expect(await note()).toContain('141 spans');
    await page.keyboard.press('c');
    await expect.poll(note).toMatch(/^\d\d spans · 212 ms waited for$/);
    await close(page);
  });

  it('go into the picture that is copied', async () => {
    const page = await open();
    await page.keyboard.press('y');
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Save as SVG' }).click();
    const svg = await (await (await download).createReadStream()).toArray();
    const text = Buffer.concat(svg).toString();
    for (const words of ['database', 'Seq Scan on orders', '1.38 s waited for'])
      expect(text).toContain(words);
    await close(page);
  });

  it.each(['light', 'dark'] as const)('have nothing that axe objects to, %s', async (colorScheme) => {
    const page = await open(LANES, { colorScheme });
    expect(await axeViolations(page)).toEqual([]);
    await close(page);
  });
});
