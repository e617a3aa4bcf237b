import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { HOSTILE, runSummary, runView, TRACE_ID } from '../fixtures/run-view.ts';
import { exampleFrameFiles } from '../fixtures/run-view-pipes.ts';
import { axeViolations, firstBars, useViewerBench, type ViewerBench } from './viewer-page.ts';

const RUN = `/run/${TRACE_ID}`;
const view = runView();

const bench = useViewerBench(() => ({ views: [view], files: exampleFrameFiles() }));

async function openRun(path = RUN, options: Parameters<ViewerBench['open']>[1] = {}): Promise<Page> {
  const page = await bench.open(path, options);
  await firstBars(page);
  return page;
}
const close = (page: Page) => page.context().close();
const selected = (page: Page) => page.locator('[role=treeitem][aria-selected=true] .name').textContent();
const names = (page: Page) => page.locator('[role=treeitem] .name').allTextContents();
const query = (page: Page) => page.evaluate(() => Object.fromEntries(new URLSearchParams(location.search)));
/** The address is written a moment after the last change. */
const waitForQuery = (page: Page, text: string) =>
  page.waitForFunction((part) => location.search.includes(part), text);
/** How many pixels of the bars' canvas are painted: something between nothing and everything. */
const paintedPixels = (page: Page) =>
  page.locator('canvas.bars').evaluate((canvas: HTMLCanvasElement) => {
    const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let painted = 0;
    for (let i = 3; i < data.length; i += 4) if ((data[i] ?? 0) > 200) painted++;
    return painted;
  });

