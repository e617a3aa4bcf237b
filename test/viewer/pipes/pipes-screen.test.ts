import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import type { Pipes } from '../../../src/model/pipes.ts';
import { HOSTILE, runView, TRACE_ID } from '../../fixtures/run-view.ts';
import { exampleFrameFiles } from '../../fixtures/run-view-pipes.ts';
import { axeViolations, useViewerBench, type ViewerBench } from '../viewer-page.ts';

const PIPES = `/run/${TRACE_ID}/pipes`;
const SCAN_NS = 1_500_000_000;

const bench = useViewerBench(() => ({ views: [runView()], files: exampleFrameFiles() }));

async function openPipes(path = PIPES, options: Parameters<ViewerBench['open']>[1] = {}): Promise<Page> {
  const page = await bench.open(path, options);
  await page.locator('.station').first().waitFor();
  return page;
}
const close = (page: Page) => page.context().close();
const station = (page: Page, name: string) =>
  page.locator('.station', { has: page.locator('.name', { hasText: new RegExp(`^${name}$`) }) });
const focused = (page: Page) => page.evaluate(() => (document.activeElement as HTMLElement).dataset.place);
const query = (page: Page, key: string) =>
  page.evaluate((name) => new URLSearchParams(location.search).get(name), key);
const moment = (page: Page) => page.locator('.moment-words').innerText();

describe('the drawing', () => {
  it('marks the guilty part, and tells its story beside it', async () => {
    const page = await openPipes();
    const guilty = page.locator('.station.guilty');
    expect(await guilty.count()).toBe(1);
    expect(await guilty.innerText()).toMatch(/^1\.30 s seq scan\npostgresql\n4 calls\n1\.38 s\n53 %/);
    const story = await page.locator('.pipes-panel').innerText();
    expect(story).toContain('PostgreSQL read 212 480 rows to return 3');
    expect(story).toMatch(/1\.38 s, 53 % of the run/);
    await close(page);
  });

  it('runs from left to right on a wide screen, and down on a narrow one, without sticking out', async () => {
    for (const [width, axis] of [
      [1440, 'x'],
      [360, 'y'],
    ] as const) {
      const page = await openPipes(PIPES, { viewport: { width, height: 800 } });
      const boxes = await Promise.all(
        ['Browser', 'haproxy', 'web-2', 'inventory', 'postgresql'].map((name) =>
          station(page, name).boundingBox(),
        ),
      );
      const along = boxes.map((box) => box?.[axis] ?? 0);
      expect(along).toEqual([...along].sort((a, b) => a - b));
      expect(new Set(along).size).toBe(5);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
      await close(page);
    }
  });

  it('opens the story of a pipe that is pressed, and of the waits at its valves', async () => {
    const page = await openPipes();
    await page.locator('.pipe-sign[data-place="service:inventory → db:postgresql"]').click();
    const story = await page.locator('.pipes-panel').innerText();
    expect(story).toContain('inventory → postgresql');
    expect(story).toMatch(/1 call, 1\.30 s added up/);
    expect(story).toMatch(/Pool: 1 wait, 1\.0 ms\./);
    await expect.poll(() => query(page, 'sel')).toBe('service:inventory → db:postgresql');
    await close(page);
  });

  it('leads to the span in the waterfall', async () => {
    const page = await openPipes();
    await page.locator('.pipes-panel').getByRole('link', { name: 'seq scan' }).click();
    await expect
      .poll(() => page.locator('[role=treeitem][aria-selected=true] .name').textContent())
      .toBe('Seq Scan on orders');
    await close(page);
  });

  it('folds quiet name servers, and draws each when asked to', async () => {
    const page = await openPipes();
    expect(await page.locator('.station.names').allInnerTexts()).toHaveLength(2);
    await page.getByRole('button', { name: /^Draw all/ }).click();
    await expect.poll(() => page.locator('.station.names').count()).toBe(4);
    expect(await query(page, 'all')).toBe('1');
    await close(page);
  });

  it('says the same in tables', async () => {
    const page = await openPipes();
    await page.getByText('The same as tables').click();
    const row = page.getByRole('row', { name: /^postgresql \(the verdict names it\)/ });
    expect(await row.innerText()).toMatch(/database\s+4\s+0\s+1\.38 s \(53 %\)/);
    expect(await page.getByRole('row', { name: /^web-2 → inventory/ }).count()).toBe(1);
    await close(page);
  });
});

