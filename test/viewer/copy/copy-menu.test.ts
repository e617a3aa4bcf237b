/** The menu "Copy" in a real browser: what lands in the clipboard, in files, and on screen when it is forbidden. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { htmlFile } from '../../../src/export/html.ts';
import { answersAbout } from '../../../src/serve/packed-answers.ts';
import { HOSTILE, runView, TRACE_ID } from '../../fixtures/run-view.ts';
import { axeViolations, firstBars, launchBrowser, useViewerBench, type ViewerBench } from '../viewer-page.ts';

const view = runView();
const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };

const bench = useViewerBench(() => ({ views: [view] }));

async function openRun(path = `/run/${TRACE_ID}`, options: Parameters<ViewerBench['open']>[1] = CLIPBOARD) {
  const page = await bench.open(path, options);
  await firstBars(page);
  return page;
}
/** The words stand for 1.5 s, and a loaded machine takes its time to draw. */
const SAID = { timeout: 10_000, interval: 50 };
const close = (page: Page) => page.context().close();
const clipboardText = (page: Page) => page.evaluate(() => navigator.clipboard.readText());
const status = (page: Page) => page.locator('.copy-said');
async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByRole('menuitem', { name }).click();
}

describe('the menu', () => {
  it('opens with y, goes round with the arrows, and gives the focus back', async () => {
    const page = await openRun();
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await page.keyboard.press('y');
    expect(await focused()).toBe('Link to this view');
    await page.keyboard.press('ArrowUp');
    expect(await focused()).toBe('Save as SVG');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('p');
    expect(await focused()).toBe('Picture as PNG');
    await page.keyboard.press('r');
    expect(await focused()).toBe('Run as Markdown');
    expect(await page.locator('[aria-haspopup=menu]').getAttribute('aria-expanded')).toBe('true');
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('Copy');
    expect(await page.getByRole('menu').isVisible()).toBe(false);
    expect(await page.locator('.panel').isVisible()).toBe(true);
    await close(page);
  });

  it('closes when the focus goes elsewhere', async () => {
    const page = await openRun();
    await page.keyboard.press('y');
    await page.locator('h1').click();
    await expect.poll(() => page.getByRole('menu').isVisible()).toBe(false);
    await close(page);
  });
});

describe('what is copied', () => {
  it('is the address, with all that is looked at', async () => {
    const page = await openRun(`/run/${TRACE_ID}?layer=db`);
    await choose(page, 'Link to this view');
    await expect.poll(() => status(page).textContent(), SAID).toBe('Link copied');
    expect(await clipboardText(page)).toBe(page.url());
    expect(page.url()).toContain('layer=db');
    await close(page);
  });

  it('is the run in words', async () => {
    const page = await openRun();
    await choose(page, 'Run as Markdown');
    await expect.poll(() => clipboardText(page)).toContain(`**${view.report.verdict.sentence}**`);
    await choose(page, 'Run as plain text');
    await expect.poll(() => clipboardText(page)).toMatch(/^Layer +Where +Why/m);
    await close(page);
  });

  it('is the waterfall as SVG, with the names and colours that are on screen', async () => {
    const page = await openRun(`/run/${TRACE_ID}`, { ...CLIPBOARD, colorScheme: 'dark' });
    await choose(page, 'Picture as SVG');
    await expect.poll(() => status(page).textContent(), SAID).toBe('SVG copied');
    const svg = await clipboardText(page);
    const shown = await page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      return {
        errors: parsed.querySelectorAll('parsererror').length,
        texts: [...parsed.querySelectorAll('text')].map((element) => element.textContent ?? ''),
        fills: [...parsed.querySelectorAll('[fill]')].map((element) => element.getAttribute('fill')),
      };
    }, svg);
    expect(shown.errors).toBe(0);
    expect(shown.texts).toContain('Seq Scan on orders');
    expect(shown.texts.filter((text) => text === '1.30 s').length).toBeGreaterThan(0);
    const rows = await page.locator('[role=treeitem] .name').allTextContents();
    expect(rows.filter((name) => shown.texts.some((text) => text === name)).length).toBe(rows.length);
    const ground = await page.evaluate(() =>
      getComputedStyle(document.documentElement).getPropertyValue('--bg'),
    );
    expect(shown.fills[0]).toBe(ground.trim());
    expect(shown.fills).toContain('url(#hatch)');
    await close(page);
  });

  it('is the waterfall as PNG', async () => {
    const page = await openRun();
    await choose(page, 'Picture as PNG');
    await expect.poll(() => status(page).textContent(), SAID).toBe('Picture copied');
    const bytes = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const blob = await item?.getType('image/png');
      return blob ? [...new Uint8Array(await blob.arrayBuffer())] : [];
    });
    const { width, height } = PNG.sync.read(Buffer.from(bytes));
    const shown = await page.locator('.scroller').evaluate((element) => element.clientWidth);
    expect(width).toBe(2 * shown);
    expect(height).toBeGreaterThan(400);
    await close(page);
  });
});