describe('a run', () => {
  it('opens on the verdict, with the guilty span in sight and its story beside it', async () => {
    const page = await openRun();
    expect(await page.locator('h1').textContent()).toBe(view.report.verdict.sentence);
    expect(await selected(page)).toBe('Seq Scan on orders');
    await expect.poll(() => page.locator('.row.selected').isVisible()).toBe(true);
    const story = await page.locator('.panel').innerText();
    expect(story).toContain('The run waited 1.30 s for exactly this (50 % of the run)');
    expect(story).toMatch(/212.477 rows were read and thrown away for 3 kept/);
    expect(story).toMatch(/HashAggregate.*went on/s);
    expect(await paintedPixels(page)).toBeGreaterThan(5_000);
    await close(page);
  });

  it('says in the ledger where the time went, and all of it', async () => {
    const page = await openRun();
    const keys = await page.locator('.legend .key').allInnerTexts();
    expect(keys).toHaveLength(10);
    expect(keys.find((key) => key.startsWith('database'))).toMatch(/^database 1\.38 s 53 %$/);
    const grown = await page
      .locator('.ledger-bar .entry')
      .evaluateAll((entries) =>
        entries.reduce((sum, entry) => sum + Number((entry as HTMLElement).style.flexGrow), 0),
      );
    expect(grown).toBe(view.report.wallNs);
    await close(page);
  });

  it('lights what a pressed piece of the ledger is made of, and says what that is', async () => {
    const page = await openRun();
    const before = await paintedPixels(page);
    await page.getByRole('button', { name: /^services/ }).click();
    await waitForQuery(page, 'layer=service');
    expect(await page.getByRole('button', { name: /^services/ }).getAttribute('aria-pressed')).toBe('true');
    const dimmed = await page.locator('.row.dimmed .name').allTextContents();
    expect(dimmed).toContain('Seq Scan on orders');
    expect(dimmed).not.toContain('inventory  GET /stock');
    expect(await paintedPixels(page)).toBeLessThan(before / 2);
    expect(await page.locator('.made-of').innerText()).toContain('services 261 ms = work 155 ms (web-1)');
    await page.keyboard.press('Escape');
    await page.mouse.move(700, 20);
    await expect.poll(() => page.locator('.row.dimmed').count()).toBe(0);
    await close(page);
  });

  it('goes through the rows by keyboard', async () => {
    const page = await openRun();
    await page.keyboard.press('Home');
    await expect.poll(() => selected(page)).toBe('checkout');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => names(page)).toContain('GET /assets/… +29');
    await page.keyboard.press('j');
    await expect.poll(() => selected(page)).toBe('page.goto');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => selected(page)).toBe('Open the shop');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => names(page)).not.toContain('page.goto');
    await page.keyboard.press('v');
    await expect.poll(() => selected(page)).toBe('Seq Scan on orders');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Seq Scan on orders');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.panel').isVisible()).toBe(false);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('tree');
    await close(page);
  });

  it('names the selected row to assistive technology', async () => {
    const page = await openRun();
    const tree = page.getByRole('tree');
    const id = await tree.getAttribute('aria-activedescendant');
    expect(await page.locator(`#${id}`).innerText()).toContain('Seq Scan on orders');
    expect(await page.locator(`#${id} .spoken`).textContent()).toContain('database, 1.30 s, from 958 ms');
    expect(await page.locator(`#${id}`).getAttribute('aria-level')).toBe('12');
    await close(page);
  });

  it('zooms, pans and fits, and keeps the window in the address', async () => {
    const page = await openRun();
    expect(await query(page)).toEqual({});
    await page.keyboard.press('z');
    await waitForQuery(page, 't=');
    const [startNs, endNs] = ((await query(page)).t ?? '').split('-').map(Number);
    expect(startNs).toBeGreaterThan(700e6);
    expect(startNs).toBeLessThan(958.4e6);
    expect(endNs).toBeGreaterThan(2256.8e6);
    const scale = () => page.locator('.axis').textContent();
    const zoomed = await scale();
    await page.keyboard.press('+');
    await expect.poll(scale).not.toBe(zoomed);
    await page.keyboard.press('f');
    await page.waitForFunction(() => !location.search.includes('t='));
    expect(await page.getByRole('button', { name: 'Fit' }).isDisabled()).toBe(true);
    await close(page);
  });

  it('zooms with the wheel where the pointer is, and pans by dragging', async () => {
    const page = await openRun();
    const box = await page.locator('canvas.bars').boundingBox();
    if (!box) throw new Error('no canvas');
    await page.mouse.move(box.x + box.width * 0.8, box.y + 60);
    await page.keyboard.down('Control');
    for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -300);
    await page.keyboard.up('Control');
    await waitForQuery(page, 't=');
    const before = ((await query(page)).t ?? '').split('-').map(Number);
    expect((before[1] ?? 0) - (before[0] ?? 0)).toBeLessThan(view.report.wallNs / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8 - 150, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction((t) => !location.search.includes(t), `t=${before.join('-')}`);
    const after = ((await query(page)).t ?? '').split('-').map(Number);
    expect(after[0]).toBeGreaterThan(before[0] ?? 0);
    expect((after[1] ?? 0) - (after[0] ?? 0)).toBeCloseTo((before[1] ?? 0) - (before[0] ?? 0), -3);
    await close(page);
  });

  it('chooses a window with the brush of the minimap', async () => {
    const page = await openRun();
    const box = await page.locator('.brush').boundingBox();
    if (!box) throw new Error('no minimap');
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 });
    await page.mouse.up();
    // A slow machine may write the address on the way, too: the last one counts.
    const chosen = async () =>
      ((await query(page)).t ?? '').split('-').map((ns) => Number(ns) / view.report.wallNs);
    await expect.poll(async () => (await chosen())[1]).toBeCloseTo(0.5, 1);
    expect((await chosen())[0]).toBeCloseTo(0.25, 1);
    await close(page);
  });

  it('finds spans by name, attribute and address, one after the other', async () => {
    const page = await openRun();
    await page.keyboard.press('/');
    await page.keyboard.type('198.51.100.3');
    await expect.poll(() => page.locator('.found-count').textContent()).toBe('1 found');
    await page.keyboard.press('Enter');
    await expect.poll(() => selected(page)).toBe('A shop.example @ 198.51.100.3:53');
    await page.getByLabel('Search the spans').fill('no such thing');
    await expect.poll(() => page.locator('.found-count').textContent()).toBe('nothing found');
    await page.getByLabel('Search the spans').fill('GET /charge');
    await expect.poll(() => page.locator('.found-count').textContent()).toBe('nothing found');
    await page.getByLabel('Search the spans').fill('post /CHARGE');
    await expect.poll(() => page.locator('.found-count').textContent()).toMatch(/found|of/);
    await close(page);
  });

  it('shows only the critical path on request', async () => {
    // Tall enough for every row, whatever font the machine has.
    const page = await openRun(RUN, { viewport: { width: 1440, height: 1600 } });
    expect(await names(page)).toContain('GET /api/recommendations');
    await page.keyboard.press('c');
    await expect.poll(() => names(page)).not.toContain('GET /api/recommendations');
    expect(await names(page)).toContain('Seq Scan on orders');
    await close(page);
  });

  it('shows the times as reported on request, and which clocks were moved', async () => {
    const page = await openRun();
    const bars = () =>
      page.locator('canvas.bars').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const aligned = await bars();
    await page.keyboard.press('r');
    await waitForQuery(page, 'raw=1');
    expect(await page.getByRole('button', { name: 'As reported' }).getAttribute('aria-pressed')).toBe('true');
    const note = page.locator('.reported-note');
    expect(await note.innerText()).toContain('web-2 moved by −0.42 ms (±0.18 ms)');
    expect(await bars()).not.toBe(aligned);
    await page.reload();
    await firstBars(page);
    expect(await note.isVisible()).toBe(true);
    await page.keyboard.press('r');
    await expect.poll(() => note.isVisible()).toBe(false);
    await page.waitForFunction(() => !location.search.includes('raw'));
    await close(page);
  });

  it('is the same again from its address alone', async () => {
    const page = await openRun(`${RUN}?sel=0000000000000004&t=0-310000000&q=shop&layer=dns&path=1`);
    const state = async () => ({
      selected: await selected(page),
      names: await names(page),
      axis: await page.locator('.axis').textContent(),
      query: await page.getByLabel('Search the spans').inputValue(),
      pinned: await page.locator('.key[aria-pressed=true]').innerText(),
      critical: await page.getByRole('button', { name: 'Critical path' }).getAttribute('aria-pressed'),
    });
    const before = await state();
    expect(before).toMatchObject({ selected: 'GET /', query: 'shop', critical: 'true' });
    await page.reload();
    await firstBars(page);
    expect(await state()).toEqual(before);
    await page.goto(`${bench.url}${RUN}?sel=zzz&t=9-1&layer=nope&q=`);
    await firstBars(page);
    expect(await page.locator('h1').textContent()).toBe(view.report.verdict.sentence);
    await close(page);
  });

  it('selects by pointer, opens by the triangle, zooms by double press', async () => {
    const page = await openRun();
    await page.keyboard.press('Home');
    const row = page.locator('.row', { hasText: 'Add to cart' });
    await row.click();
    await expect.poll(() => page.locator('.panel h2').textContent()).toBe('Add to cart');
    await row.locator('.twisty').click();
    await expect.poll(() => names(page)).toContain('POST /api/cart');
    await row.dblclick();
    await waitForQuery(page, 't=');
    await close(page);
  });

  it('draws 20 000 spans as a screenful of rows, wherever it is scrolled to', async () => {
    bench.stock.views = [runView({ spans: 20_000 })];
    const page = await openRun();
    await page.keyboard.press('e');
    await expect
      .poll(() => page.getByRole('treeitem').first().getAttribute('aria-setsize'))
      .toMatch(/^20[01]\d\d$/);
    await page.locator('.scroller').evaluate((scroller) => {
      scroller.scrollTop = scroller.scrollHeight / 2;
    });
    await expect
      .poll(() => page.getByRole('treeitem').first().getAttribute('aria-posinset'))
      .toMatch(/^(9|10)\d{3}$/);
    expect(await page.getByRole('treeitem').count()).toBeLessThan(60);
    expect(await paintedPixels(page)).toBeGreaterThan(100);
    await close(page);
  });

  it('says so when nothing was seen at all', async () => {
    const empty = { ...view, path: [], trace: { ...view.trace, spans: [] } };
    const report = {
      ...view.report,
      status: 'failed' as const,
      error: 'no answer',
      wallNs: 0,
      ledger: [],
      steps: [],
    };
    bench.stock.views = [{ ...empty, report: { ...report, coverage: [], clocks: [], warnings: [] } }];
    const page = await bench.open(RUN);
    await page.getByText('This run has no spans').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('This run failed. no answer');
    for (const key of ['j', 'k', 'z', 'e', 'c', 'ArrowRight', ' ', 'Enter', 'v', '+', 'f', 'n'])
      await page.keyboard.press(key);
    await close(page);
  });

  it('tells a failed run’s error first, and marks its step', async () => {
    bench.stock.views = [runView({ failed: true })];
    const page = await openRun();
    expect(await page.getByRole('alert').innerText()).toContain(
      'This run failed. Place order: expected “Thank you”',
    );
    expect(await page.locator('.step.failed').innerText()).toContain('Place order');
    await close(page);
  });
});

