/** The schedule's screen in a real browser, over the real routes. */
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ScheduleStanding } from '../../src/model/schedule.ts';
import { Refused } from '../../src/schedule/refused.ts';
import { exampleStanding } from '../gallery/example-schedule.ts';
import { axeViolations, startViewerBench, type ViewerBench } from './viewer-page.ts';

let bench: ViewerBench;
let standing: ScheduleStanding;
let done: string[];

const change = (journey: string, more: object): void => {
  standing = {
    ...standing,
    journeys: standing.journeys.map((one) => (one.journey === journey ? { ...one, ...more } : one)),
  };
};
beforeAll(async () => {
  bench = await startViewerBench(undefined, {
    schedule: {
      standing: () => standing,
      health: () => ({ ok: true, lookedUnixMs: 0, lateMs: 0, running: [], sentence: '' }),
      pause: (journey) => {
        done.push(`pause ${journey ?? 'all'}`);
        if (journey) change(journey, { paused: true });
        else standing = { ...standing, paused: true };
      },
      resume: (journey) => {
        done.push(`resume ${journey ?? 'all'}`);
        if (journey) change(journey, { paused: false });
        else standing = { ...standing, paused: false };
      },
      runNow: (journey) => {
        if (journey === 'night') throw new Refused('"night" waits for a place already.');
        done.push(`run ${journey}`);
      },
    },
  });
}, 120_000);
afterAll(() => bench?.stop());
beforeEach(() => {
  standing = exampleStanding();
  done = [];
});
afterEach(() => {
  expect(bench.complaints()).toEqual([]);
});

async function open(path = '/schedule'): Promise<Page> {
  const page = await bench.open(path);
  await page
    .locator(path === '/' ? 'main' : '.schedule h2, .schedule-table')
    .first()
    .waitFor();
  return page;
}

it('tells of each journey what is next, what runs and how it went, and leads to its runs', async () => {
  const page = await open();
  const rows = await page.locator('.schedule-table tbody tr').allInnerTexts();
  expect(rows[0]).toMatch(/front\s+every 5m, UTC[\s\S]*ok 1\.23 s at[\s\S]*front took 1\.23 s\./);
  expect(rows[1]).toMatch(/cron 0 8-18[\s\S]*running[\s\S]*failed[\s\S]*\(try 2\)[\s\S]*skipped .* \(3 ×\)/);
  expect(rows[2]).toMatch(/night[\s\S]*paused[\s\S]*broken off/);
  expect(await page.locator('.slots li').count()).toBe(5);
  expect(await axeViolations(page)).toEqual([]);
  await page.getByRole('link', { name: 'front', exact: true }).click();
  await expect.poll(() => page.evaluate(() => location.pathname)).toBe('/journey/front');
  await page.context().close();
});

it('is steered by its buttons, which keep the focus, and says what cannot be done', async () => {
  const page = await open();
  await page.getByRole('button', { name: 'Pause: front' }).click();
  const resume = page.getByRole('button', { name: 'Resume: front' });
  await resume.waitFor();
  expect(await resume.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.getByRole('button', { name: 'Run now: night' }).click();
  await expect.poll(() => page.getByRole('status').innerText()).toBe('"night" waits for a place already.');
  expect(await page.getByRole('button', { name: 'Run now: sign-in' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Pause all' }).click();
  await page.getByText('Everything is paused.').waitFor();
  expect(await page.getByRole('button', { name: 'Resume: front' }).isDisabled()).toBe(true);
  expect(done).toEqual(['pause front', 'pause all']);
  await page.context().close();
});

it('is steered by keyboard', async () => {
  const page = await open();
  for (const key of ['j', 'j', 'k', 'p']) await page.keyboard.press(key);
  await page.getByRole('button', { name: 'Resume: front' }).waitFor();
  for (const key of ['r', 'p', 'a']) await page.keyboard.press(key);
  await page.getByRole('button', { name: 'Resume all' }).waitFor();
  expect(done).toEqual(['pause front', 'run front', 'resume front', 'pause all']);
  await page.context().close();
});

it('shows by itself what has changed, and what to do before anything is scheduled', async () => {
  const page = await open();
  standing = { ...standing, journeys: [] };
  await page.getByRole('heading', { name: 'Nothing is scheduled' }).waitFor();
  expect(await page.locator('.empty-schedule code').allInnerTexts()).toContain('headwater.config.ts');
  expect(await axeViolations(page)).toEqual([]);
  await page.context().close();
});

it('is found from the first screen where there is one', async () => {
  const page = await open('/');
  await page.getByRole('link', { name: 'Schedule' }).click();
  await page.locator('.schedule-table').waitFor();
  standing = { ...standing, state: 'off' };
  await page.goto(bench.url);
  await page.locator('main').waitFor();
  await page.waitForLoadState('networkidle');
  expect(await page.getByRole('link', { name: 'Schedule' }).count()).toBe(0);
  await page.context().close();
});