/** The same with so many stations more, one behind the other; the last one is blamed. */
function lengthened(pipes: Pipes, count: number): Pipes {
  const station = pipes.stations.find(({ id }) => id === pipes.guilty)!;
  const pipe = pipes.pipes.find(({ to }) => to === pipes.guilty)!;
  const stations = Array.from({ length: count }, (_, i) => ({
    ...station,
    id: `f${i}`,
    name: `further ${i}`,
  }));
  const between = stations.map(({ id }, i) => {
    const from = i === 0 ? station.id : `f${i - 1}`;
    return { ...pipe, id: `${from} → ${id}`, from, to: id };
  });
  return {
    ...pipes,
    stations: [...pipes.stations, ...stations],
    pipes: [...pipes.pipes, ...between],
    guilty: `f${count - 1}`,
  };
}

/** Its corners, and the room that the player and the story leave. */
const roomOf = (page: Page) =>
  page.evaluate(() => {
    const box = (selector: string) => document.querySelector(selector)!.getBoundingClientRect();
    const { left, right, top, bottom } = box('.station.guilty');
    const drawing = box('.plumbing');
    const story = box('.pipes-panel');
    const isBelow = story.width >= innerWidth;
    const lowest = isBelow ? Math.min(story.top, box('.transport').top) : box('.transport').top;
    return {
      beside: Math.min(left - drawing.left, drawing.right - right, innerWidth - right),
      above: Math.min(top, lowest - bottom),
    };
  });

describe('what is blamed', () => {
  it.each([
    [1200, 800, ''],
    [1440, 900, ''],
    [1024, 768, '?sel=none'],
    [800, 500, '?sel=none'],
    [360, 740, '?sel=db%3Apostgresql'],
  ])('is in sight at %d × %d, wholly, at the end of the pipes (%s)', async (width, height, search) => {
    const page = await openPipes(`${PIPES}${search}`, { viewport: { width, height } });
    await expect.poll(async () => (await roomOf(page)).above).toBeGreaterThanOrEqual(0);
    expect((await roomOf(page)).beside).toBeGreaterThanOrEqual(0);
    expect(await page.locator('.more-beside').isVisible()).toBe(false);
    await close(page);
  });

  it('stays in sight at the end of more stations than fit, and words say that there are more', async () => {
    const page = await openPipes(PIPES, { viewport: { width: 1200, height: 800 } });
    await page.route('**/api/runs/*/pipes', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: lengthened((await response.json()) as Pipes, 6) });
    });
    await page.reload();
    await station(page, 'further 5').waitFor();
    expect(await page.locator('.more-beside').isVisible()).toBe(true);
    const { beside, above } = await roomOf(page);
    expect(Math.min(beside, above)).toBeGreaterThanOrEqual(0);
    expect(await station(page, 'Browser').evaluate((box) => box.getBoundingClientRect().right)).toBeLessThan(
      0,
    );
    await close(page);
  });

  it('is a press away on a phone, where the drawing begins below the verdict', async () => {
    const page = await openPipes(PIPES, { viewport: { width: 360, height: 740 } });
    expect((await roomOf(page)).above).toBeLessThan(0);
    await page.getByRole('button', { name: 'Show it' }).click();
    expect(await focused(page)).toBe('db:postgresql');
    await expect.poll(async () => (await roomOf(page)).above).toBeGreaterThanOrEqual(0);
    await close(page);
  });
});