describe('the pipes', () => {
  it('shows connections after the steps, who paid, who rode, and the way back', async () => {
    const page = await openRun(RUN, { viewport: { width: 1440, height: 1600 } });
    await page.keyboard.press('End');
    await expect.poll(() => selected(page)).toBe('Connections (3)');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => names(page)).toContain('cdn.example:443');
    const notes = await page.locator('[role=treeitem] .note').allTextContents();
    expect(notes).toContain('1 paid, 34 rode free · HTTP/2');
    expect(notes).toContain('never used · HTTP/2');
    await page.keyboard.press('j');
    const panel = page.locator('.panel');
    await expect.poll(() => panel.innerText()).toContain('GET / paid for it: 63 ms');
    expect(await panel.innerText()).toContain('34 requests rode on it without paying');
    await panel.getByRole('button', { name: 'GET /', exact: true }).first().click();
    await expect.poll(() => panel.locator('h2').textContent()).toBe('GET /');
    expect(await panel.locator('.rides').innerText()).toContain('It paid for shop.example:443');
    await panel.locator('.rides button').click();
    await expect.poll(() => panel.locator('h2').textContent()).toBe('shop.example:443');
    await close(page);
  });

  it.each([
    ['connect 2001:db8::10', 'One try to reach 2001:db8::10 port 443 by TCP'],
    ['Certificate → verified', 'The certificate runs out in 12 days'],
    ['six connections per host', 'Six connections to this host were busy'],
    ['stock (Server-Timing)', 'its place here is inferred'],
    ['interaction: pointerdown button#buy', 'Of it: input delay 4 ms, processing 21 ms, presentation 29 ms'],
    ['web-front’s side of the connection', '3 packets were sent again'],
    ['10.0.0.11:8080', 'It failed: the server refused the connection'],
  ])('tells of %s in words', async (name, words) => {
    const page = await openRun(
      `${RUN}?q=${encodeURIComponent(name.replace(/ \(.*|^interaction: |’s .*/g, ''))}`,
      {
        viewport: { width: 1440, height: 1600 },
      },
    );
    await page.keyboard.press('e');
    const row = page.locator('.row', { has: page.locator('.name', { hasText: name }) }).first();
    for (let i = 0; i < 12 && (await row.count()) === 0; i++) await page.keyboard.press('PageDown');
    if ((await row.count()) === 0) await page.keyboard.press('n');
    await row.click();
    await expect.poll(() => page.locator('.panel').innerText()).toContain(words);
    await close(page);
  });

  it('places the page’s moments on the axis, for pointer and keyboard', async () => {
    const page = await openRun();
    const marks = page.locator('.moment');
    expect(await marks.count()).toBeGreaterThan(2);
    expect(await page.locator('.moment[tabindex="0"]').count()).toBe(1);
    await marks.first().focus();
    expect(await page.locator('.tip').innerText()).toBe('first contentful paint at 446 ms');
    await page.keyboard.press('End');
    expect(await page.locator('.tip').innerText()).toContain('Cannot read properties of undefined');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.panel h2').textContent()).toBe('Place order');
    expect(await page.locator('.panel .events').innerText()).toContain('TypeError');
    await close(page);
  });

  it('shows pictures of the page by time, large under the pointer, in step with the zoom', async () => {
    const page = await openRun();
    const alts = () =>
      page.locator('.frame img').evaluateAll((all) => all.map((image) => (image as HTMLImageElement).alt));
    const whole = await alts();
    expect(whole[0]).toBe('The page at 18 ms');
    expect(whole.at(-1)).toBe('The page at 2.56 s');
    expect(whole.length).toBeLessThan(view.frames?.length ?? 0);
    const lefts = await page
      .locator('.frame')
      .evaluateAll((all) => all.map((frame) => frame.getBoundingClientRect().left));
    for (let i = 1; i < lefts.length; i++)
      expect((lefts[i] ?? 0) - (lefts[i - 1] ?? 0)).toBeGreaterThanOrEqual(80);
    await page.locator('.frame').nth(1).hover();
    await page.locator('.film-preview').waitFor();
    expect(await page.locator('.film-preview').innerText()).toMatch(/^The page at \d+ ms$/);
    await page.locator('.frame').nth(1).click();
    await waitForQuery(page, 't=');
    await expect.poll(alts).not.toEqual(whole);
    await close(page);
  });

  it('has no strip, no moments and no hosts when there are none', async () => {
    const spans = view.trace.spans.map((span) => ({ ...span, events: [] }));
    bench.stock.views = [{ ...view, frames: undefined, lanes: undefined, trace: { ...view.trace, spans } }];
    const page = await openRun();
    for (const part of ['.filmstrip', '.marks', '.hosts'])
      expect(await page.locator(part).isVisible()).toBe(false);
    await close(page);
  });

  it('folds a calm host, draws a loud one, and says both as a table', async () => {
    const page = await openRun();
    const [calm, loud] = [
      page.getByRole('button', { name: /^web-2/ }),
      page.getByRole('button', { name: /^db-1/ }),
    ];
    expect(await calm.innerText()).toBe('web-2 2 quantities, calm');
    expect(await calm.getAttribute('aria-expanded')).toBe('false');
    expect(await loud.getAttribute('aria-expanded')).toBe('true');
    expect(
      await page.getByRole('img', { name: /^TCP retransmits of db-1: from 0 packets to 2 packets/ }).count(),
    ).toBe(1);
    const box = await page.locator('canvas.bars').boundingBox();
    const label = page.locator('.lane:visible', { hasText: 'CPU busy' }).locator('.figure');
    expect(await label.innerText()).toBe('max 97 %');
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) * 0.75, (box?.y ?? 0) + 20);
    await expect.poll(() => label.innerText()).toMatch(/^9\d % here$/);
    expect(await page.locator('.crosshair').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Table' }).click();
    expect(await page.getByRole('row', { name: /^TCP retransmits/ }).innerText()).toContain('2 packets');
    expect(await axeViolations(page)).toEqual([]);
    await close(page);
  });
});

