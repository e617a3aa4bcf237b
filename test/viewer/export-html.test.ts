/** A run as one file: opened from the disk with the network off, it shows the same screens. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { htmlFile } from '../../src/export/html.ts';
import type { RunView } from '../../src/model/report.ts';
import { answersAbout, picturesOf } from '../../src/serve/packed-answers.ts';
import type { RunFile } from '../../src/store/store.ts';
import { HOSTILE, runView, TRACE_ID } from '../fixtures/run-view.ts';
import { exampleFrameFiles } from '../fixtures/run-view-pipes.ts';
import { readViewFile } from '../fixtures/view-file.ts';
import { axeViolations, firstBars, launchBrowser } from './viewer-page.ts';

let browser: Browser;
let folder: string;
const asked: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-export-'));
  const configFile = fileURLToPath(new URL('../../vite.config.ts', import.meta.url));
  const outDir = join(folder, 'viewer');
  await build({ configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  expect(asked.splice(0)).toEqual([]);
  expect(complaints.splice(0)).toEqual([]);
});

async function exported(name: string, view: RunView, files: readonly RunFile[]): Promise<string> {
  const file = join(folder, `${name}.html`);
  const html = htmlFile(join(folder, 'viewer'), {
    start: `/run/${view.report.traceId}`,
    answers: await answersAbout(view),
    pictures: picturesOf(view, (wanted) => files.find((kept) => kept.name === wanted)),
  });
  writeFileSync(file, html);
  return pathToFileURL(file).href;
}

/** With the network off; whatever is asked of it is noted. */
async function open(url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, offline: true });
  const page = await context.newPage();
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) asked.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  return page;
}

const example = () => exported('example', runView(), exampleFrameFiles());
const close = (page: Page) => page.context().close();

it('opens on the waterfall, with its panel and its pictures', async () => {
  const page = await open(await example());
  await firstBars(page);
  expect(await page.locator('h1').textContent()).toBe(runView().report.verdict.sentence);
  expect(await page.locator('[role=treeitem][aria-selected=true] .name').textContent()).toBe(
    'Seq Scan on orders',
  );
  expect(await page.locator('.panel').innerText()).toContain('were read and thrown away for 3 kept');
  await expect
    .poll(() =>
      page
        .locator('img')
        .evaluateAll((all) => all.filter((image) => (image as HTMLImageElement).naturalWidth > 0).length),
    )
    .toBeGreaterThan(2);
  expect(await axeViolations(page)).toEqual([]);
  await close(page);
});

it('keeps what is looked at after the #, and shows it again from there', async () => {
  const url = await example();
  const page = await open(url);
  await firstBars(page);
  await page.keyboard.press('c');
  await page.waitForFunction(() => location.hash.includes('path=1'));
  expect(page.url()).toContain(`${url}#/run/${TRACE_ID}?`);
  await page.reload();
  await firstBars(page);
  expect(await page.getByRole('button', { name: 'Critical path' }).getAttribute('aria-pressed')).toBe('true');
  await close(page);
});

it('holds the other screens of the run, and the way back to it', async () => {
  const page = await open(await example());
  await firstBars(page);
  for (const name of await page.locator('.run-views a').allTextContents()) {
    if (name === 'Compare') continue; // Another run is needed for that, and the file holds one.
    await page.locator('.run-views a', { hasText: name }).click();
    await page.locator(`.run-views a[aria-current=page]`, { hasText: name }).waitFor();
    expect(await page.locator('[role=alert]').count()).toBe(0);
  }
  await page.goBack();
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await page.locator(`a[href="/run/${TRACE_ID}"]`).first().click();
  await firstBars(page);
  await close(page);
});

it('walks through any request of the run, and says what is not in the file', async () => {
  const page = await open(`${await example()}#/run/${TRACE_ID}?sel=0000000000000004`);
  await firstBars(page);
  expect(await page.locator('.in-file').textContent()).toContain('Comparing it');
  await page.getByRole('link', { name: 'Walk through this request' }).click();
  await page.locator('.walk-stop').waitFor();
  expect(page.url()).toContain(`#/run/${TRACE_ID}/walk?req=0000000000000004`);
  await page.keyboard.press('5');
  await page.locator('.walk-stop', { hasText: /TCP/ }).waitFor();
  await page.goto(`${await example()}#/run/${TRACE_ID}/walk?req=ffff`);
  await page.reload();
  await page.getByText('This run has no such request').waitFor();
  await close(page);
});

it('says so when something else is asked of it', async () => {
  const page = await open(`${await example()}#/run/${'9'.repeat(32)}`);
  await page.getByText('This file holds one run').waitFor();
  await close(page);
});

it('is not harmed by what the run says', async () => {
  const view = runView({ hostile: true });
  const page = await open(await exported('hostile', view, []));
  await firstBars(page);
  expect(await page.locator('h1').textContent()).toContain(HOSTILE.html);
  expect(await page.evaluate(() => '__injected' in window)).toBe(false);
  await close(page);
});

it('holds a recorded run', async () => {
  const { view, files } = readViewFile('lock');
  const page = await open(await exported('recorded', view, files));
  await firstBars(page);
  expect(await page.locator('h1').textContent()).toBe(view.report.verdict.sentence);
  await close(page);
});

it('says what to do when the viewer is not built', () => {
  expect(() => htmlFile(join(folder, 'nothing'), { start: '/', answers: [], pictures: [] })).toThrow(
    'The viewer is not built. Run `npm run build:viewer`, then try again.',
  );
});