describe('by keyboard', () => {
  it('goes from place to place, opens a story, and comes back', async () => {
    const page = await openPipes(`${PIPES}?sel=none`);
    await station(page, 'Browser').focus();
    const way: (string | undefined)[] = [];
    for (let i = 0; i < 12 && way.at(-1) !== 'db:postgresql'; i++) {
      await page.keyboard.press('ArrowRight');
      way.push(await focused(page));
    }
    expect(way.at(-1)).toBe('db:postgresql');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('postgresql');
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe('db:postgresql');
    expect(await page.locator('.pipes-panel').isVisible()).toBe(false);
    await page.keyboard.press('v');
    expect(await page.locator('.pipes-panel').isVisible()).toBe(true);
    await close(page);
  });

  it('plays and stops with Space even on a station, steps, and changes the speed', async () => {
    const page = await openPipes();
    await station(page, 'Browser').focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Pause (Space)' }).waitFor();
    await page.waitForFunction(() => document.querySelector('.moment-words')?.textContent?.startsWith('At '));
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Play (Space)' }).waitFor();
    await page.keyboard.press('Home');
    await expect.poll(() => moment(page)).toBe('Press play, and see where the water was.');
    await page.keyboard.press('.');
    await page.keyboard.press('.');
    await expect.poll(() => query(page, 't')).toBe('4000000');
    await page.keyboard.press(',');
    await expect.poll(() => query(page, 't')).toBe('0');
    await page.keyboard.press('+');
    await expect.poll(() => query(page, 'x')).toBe('0.25');
    await close(page);
  });
});

describe('the play', () => {
  it('shows by its address what its sender saw: who has the water, in words, and the page then', async () => {
    const page = await openPipes(`${PIPES}?t=${SCAN_NS}`);
    expect(await moment(page)).toBe(
      'At 958 ms, in “Place order”: postgresql reads orders row by row, 1.30 s. In the waterfall',
    );
    expect(await page.locator('.has-water.station .name').innerText()).toBe('postgresql');
    expect(await page.locator('.page-then img').getAttribute('alt')).toBe('The page at 1.44 s');
    const slider = page.getByRole('slider', { name: 'Moment of the run' });
    expect(await slider.getAttribute('aria-valuenow')).toBe('1500');
    await slider.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => query(page, 't')).toBe('0');
    await close(page);
  });

  it('lets the drop run in the pipe that has the water', async () => {
    const page = await openPipes(`${PIPES}?t=289000000`);
    expect(await page.locator('.pipe.has-water').count()).toBe(1);
    const before = await page.locator('.drop').getAttribute('cx');
    await page.getByRole('slider').focus();
    expect(await page.locator('.drop').isVisible()).toBe(true);
    expect(Number(before)).toBeGreaterThan(0);
    await close(page);
  });

  it('goes on until the end, and stays there', async () => {
    const page = await openPipes(`${PIPES}?t=2600000000&x=10`);
    await page.getByRole('button', { name: 'Play (Space)' }).click();
    await expect.poll(() => query(page, 't')).toBe('2610000000');
    expect(await page.locator('.clock').innerText()).toBe('2.61 s / 2.61 s');
    await close(page);
  });

  it('goes from piece to piece where motion is not wanted', async () => {
    const page = await openPipes(`${PIPES}?x=0.1&t=1000000000`, { reducedMotion: 'reduce' });
    await page.keyboard.press('Space');
    await page.waitForFunction(() => document.querySelector('.clock')?.textContent?.startsWith('958 ms'));
    await page.keyboard.press('Space');
    await expect.poll(() => query(page, 't')).toBe('958400000');
    await close(page);
  });
});

describe('anything', () => {
  it('of a hostile run is text', async () => {
    bench.stock.views = [runView({ hostile: true, failed: true })];
    const page = await openPipes(`${PIPES}?t=${SCAN_NS}`);
    expect(await page.locator('h1').innerText()).toContain(HOSTILE.html);
    expect(await page.getByRole('alert').innerText()).toContain('This run failed.');
    expect(await page.evaluate(() => '__injected' in globalThis)).toBe(false);
    await close(page);
  });

  it('that is not there is said in a sentence', async () => {
    const page = await bench.open(`/run/${'e'.repeat(32)}/pipes`);
    await page.getByRole('heading', { name: 'This run cannot be drawn as pipes' }).waitFor();
    await close(page);
  });

  it.each(['light', 'dark'] as const)('has no violation that axe knows of (%s)', async (colorScheme) => {
    const page = await openPipes(`${PIPES}?t=${SCAN_NS}`, { colorScheme, reducedMotion: 'reduce' });
    await page.getByText('The same as tables').click();
    expect(await axeViolations(page)).toEqual([]);
    await close(page);
  });
});
