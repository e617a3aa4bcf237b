/** By keyboard on every screen: what Tab reaches shows that it was reached, in both themes; and listed keys do something. */
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYS } from '../../viewer/run/keyboard.ts';
import { runView, TRACE_ID } from '../fixtures/run-view.ts';
import { firstBars, useViewerBench } from './viewer-page.ts';

const view = runView();
const OTHER_ID = 'f'.repeat(32);
const JOURNEY = encodeURIComponent(view.report.journey);

const bench = useViewerBench(() => {
  const other = { ...view, report: { ...view.report, traceId: OTHER_ID } };
  return { views: [view, other] };
});

const close = (page: Page) => page.context().close();

const SCREENS = [
  ['runs', '/', '.run-row'],
  ['journey', `/journey/${JOURNEY}`, 'main svg'],
  ['waterfall', `/run/${TRACE_ID}`, '[role=treeitem]'],
  ['pipes', `/run/${TRACE_ID}/pipes`, '[data-place]'],
  ['walkthrough', `/run/${TRACE_ID}/walk`, 'main h1'],
  ['comparison', `/compare/${TRACE_ID}/${OTHER_ID}`, '.key-line'],
] as const;

/** More than this is a page that nobody tabs through; the first ones are tried then. */
const MOST_STOPS = 90;

/** Goes through the page by Tab; names what looks the same with and without the focus. */
async function unmarkedStops(page: Page): Promise<{ stops: number; unmarked: string[] }> {
  const unmarked: string[] = [];
  const seen = new Set<string>();
  await page.evaluate(() => {
    // The look with and without the focus is compared at once, so nothing may fade.
    for (const animation of document.getAnimations()) animation.finish();
  });
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement || element instanceof SVGElement) || element === document.body)
        return undefined;
      // A link that is pressed by its whole row shows the focus around the row.
      const marked = [element, element.closest('li')].filter((one) => one !== null);
      const look = (): string => marked.map(outlineOf).join();
      function outlineOf(one: Element): string {
        const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(one);
        const outline =
          outlineStyle === 'none' || outlineWidth === '0px' ? 'none' : outlineColor + outlineWidth;
        return `${outline} ${boxShadow}`;
      }
      const all = [...document.querySelectorAll('*')];
      const name = `${all.indexOf(element)} ${element.tagName}.${element.getAttribute('class')} ${element.textContent?.slice(0, 30)}`;
      const focused = look();
      element.blur();
      const plain = look();
      element.focus({ preventScroll: true, focusVisible: true } as FocusOptions);
      return { name, isMarked: focused !== plain };
    });
    if (!stop || seen.has(stop.name)) return { stops, unmarked };
    seen.add(stop.name);
    if (!stop.isMarked) unmarked.push(stop.name);
  }
  return { stops: MOST_STOPS, unmarked };
}

describe.each(SCREENS)('the screen %s', (_, path, ready) => {
  it.each(['light', 'dark'] as const)(
    'shows where the focus is, %s',
    async (colorScheme) => {
      const page = await bench.open(path, { colorScheme, reducedMotion: 'reduce' });
      await page.locator(ready).first().waitFor({ state: 'attached' });
      const { stops, unmarked } = await unmarkedStops(page);
      expect(unmarked).toEqual([]);
      expect(stops).toBeGreaterThan(3);
      await close(page);
    },
    60_000,
  );
});

describe.each(['tree', 'lanes'] as const)(
  'the keys that the help of the waterfall lists, rows as %s',
  (rows) => {
    /** All that a key may change. */
    const look = (page: Page) =>
      page.evaluate(() =>
        JSON.stringify([
          location.search,
          document.querySelector('[aria-selected=true] .name')?.textContent,
          document.querySelectorAll('[role=treeitem]').length,
          [...document.querySelectorAll('[role=treeitem]')]
            .map((row) => row.getAttribute('aria-expanded'))
            .join(),
          [...document.querySelectorAll('.axis text')].map((text) => text.textContent).join(),
          [...document.querySelectorAll('[aria-pressed=true]')].map((button) => button.textContent).join(),
          document.activeElement?.tagName,
          document.activeElement?.textContent?.slice(0, 40),
          document.querySelector('dialog')?.open,
          document.querySelector<HTMLElement>('.panel')?.offsetWidth,
          document.querySelector('.found-count')?.textContent,
        ]),
      );
    /** What must be so first for the key to have something to do. */
    const FIRST: Readonly<Record<string, readonly string[]>> = {
      j: ['Home'],
      ArrowDown: ['Home'],
      k: ['End'],
      ArrowUp: ['End'],
      ArrowRight: ['Home', 'ArrowLeft'],
      l: ['Home', 'ArrowLeft'],
      ArrowLeft: ['Home'],
      h: ['Home'],
      ' ': ['Home'],
      PageDown: ['Home'],
      PageUp: ['End'],
      End: ['Home'],
      '-': ['+'],
      _: ['+'],
      '.': ['+'],
      '>': ['+'],
      ',': ['+'],
      '<': ['+'],
      f: ['+'],
      '0': ['+'],
      v: ['Home'],
      // In lanes they go along the row.
      ...(rows === 'lanes' && { ArrowLeft: ['Home', 'ArrowRight'], h: ['Home', 'ArrowRight'] }),
    };
    let page: Page;
    beforeAll(async () => {
      page = await bench.open('/');
    });
    afterAll(() => close(page));

    /** How it looks once nothing changes any more: the address is written a moment late. */
    async function settled(): Promise<string> {
      let [before, now] = ['', await look(page)];
      while (now !== before) {
        await page.waitForTimeout(300);
        [before, now] = [now, await look(page)];
      }
      return now;
    }
    const keys = KEYS.flatMap(({ keys: same }) => same);

    it.each(keys)('%s does something', async (key) => {
      // Many rows match: n and N have somewhere to go.
      const isSearch = key === 'n' || key === 'N';
      await page.goto(`${bench.url}/run/${TRACE_ID}?rows=${rows}${isSearch ? '&q=GET' : ''}`);
      await firstBars(page);
      for (const first of FIRST[key] ?? []) await page.keyboard.press(first);
      const before = await settled();
      await page.keyboard.press(key);
      await expect.poll(() => look(page), { timeout: 5_000 }).not.toBe(before);
    });
  },
);