describe('hostile names', () => {
  it('are text, everywhere', async () => {
    bench.stock.views = [runView({ hostile: true })];
    for (const path of ['/', RUN, `${RUN}?q=${encodeURIComponent('<img')}`]) {
      const page = await bench.open(path);
      await page.getByText('<script>').first().waitFor();
      expect(await page.evaluate(() => (window as { __injected?: number }).__injected)).toBeUndefined();
      expect(
        await page
          .locator(
            '#app img[src]:not([src^="/api/runs/"]), #app img[onerror], #app script, #app a[href^="javascript:"]',
          )
          .count(),
      ).toBe(0);
      await close(page);
    }
    const page = await openRun();
    await page.locator('.row', { hasText: 'SELECT orders' }).click();
    await page.locator('.panel .long').waitFor();
    const panel = await page.locator('.panel').innerText();
    expect(panel).toContain(HOSTILE.html);
    expect(panel).toContain('before␀after');
    expect(panel).toContain('abc⟨U+202E⟩gnp.exe');
    expect(panel).toContain(HOSTILE.emoji.slice(-3));
    expect(await page.locator('.panel .long').evaluate((box) => box.clientHeight)).toBeLessThan(200);
    expect(await page.evaluate(() => (window as { __injected?: number }).__injected)).toBeUndefined();
    await close(page);
  });
});

