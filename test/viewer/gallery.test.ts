/**
 * Every example of the gallery, on one page each: shown without complaint, as its golden picture and accessible in both
 * themes, and at every width without scrolling sideways.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES, type Example } from '../gallery/examples.ts';
import { type Gallery, NOW_UNIX_MS, startGallery } from '../gallery/server.ts';
import { differsFromGolden, updating, whyNotComparable } from './golden.ts';
import { axeViolations, launchBrowser } from './viewer-page.ts';

const DESKTOP = { width: 1200, height: 800 };
const PHONE_HEIGHT_PX = 740;
/** What is not still after so many is compared as it is. */
const MOST_PICTURES = 5;
const WIDTHS_PX = [360, 768, 3840];

type Theme = 'light' | 'dark';

let gallery: Gallery;
let browser: Browser;
let viewerDir: string;
let notComparable: string | undefined;

beforeAll(async () => {
  viewerDir = mkdtempSync(join(tmpdir(), 'headwater-gallery-'));
  const configFile = fileURLToPath(new URL('../../vite.config.ts', import.meta.url));
  await build({ configFile, logLevel: 'warn', build: { outDir: viewerDir, emptyOutDir: true } });
  gallery = await startGallery({ port: 0, viewerDir, bundledFont: true });
  browser = await launchBrowser();
  notComparable = await whyNotComparable(browser, gallery.lettersUrl);
  if (notComparable) console.warn(`No picture is compared: ${notComparable}.`);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  gallery?.stop();
  rmSync(viewerDir, { recursive: true, force: true });
});

async function open(example: Example) {
  const context = await browser.newContext({
    viewport: {
      width: example.width ?? DESKTOP.width,
      height: example.height ?? (example.width ? PHONE_HEIGHT_PX : DESKTOP.height),
    },
    colorScheme: 'light',
    deviceScaleFactor: 1,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  await page.clock.setFixedTime(NOW_UNIX_MS);
  await page.goto(gallery.urlOf(example));
  await page.locator('html[data-gallery=ready]').waitFor({ timeout: 20_000, state: 'attached' });
  return { page, complaints };
}

/** What follows a change of size or colours has been drawn. */
const settled = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
  });

/** What is wrong with the page in these colours. */
async function faultsIn(theme: Theme, example: Example, page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme });
  await settled(page);
  // Of what axe looks for, only the contrast can differ in the dark.
  const violations = updating
    ? []
    : await axeViolations(page, theme === 'light' ? undefined : ['color-contrast']);
  const different = await pictureDiffers(theme, example, page);
  return [...violations, ...(different ? [different] : [])].map((fault) => `${theme}: ${fault}`);
}

async function pictureDiffers(theme: Theme, example: Example, page: Page): Promise<string | undefined> {
  if (notComparable || !example.golden?.includes(theme)) return undefined;
  return differsFromGolden(`${example.id}-${theme}`, await stillPicture(page));
}

/** Two in a row that are alike: on a busy machine something may still be drawn. */
async function stillPicture(page: Page): Promise<Buffer> {
  const take = () => page.screenshot({ animations: 'disabled', caret: 'hide' });
  let before = await take();
  for (let i = 0; i < MOST_PICTURES; i++) {
    const now = await take();
    if (now.equals(before)) return now;
    before = now;
    await settled(page);
  }
  return before;
}

/** A busy machine lays out a resized page late; what is too wide after this long stays so. */
const RESIZED_MS = 5_000;

/** How much wider than the window the page is, by width of the window. */
async function overflows(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS_PX) {
    await page.setViewportSize({ width, height: DESKTOP.height });
    await settled(page);
    const wide = await page.evaluate(
      async ({ width, untilMs }) => {
        const until = performance.now() + untilMs;
        const { documentElement } = document;
        while (documentElement.scrollWidth > width && performance.now() < until)
          await new Promise((resolve) => setTimeout(resolve, 50));
        return documentElement.scrollWidth;
      },
      { width, untilMs: RESIZED_MS },
    );
    if (wide > width) found.push(`${wide} px in ${width} px`);
  }
  return found;
}

it('names every example once', () => {
  const ids = EXAMPLES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z0-9-]+$/.test(id))).toEqual([]);
});

// Side by side: while one page is asked by axe, another is drawn.
describe.concurrent('shows', () => {
  it.for(EXAMPLES.filter(({ golden }) => golden || !updating))('$id', async (example, { expect }) => {
    const { page, complaints } = await open(example);
    expect.soft(await faultsIn('light', example, page)).toEqual([]);
    expect.soft(await faultsIn('dark', example, page)).toEqual([]);
    if (!updating) expect.soft(await overflows(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
