/** What a page tells of frames that took long: as Chromium writes it, and by a real one. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionOf } from '../../probe/cdp/cdp-session.ts';
import { type FramePart, framePartsIn, LongFrames } from '../../probe/cdp/long-frames.ts';
import { findChromium } from '../../probe/chromium.ts';

const ORIGIN = 1_795_000_000_000;
const told = (frame: object) => JSON.stringify({ origin: ORIGIN, frame });
const FRAME = { startTime: 100, duration: 130, renderStart: 220, styleAndLayoutStart: 222, scripts: [] };
const SCRIPT = {
  startTime: 101.5,
  duration: 118,
  invoker: 'TimerHandler:setTimeout',
  invokerType: 'user-callback',
  sourceURL: 'https://shop.test/app.js',
  sourceFunctionName: 'rank',
  forcedStyleAndLayoutDuration: 0,
};

describe('a frame as the page tells of it', () => {
  it('is a script with its place, and the drawing after it', () => {
    expect(framePartsIn(told({ ...FRAME, scripts: [SCRIPT] }))).toEqual([
      {
        kind: 'FunctionCall',
        url: 'https://shop.test/app.js',
        functionName: 'rank',
        begunBy: 'timer',
        msByWork: { script: 118 },
        startUnixMs: ORIGIN + 101.5,
        endUnixMs: ORIGIN + 219.5,
      },
      {
        kind: 'Layout',
        msByWork: { layout: 8 },
        startUnixMs: ORIGIN + 222,
        endUnixMs: ORIGIN + 230,
      },
    ]);
  });

  it('is no drawing where nothing was drawn', () => {
    expect(framePartsIn(told({ ...FRAME, styleAndLayoutStart: 0 }))).toEqual([]);
  });

  it('has apart what a script waited for layout', () => {
    const script = { ...SCRIPT, forcedStyleAndLayoutDuration: 100 };
    expect(framePartsIn(told({ ...FRAME, scripts: [script] }))[0]?.msByWork).toEqual({
      script: 18,
      layout: 100,
    });
  });

  it.each([
    [
      { invoker: 'https://shop.test/app.js', invokerType: 'classic-script', sourceURL: '' },
      undefined,
      'https://shop.test/app.js',
    ],
    [{ invoker: 'BUTTON#buy.onclick', invokerType: 'event-listener' }, 'event click', SCRIPT.sourceURL],
    [{ invoker: 'FrameRequestCallback' }, 'animation frame', SCRIPT.sourceURL],
    [{ invoker: 'Response.json.then', invokerType: 'resolve-promise' }, undefined, SCRIPT.sourceURL],
    [{ sourceURL: 'data:text/html,<script>long</script>' }, 'timer', undefined],
  ])('knows what began %j', (changed, begunBy, url) => {
    const [part] = framePartsIn(told({ ...FRAME, scripts: [{ ...SCRIPT, ...changed }] }));
    expect(part?.begunBy).toBe(begunBy);
    expect(part?.url).toBe(url);
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"origin":1}',
    '{"origin":"x","frame":{}}',
    told({ startTime: 1 }),
    told({ ...FRAME, styleAndLayoutStart: 0, scripts: [null, 4, {}] }),
  ])('is nothing where it is %j', (payload) => {
    expect(framePartsIn(payload)).toEqual([]);
  });
});

describe('a real page', () => {
  const SCRIPT_TEXT = `
function rank() { const end = performance.now() + 150; while (performance.now() < end); globalThis.ranked = true; }
function lay() { for (let i = 0; i < 2_000; i++) { document.body.style.width = 500 + (i % 7) + 'px'; document.body.offsetHeight; } }
document.querySelector('#rank').onclick = () => setTimeout(rank, 1);
document.querySelector('#lay').onclick = lay;`;
  const PAGE = `<button id="rank">Rank</button><button id="lay">Lay</button>${'<p>x'.repeat(300)}<script src="/app.js"></script>`;
  const server = createServer((request, response) => {
    const isScript = request.url === '/app.js';
    response
      .setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      .end(isScript ? SCRIPT_TEXT : PAGE);
  });
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: await findChromium(), args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
  });

  it('tells which function kept it busy, and when, without a trace of it in the page', async () => {
    const page = await browser.newPage();
    const frames = new LongFrames(sessionOf(await page.context().newCDPSession(page)));
    const parts: FramePart[] = [];
    frames.told = (more) => parts.push(...more);
    await frames.start();
    await page.goto(url);
    const clickedMs = Date.now();
    await page.click('#rank');
    await page.waitForFunction('globalThis.ranked');
    await frames.last();
    const rank = parts.find(({ functionName }) => functionName === 'rank');
    expect(rank).toMatchObject({ kind: 'FunctionCall', url: `${url}/app.js`, begunBy: 'timer' });
    expect(rank!.endUnixMs - rank!.startUnixMs).toBeGreaterThanOrEqual(149);
    expect(rank!.startUnixMs).toBeGreaterThan(clickedMs - 5);
    expect(rank!.endUnixMs).toBeLessThan(Date.now() + 5);

    await page.click('#lay');
    await frames.last();
    const lay = parts.find(({ functionName }) => functionName === 'lay');
    expect(lay).toMatchObject({ begunBy: 'event click' });
    expect(lay!.msByWork.layout).toBeGreaterThan(lay!.msByWork.script!);
    expect(
      await page.evaluate(() => Object.keys(globalThis).filter((name) => /headwater/i.test(name))),
    ).toEqual([]);
    await page.context().close();
  });
});
