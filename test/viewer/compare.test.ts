import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { normalOf } from '../../src/analyse/normal.ts';
import { isProblem } from '../../src/analyse/problems.ts';
import type { RunView } from '../../src/model/report.ts';
import { HOSTILE, runView, TRACE_ID } from '../fixtures/run-view.ts';
import { axeViolations, useViewerBench, type ViewerBench } from './viewer-page.ts';

const OTHER_ID = `${'0af7651916cd43dd8448eb211c80319'}c`;
const PAIR = `/compare/${TRACE_ID}/${OTHER_ID}`;
const view = runView();

/** The same journey a while before: no row-by-row scan, and one request less. */
function quicker(): RunView {
  const other = runView({ traceId: OTHER_ID });
  const scan = other.trace.spans.find(({ name }) => name === 'Seq Scan on orders')!;
  const gone = other.trace.spans.findLast(({ attributes }) => attributes['headwater.type'] === 'request')!;
  const inside = new Set([gone.spanId]);
  for (const span of other.trace.spans) if (inside.has(span.parentId ?? '')) inside.add(span.spanId);
  const ledger = other.report.ledger.filter(({ cause }) => cause !== 'db.seq_scan');
  const wallNs = ledger.reduce((sum, { ns }) => sum + ns, 0);
  const spans = other.trace.spans
    .filter(({ spanId }) => !inside.has(spanId))
    .map((span) => (span === scan ? { ...span, endNs: span.startNs + 2e6 } : span));
  const path = other.path.filter(({ spanId }) => spanId !== scan.spanId);
  return { ...other, path, report: { ...other.report, wallNs, ledger }, trace: { ...other.trace, spans } };
}
const other = quicker();
const healthy = { ...other.report, ledger: other.report.ledger.filter((entry) => !isProblem(entry)) };
const usual = normalOf(Array.from({ length: 5 }, () => healthy));

const bench = useViewerBench(() => ({ views: [view, other] }));

async function open(path = PAIR, options: Parameters<ViewerBench['open']>[1] = {}): Promise<Page> {
  const page = await bench.open(path, options);
  await page.locator('main.compare h1').waitFor();
  return page;
}
const close = (page: Page) => page.context().close();
const rows = (page: Page) => page.locator('.span-rows .span-row');
const selected = (page: Page) => page.locator('.span-row.selected bdi').first().textContent();
const address = (page: Page) => page.evaluate(() => location.pathname + location.search);

