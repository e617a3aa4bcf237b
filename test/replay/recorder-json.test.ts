import { describe, expect, it } from 'vitest';
import { journeySource } from '../../src/replay/journey-source.ts';
import { isRecorderJson, readRecorderJson } from '../../src/replay/recorder-json.ts';
import { walkNoted } from './recorded-path.ts';

const flow = (...steps: readonly object[]) => JSON.stringify({ title: 'Buy tea', steps });
const read = (...steps: readonly object[]) => readRecorderJson(flow(...steps), 'the recording tea.json');
const walked = async (...steps: readonly object[]) => (await walkNoted(journeySource(read(...steps)))).calls;
const OPEN = { type: 'navigate', url: 'https://shop.example/' };
const click = (...selectors: readonly (string | string[])[]) => ({
  type: 'click',
  target: 'main',
  selectors,
  offsetX: 1,
  offsetY: 2,
});

describe('a recording of Chrome DevTools Recorder', () => {
  it('is known by its steps', () => {
    expect(isRecorderJson(flow(OPEN))).toBe(true);
    expect(isRecorderJson('{"log":{"entries":[]}}')).toBe(false);
    expect(isRecorderJson('steps')).toBe(false);
  });

  it('becomes steps that are named for what a person did', () => {
    const recording = read(
      {
        type: 'setViewport',
        width: 900,
        height: 700,
        deviceScaleFactor: 1,
        isMobile: false,
        hasTouch: false,
        isLandscape: false,
      },
      { type: 'emulateNetworkConditions', download: 50_000, upload: 20_000, latency: 300 },
      OPEN,
      click(['aria/Cart[role="link"]'], ['#cart']),
      { type: 'waitForElement', selectors: ['#total'] },
    );
    expect(recording).toMatchObject({
      name: 'Buy tea',
      baseUrl: 'https://shop.example',
      conditions: {
        viewport: { width: 900, height: 700 },
        network: { latencyMs: 300, downloadBytesPerS: 50_000, uploadBytesPerS: 20_000 },
      },
      leftOut: [],
    });
    expect(recording.steps.map(({ name }) => name)).toEqual(['Open /', 'Click Cart']);
  });

  it.each([
    [[['aria/Cart[role="link"]'], ['#cart']], 'getByRole("link", {"name":"Cart","exact":true})'],
    [[['aria/Cart'], ['#cart']], 'locator("css=#cart")'],
    [[['aria/Cart']], 'getByText("Cart", {"exact":true})'],
    [[['text/Cart'], ['xpath///*[@id="cart"]']], 'locator("xpath=//*[@id=\\"cart\\"]")'],
    [[['pierce/#cart']], 'locator("css=#cart")'],
    [[['tea-shop', '#cart']], 'locator("css=tea-shop").locator("css=#cart")'],
    ['#cart', 'locator("css=#cart")'],
  ])('finds by %j', async (selectors, locator) => {
    const list = typeof selectors === 'string' ? [selectors] : selectors;
    expect(await walked(OPEN, click(...list))).toContain(`page.${locator}.first().click()`);
  });

  it('fills fields in by their label, and lists too', async () => {
    expect(
      await walked(OPEN, { type: 'change', selectors: [['aria/Your name'], ['#name']], value: 'Ada' }),
    ).toEqual(expect.arrayContaining(['page.getByLabel("Your name", {"exact":true}).first().fill("Ada")']));
  });

  it.each([
    [{ selectors: [['aria/Password']] }, 'PASSWORD'],
    [{ selectors: [['#login > input[type="password"]']] }, 'LOGIN_INPUT'],
    [{ selectors: [['#otp']] }, 'OTP'],
  ])('keeps what was typed into %j out of what is saved', (step, name) => {
    const recording = read(OPEN, { type: 'change', value: 'hunter2', ...step });
    expect(JSON.stringify({ ...recording, secrets: undefined })).not.toContain('hunter2');
    expect(journeySource(recording)).not.toContain('hunter2');
    expect(recording.secrets.get(name)).toBe('hunter2');
  });

  it('waits for as many elements as it was told to', async () => {
    const wait = (step: object) => walked(OPEN, { type: 'waitForElement', selectors: ['li'], ...step });
    const li = 'page.locator("css=li")';
    expect((await wait({})).slice(1)).toEqual([`${li}.nth(0).waitFor({"state":"visible"})`]);
    expect((await wait({ operator: '==', count: 2 })).slice(1)).toEqual([
      `${li}.nth(1).waitFor({"state":"visible"})`,
      `${li}.nth(2).waitFor({"state":"hidden"})`,
    ]);
    expect((await wait({ operator: '<=', count: 0 })).slice(1)).toEqual([
      `${li}.nth(0).waitFor({"state":"hidden"})`,
    ]);
    expect((await wait({ visible: false })).slice(1)).toEqual([`${li}.first().waitFor({"state":"hidden"})`]);
  });

  it('waits for the page that a click leads to, whatever number it has', async () => {
    const clicked = {
      ...click(['#order']),
      assertedEvents: [{ type: 'navigation', url: 'https://shop.example/order/17?x=1', title: '' }],
    };
    const source = journeySource(read(OPEN, clicked));
    const [, pattern = ''] = /new RegExp\('(.*?)'\)/.exec(source) ?? [];
    expect(new RegExp(pattern).test('/order/18')).toBe(true);
    expect(new RegExp(pattern).test('/order/18/lines')).toBe(false);
  });

  it('walks in frames and in other windows', () => {
    const source = journeySource(
      read(
        OPEN,
        { ...click(['#pay']), frame: [0, 2] },
        { ...click(['#ok']), target: 'https://pay.example/' },
      ),
    );
    expect(source).toContain("page.mainFrame().childFrames()[0].childFrames()[2].locator('css=#pay')");
    expect(source).toContain("(await windowAt(context, 'https://pay.example/')).locator('css=#ok')");
  });

  it('says what it leaves out, step by step', () => {
    const { leftOut } = read(
      OPEN,
      { type: 'customStep', name: 'lighthouse', parameters: {} },
      { type: 'click', selectors: [] },
      { type: 'emulateNetworkConditions', download: 1, upload: 1, latency: 1 },
      { type: 'warp' },
      { type: 'close' },
    );
    expect(leftOut.map(({ what }) => what)).toEqual([
      'step 2 (customStep) lighthouse',
      'step 3 (click)',
      'step 4 (emulateNetworkConditions)',
      'step 5 (warp)',
      'step 6 (close)',
    ]);
  });

  it.each([
    ['{"steps":[', /no JSON/],
    ['{"title":"x","steps":[]}', /no steps/],
    ['{"steps":[{"type":"close"}]}', /no step that can be replayed/],
    ['[1]', /no JSON object/],
  ])('%s', (text, sentence) => {
    expect(() => readRecorderJson(text, 'x')).toThrow(sentence);
  });

  it.each([
    { type: 'click', selectors: 'a' },
    { type: 'click', selectors: [[1, null], {}] },
    { type: 'navigate', url: 'javascript:alert(1)' },
    { type: 'navigate', url: 7 },
    { type: 'change', selectors: [['#a']], value: { x: 1 } },
    { type: 'waitForElement', selectors: ['a'], count: 'many', attributes: [] },
    { type: 'keyDown' },
    { type: 'setViewport', width: -1 },
    { frame: ['x'], type: 'hover', selectors: ['a'] },
    {},
  ])('is not thrown off by %j', (step) => {
    expect(() => read(OPEN, step as object)).not.toThrow();
  });
});