describe('the list of runs', () => {
  it('shows each run with its verdict and ledger, and opens it', async () => {
    bench.stock.running = [
      runSummary(runView({ traceId: 'a'.repeat(32) }), { status: 'running', layers: {} }),
    ];
    const page = await bench.open('/');
    await page.locator('.run-row').first().waitFor();
    expect(await page.locator('.run-row .status').allInnerTexts()).toEqual(['◌running', '●ok']);
    expect(await page.locator('.run-row').last().innerText()).toContain(view.report.verdict.sentence);
    expect(await page.getByRole('img').last().getAttribute('aria-label')).toContain('database 1.38 s');
    await page.locator('.run-row').last().click();
    await firstBars(page);
    expect(new URL(page.url()).pathname).toBe(RUN);
    await page.goBack();
    await page.locator('.run-row').first().waitFor();
    await close(page);
  });

  it('takes a pasted traceparent, and says when something is none', async () => {
    const page = await bench.open('/');
    const box = page.getByLabel('Trace ID or traceparent');
    await box.fill('not a trace');
    await box.press('Enter');
    expect(await page.locator('#trace-error').textContent()).toContain('That is no trace ID');
    await box.fill(`traceparent: 00-${TRACE_ID}-00f067aa0ba902b7-01`);
    await box.press('Enter');
    await firstBars(page);
    expect(new URL(page.url()).pathname).toBe(RUN);
    await close(page);
  });

  it('says how to make the first run, and shows it when it is there', async () => {
    bench.stock.views = [];
    const page = await bench.open('/');
    await page.getByText('No runs yet').waitFor();
    expect(await page.locator('main').innerText()).toContain('npm run demo');
    bench.stock.views = [view];
    await page.locator('.run-row').waitFor();
    await close(page);
  });

  it('says what went wrong, and tries again', async () => {
    bench.stock.broken = true;
    const page = await bench.open('/');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('the database file is locked');
    bench.stock.broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.run-row').waitFor();
    await close(page);
  });
});