describe('two runs side by side', () => {
  it('says on top what changed, and the same in every table', async () => {
    const page = await open();
    expect(await page.locator('h1').textContent()).toBe(
      'This run took 2.61 s, 1.30 s slower than run 0af76519 (1.31 s): +1.30 s seq scan in postgresql; 100 % of the shift.',
    );
    const first = page.locator('.changes', { hasText: 'What changed' }).locator('tbody tr').first();
    expect(await first.innerText()).toMatch(/seq scan in postgresql database.*1\.30 s\s+0 ms\s+\+1\.30 s/s);
    const db = page.locator('.changes', { hasText: 'By layer' }).locator('tr', { hasText: 'database' });
    expect(await db.innerText()).toMatch(/\+1\.30 s\s*$/);
    await close(page);
  });

  it('draws both ledgers on one scale, joined part by part', async () => {
    const page = await open();
    const widths = await page.locator('.pair-bar').evaluateAll((bars) =>
      bars.map((bar) => {
        const pieces = [...bar.querySelectorAll('.pair-piece')];
        return pieces.reduce((sum, piece) => sum + piece.getBoundingClientRect().width, 0) / bar.clientWidth;
      }),
    );
    expect(widths[0]).toBeCloseTo(1, 2);
    expect(widths[1]).toBeCloseTo(other.report.wallNs / view.report.wallNs, 2);
    expect(await page.locator('.band.strong').count()).toBe(1);
    await close(page);
  });

  it('marks in words what only one run has, and leads into both waterfalls', async () => {
    const page = await open(`${PAIR}?min=0`);
    expect(await page.locator('.span-row.added .presence').first().textContent()).toBe('+ only in this run');
    await page.locator('.span-row', { hasText: 'Seq Scan on orders' }).last().click();
    const links = page.locator('.span-row.selected a');
    expect(await links.allTextContents()).toEqual(['Open in this run', 'Open in the other']);
    await links.last().click();
    await page.waitForURL(`**/run/${OTHER_ID}?sel=**`);
    expect(await page.locator('[role=treeitem][aria-selected=true] .name').textContent()).toBe(
      'Seq Scan on orders',
    );
    await page.goBack();
    await expect.poll(() => selected(page)).toBe('Seq Scan on orders');
    await close(page);
  });

  it('works from the keyboard, and keeps all of it in the address', async () => {
    const page = await open();
    await page.keyboard.press('j');
    await expect.poll(() => selected(page)).toBe('checkout');
    const before = await rows(page).count();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => rows(page).count()).toBe(before);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('k');
    await expect.poll(() => selected(page)).toBe('checkout');
    await page.keyboard.press('s');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Open in this run');
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('seq scan');
    await expect.poll(() => page.locator('.span-tools [role=status]').textContent()).toMatch(/^1 of /);
    const sent = await address(page);
    expect(sent).toContain(`${PAIR}?sel=a%3A`);
    expect(sent).toContain('sort=change');
    expect(sent).toContain('q=seq+scan');
    const seen = await rows(page).allInnerTexts();
    const friend = await open(sent);
    expect(await rows(friend).allInnerTexts()).toEqual(seen);
    await close(friend);
    await close(page);
  });

  it('leaves out what changed too little, and says when that is everything', async () => {
    const page = await open(`/compare/${TRACE_ID}/${TRACE_ID}`);
    expect(await page.locator('h1').textContent()).toBe('Nothing differs: both took 2.61 s.');
    expect(await rows(page).count()).toBe(0);
    expect(await page.locator('.no-spans').textContent()).toBe(
      'No span changed by 26 ms or more. A smaller amount shows more.',
    );
    await page.getByLabel('changed by at least').fill('0');
    await expect.poll(() => rows(page).count()).toBeGreaterThan(100);
    expect(await address(page)).toContain('min=0');
    await close(page);
  });

  it('copies itself as Markdown', async () => {
    const page = await open(PAIR, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy as Markdown' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toMatch(/^\*\*This run took 2\.61 s/);
    expect(text).toContain('| seq scan in postgresql | 1.30 s | 0 ms | +1.30 s |');
    expect(text).toContain(`<${bench.url}${PAIR}>`);
    await close(page);
  });

  it('turns round', async () => {
    const page = await open();
    await page.getByRole('link', { name: 'Swap' }).click();
    await expect
      .poll(() => page.locator('h1').textContent())
      .toMatch(/^This run took 1\.31 s, 1\.30 s faster/);
    await close(page);
  });
});

describe('what a run is compared with', () => {
  it('is what is usual, where that is known; parts only, and said so', async () => {
    bench.stock.usual = usual;
    const page = await open(`/run/${TRACE_ID}/compare`);
    expect(await address(page)).toBe(`/compare/${TRACE_ID}/normal`);
    expect(await page.locator('h1').textContent()).toContain(
      'slower than what is usual (1.31 s): +1.30 s seq scan',
    );
    expect(await page.getByText('not known span by span').count()).toBe(1);
    await page.getByLabel('Compared with').selectOption(OTHER_ID);
    await expect.poll(() => address(page)).toBe(PAIR);
    await close(page);
  });

  it('is else the run before it, from the header of the run', async () => {
    const page = await bench.open(`/run/${TRACE_ID}`);
    await page.getByRole('link', { name: 'Compare' }).click();
    await page.locator('main.compare h1').waitFor();
    expect(await address(page)).toBe(PAIR);
    expect(await page.locator('.run-views [aria-current]').textContent()).toBe('Compare');
    await close(page);
  });

  it('is nothing, for the only run there is: what to do is said', async () => {
    bench.stock.views = [view];
    const page = await bench.open(`/compare/${TRACE_ID}`);
    await page.locator('.notice h1').waitFor();
    expect(await page.locator('.notice').innerText()).toMatch(
      /This is the only run of checkout\. Run the journey once more/,
    );
    await page.goto(`${bench.url}/compare/${TRACE_ID}/normal`);
    await page.getByText('five earlier runs').waitFor();
    await close(page);
  });
});

describe('for everybody', () => {
  it.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 360],
  ] as const)('no violations, %s, %i px wide, and nothing beyond the edge', async (colorScheme, width) => {
    const page = await open(`${PAIR}?min=0`, { colorScheme, viewport: { width, height: 800 } });
    await rows(page).nth(3).click();
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await close(page);
  });

  it('strange names are names', async () => {
    bench.stock.views = [runView({ hostile: true }), other];
    const page = await open(`${PAIR}?min=0`);
    expect(await page.evaluate(() => (window as { __injected?: number }).__injected)).toBeUndefined();
    const text = await page.locator('main').innerText();
    expect(text).not.toContain(HOSTILE.long);
    expect(text).not.toContain('\u202e');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await close(page);
  });
});