describe('what is saved', () => {
  it.each([
    ['Save as SVG', 'svg', '<svg xmlns'],
    ['Save as PNG', 'png', '\x89PNG'],
  ])('%s is a file named after the run', async (name, end, begins) => {
    const page = await openRun();
    const [download] = await Promise.all([page.waitForEvent('download'), choose(page, name)]);
    expect(download.suggestedFilename()).toBe(`headwater-${TRACE_ID.slice(0, 8)}.${end}`);
    expect(readFileSync(await download.path(), 'latin1').startsWith(begins)).toBe(true);
    await close(page);
  });
});

it('says what to do where the browser forbids it', async () => {
  const page = await openRun();
  await page.evaluate(() => {
    const refuse = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    Object.defineProperty(navigator, 'clipboard', { value: { write: refuse, writeText: refuse } });
    document.execCommand = () => false;
  });
  await choose(page, 'Picture as PNG');
  await expect.poll(() => status(page).textContent(), SAID).toContain('Choose “Save as PNG” instead');
  await choose(page, 'Run as Markdown');
  await expect.poll(() => status(page).textContent(), SAID).toContain('copy it by hand');
  await close(page);
});

it('copies text where there is no clipboard to ask, as over plain HTTP', async () => {
  const page = await openRun();
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await choose(page, 'Run as plain text');
  await expect.poll(() => status(page).textContent(), SAID).toBe('Text copied');
  await close(page);
});

it('draws strange names as names', async () => {
  const strange = [HOSTILE.html, HOSTILE.bidi, HOSTILE.nul, HOSTILE.emoji, HOSTILE.long];
  const spans = view.trace.spans.map((span, i) => ({ ...span, name: strange[i % strange.length] ?? '' }));
  bench.stock.views = [{ ...view, trace: { ...view.trace, spans } }];
  const page = await openRun();
  const [download] = await Promise.all([page.waitForEvent('download'), choose(page, 'Save as SVG')]);
  const svg = readFileSync(await download.path(), 'utf8');
  const errors = await page.evaluate(
    (text) =>
      new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('parsererror, script, img')
        .length,
    svg,
  );
  expect(errors).toBe(0);
  await close(page);
});

it('works in a file that carries the run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-copy-'));
  const browser = await launchBrowser();
  const file = join(folder, 'run.html');
  const viewerDir = bench.viewerDir;
  writeFileSync(
    file,
    htmlFile(viewerDir, { start: `/run/${TRACE_ID}`, answers: await answersAbout(view), pictures: [] }),
  );
  const page = await (await browser.newContext({ offline: true })).newPage();
  await page.goto(pathToFileURL(file).href);
  await firstBars(page);
  await choose(page, 'Run as Markdown');
  await expect.poll(() => status(page).textContent(), SAID).toBe('Markdown copied');
  await choose(page, 'Link to this view');
  await expect.poll(() => status(page).textContent(), SAID).toBe('Link copied');
  const [download] = await Promise.all([page.waitForEvent('download'), choose(page, 'Save as PNG')]);
  expect(download.suggestedFilename()).toBe(`headwater-${TRACE_ID.slice(0, 8)}.png`);
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});
