/**
 * Every key that a screen lists is pressed there and does something; what was chosen by keyboard stands in the address,
 * and the address alone brings it back. (The waterfall's own keys: focus.test.ts.)
 */
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { runView, TRACE_ID } from '../fixtures/run-view.ts';
import { axeViolations, useViewerBench } from './viewer-page.ts';

const view = runView();
const OTHER_ID = 'f'.repeat(32);
const MINUTE_NS = 60_000_000_000n;
/** The same journey, minutes before or after. */
const again = (traceId: string, minutes: bigint) => {
  const startUnixNano = String(BigInt(view.report.startUnixNano) + minutes * MINUTE_NS);
  const slower = view.trace.spans.map((span) =>
    span.name === 'Seq Scan on orders' ? { ...span, endNs: span.endNs - 400e6 } : span,
  );
  return {
    ...view,
    report: { ...view.report, traceId, startUnixNano },
    trace: { ...view.trace, traceId, spans: slower },
  };
};
const bench = useViewerBench(() => ({
  views: [view, again(OTHER_ID, -5n), again('e'.repeat(32), -9n), again('d'.repeat(32), -14n)],
}));

interface Tried {
  readonly path: string;
  /** What stands there when it is ready. */
  readonly ready: string;
  /** What must be pressed first for a key to have something to do. */
  readonly first: Readonly<Record<string, readonly string[]>>;
  /** Gets the focus first. */
  readonly focus?: string;
  /** Changes the address. */
  readonly chosen: readonly string[];
}

const SCREENS: Readonly<Record<string, Tried>> = {
  runs: {
    path: '/',
    ready: '.run-row',
    first: { k: ['j', 'j'], Enter: ['j'], x: ['j'], c: ['j', 'x', 'j', 'x'] },
    chosen: ['/', 'o', 'r', 'd', 'e', 'r', 's'],
  },
  journey: {
    path: `/journey/${encodeURIComponent(view.report.journey)}`,
    ready: '.history svg',
    focus: '[role=listbox]',
    first: {
      ArrowRight: ['Home'],
      j: ['Home'],
      Home: ['End'],
      End: ['Home'],
      Enter: ['End'],
      Escape: ['End'],
      f: ['End', '+'],
    },
    chosen: ['End', 'ArrowLeft', '+', 'x'],
  },
  pipes: {
    path: `/run/${TRACE_ID}/pipes`,
    ready: '[data-place]',
    first: { ',': ['.', '.', '.'], Enter: ['ArrowRight'], Home: ['.', '.'], v: ['Escape'] },
    chosen: ['.', '.', '.', '+', 'Escape'],
  },
  walkthrough: {
    path: `/run/${TRACE_ID}/walk`,
    ready: '.walk-stop .sketch',
    first: { ArrowLeft: ['ArrowRight'], Home: ['End'] },
    chosen: ['5', 'ArrowRight'],
  },
  comparison: {
    path: `/compare/${TRACE_ID}/${OTHER_ID}`,
    ready: '.span-row',
    first: {
      k: ['j', 'j', 'j'],
      ArrowUp: ['j', 'j', 'j'],
      ArrowDown: ['j'],
      ArrowRight: ['j', 'ArrowLeft'],
      ArrowLeft: ['j'],
      Enter: ['j'],
    },
    chosen: ['s', 'j', 'j', 'j'],
  },
};

/** What a key is called where it is pressed, by what it is called on screen. */
const PRESSED: Readonly<Record<string, string>> = {
  '→': 'ArrowRight',
  '←': 'ArrowLeft',
  '↑': 'ArrowUp',
  '↓': 'ArrowDown',
  '−': '-',
  Esc: 'Escape',
  '1–9': '3',
};

/** All that a key may change. */
const look = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll('*')];
    const boxes = [...document.querySelectorAll<HTMLInputElement>('input')];
    return JSON.stringify([
      location.pathname + location.search,
      document.activeElement ? all.indexOf(document.activeElement) : -1,
      boxes.map(({ value, checked }) => `${value}${checked}`),
      document.querySelector<HTMLDialogElement>('dialog[open]')?.textContent,
      document.querySelector('main')?.innerHTML,
    ]);
  });

/** Once nothing changes any more: the address is written a moment late. */
async function settled(page: Page): Promise<string> {
  let [before, now] = ['', await look(page)];
  while (now !== before) {
    await page.waitForTimeout(250);
    [before, now] = [now, await look(page)];
  }
  return now;
}

async function goTo(page: Page, { path, ready, focus }: Tried): Promise<void> {
  await page.goto(bench.url + path);
  await page.locator(ready).first().waitFor({ state: 'attached' });
  if (focus) await page.locator(focus).first().focus();
}

const close = (page: Page) => page.context().close();

describe.each(Object.entries(SCREENS))('the screen %s', (_, tried) => {
  it('does something at every key that it lists', async () => {
    const page = await bench.open('/', { reducedMotion: 'reduce' });
    await goTo(page, tried);
    const listed = await page.locator('.key-help kbd').allTextContents();
    expect(listed.length).toBeGreaterThan(5);
    for (const shown of listed) {
      const key = PRESSED[shown] ?? shown;
      await goTo(page, tried);
      for (const first of tried.first[key] ?? []) await page.keyboard.press(first);
      const before = await settled(page);
      await page.keyboard.press(key);
      await expect.poll(() => look(page), { timeout: 5_000, message: shown }).not.toBe(before);
    }
    await close(page);
  }, 120_000);

  it('sleeps below its list of keys, which Escape closes', async () => {
    const page = await bench.open(tried.path);
    await goTo(page, tried);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    const before = await settled(page);
    for (const key of ['j', 'x', '.', 'ArrowRight', 'End']) await page.keyboard.press(key);
    expect(await settled(page)).toBe(before);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await close(page);
  });

  it.each([
    [360, 0.9],
    [3840, 0.5],
  ])('makes use of a window of %d px, and does not stick out of it', async (width, share) => {
    const page = await bench.open(tried.path, { viewport: { width, height: 900 } });
    await page.locator(tried.ready).first().waitFor({ state: 'attached' });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    const used = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('main > *')].map((part) => part.getBoundingClientRect());
      return Math.max(...boxes.map(({ right }) => right)) - Math.min(...boxes.map(({ left }) => left));
    });
    expect(used).toBeGreaterThanOrEqual(width * share);
    await close(page);
  });

  it('is the same again from its address alone', async () => {
    const page = await bench.open(tried.path, { reducedMotion: 'reduce' });
    await goTo(page, tried);
    for (const key of tried.chosen) await page.keyboard.press(key);
    await settled(page);
    const state = () =>
      page.evaluate(() => ({
        search: location.search,
        words: document.querySelector<HTMLElement>('main')?.innerText,
        chosen: [...document.querySelectorAll('[aria-selected=true], [aria-pressed=true], .selected')].map(
          (element) => element.textContent,
        ),
        typed: [...document.querySelectorAll<HTMLInputElement>('input')].map(({ value }) => value),
      }));
    const before = await state();
    expect(before.search).not.toBe('');
    await page.reload();
    await page.locator(tried.ready).first().waitFor({ state: 'attached' });
    await settled(page);
    expect(await state()).toEqual(before);
    await close(page);
  });
});