describe('addresses that lead nowhere', () => {
  it('say so, with a way back', async () => {
    const page = await bench.open(`/run/${'9'.repeat(32)}`);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('No run with the trace ID 9999');
    await page.getByRole('link', { name: 'All runs' }).click();
    await page.locator('.run-row').waitFor();
    await close(page);
  });

  it('wait for a run that is under way, and draw it when it has ended', async () => {
    bench.stock.views = [];
    bench.stock.running = [runSummary(view, { status: 'running' })];
    const page = await bench.open(RUN);
    await page.getByText('still under way').waitFor();
    Object.assign(bench.stock, { views: [view], running: [] });
    await firstBars(page);
    await close(page);
  });
});

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it.each(['/', RUN, `${RUN}?layer=db&q=orders`])('%s has nothing that axe objects to', async (path) => {
    const page = await bench.open(path, { colorScheme });
    await page.locator('.run-row, .row, [role=alert]').first().waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await close(page);
  });

  it('the help is accessible, and Escape closes it', async () => {
    const page = await openRun(RUN, { colorScheme });
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await close(page);
  });
});

describe('a phone', () => {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true };
  it.each(['/', RUN, `/run/${'9'.repeat(32)}`])(
    'shows %s without scrolling sideways, and axe agrees',
    async (path) => {
      const page = await bench.open(path, phone);
      await page.locator('.run-row, .row, [role=alert]').first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      expect(await axeViolations(page)).toEqual([]);
      await close(page);
    },
  );

  it('opens the panel over the waterfall when a row is pressed', async () => {
    const page = await openRun(RUN, phone);
    expect(await page.locator('.panel').isVisible()).toBe(false);
    await page.locator('.row', { hasText: 'POST /api/orders' }).first().tap();
    await page.locator('.panel').waitFor();
    expect(await page.locator('.panel h2').textContent()).toBe('POST /api/orders');
    await page.getByRole('button', { name: 'Close the panel' }).tap();
    await expect.poll(() => page.locator('.panel').isVisible()).toBe(false);
    await close(page);
  });
});

it('switches colours by hand, and remembers it', async () => {
  const page = await openRun(RUN, { colorScheme: 'light' });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.reload();
  await firstBars(page);
  expect(await ground()).toBe(dark);
  await close(page);
});
