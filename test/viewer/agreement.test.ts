/**
 * A person who has never seen the viewer finds the guilty part from the first screen, without scrolling: for one recorded
 * run of every fault the verdict, the marked piece of the ledger, the selected row and its story say the same.
 */
import type { Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults } from '../../scenarios/faults/index.ts';
import { readRun, viewOf } from '../fixtures/recorded-run.ts';
import { firstBars, startViewerBench, type ViewerBench } from './viewer-page.ts';

/** A usual laptop, and the smallest one that is still sold. */
const SCREENS = [
  { width: 1440, height: 900 },
  { width: 1280, height: 720 },
] as const;
type Size = (typeof SCREENS)[number];

let bench: ViewerBench;
let page: Page;
beforeAll(async () => {
  bench = await startViewerBench();
  bench.stock.views = Object.keys(faults).map((name) => viewOf(readRun(name)));
  page = await bench.open('/');
}, 180_000);
afterAll(async () => {
  await page?.context().close();
  await bench?.stop();
});

/** Wholly on the first screen, and nothing lies over its middle. */
async function isInSight(element: Locator, size: Size): Promise<boolean> {
  const box = await element.boundingBox();
  if (!box || box.x < 0 || box.y < 0) return false;
  if (box.x + box.width > size.width + 1 || box.y + box.height > size.height + 1) return false;
  return element.evaluate(
    (node, { x, y }) => {
      const top = document.elementFromPoint(x, y);
      return top !== null && (node.contains(top) || top.contains(node));
    },
    { x: box.x + box.width / 2, y: box.y + box.height / 2 },
  );
}

describe.each(Object.values(faults))(
  'the first screen of a run with $name',
  ({ name, expected, outcome }) => {
    it.each(SCREENS)(
      `shows ${expected.cause} in verdict, ledger and waterfall at $width × $height`,
      async (size) => {
        const { traceId } = readRun(name);
        const { report } = bench.stock.views.find((view) => view.report.traceId === traceId)!;
        const { verdict } = report;
        await page.setViewportSize(size);
        await page.goto(`${bench.url}/run/${traceId}`);
        await firstBars(page);

        const headline = page.locator('.verdict h1');
        expect(await headline.textContent()).toBe(verdict.sentence);
        expect(await isInSight(headline, size)).toBe(true);

        const marked = page.locator('.ledger-bar .entry.blamed');
        const causes = await marked.evaluateAll((pieces) =>
          pieces.map((piece) => piece.getAttribute('data-cause')),
        );
        // A run that failed may have lost no time to what broke it: then no piece is its.
        if (outcome !== 'failed' || causes.length > 0) {
          expect(new Set(causes)).toEqual(new Set([expected.cause]));
          expect(await isInSight(marked.first(), size)).toBe(true);
        }

        const row = page.locator('.row.selected');
        expect(await row.getAttribute('class')).toContain('guilty');
        expect(await isInSight(row, size)).toBe(true);
        expect(await page.locator('.panel').innerText()).toContain(verdict.spanIds[0]);
        if (outcome === 'failed') return;
        const blamed = report.ledger.filter(
          ({ layer, cause }) => layer === verdict.layer && cause === verdict.cause,
        );
        expect(blamed.flatMap(({ spanIds }) => spanIds)).toContain(verdict.spanIds[0]);
      },
    );
  },
);
