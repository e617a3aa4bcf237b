import { describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import { RUN_CONDITIONS } from '../../src/model/run-conditions.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { recordingFromSpans } from '../../src/replay/from-spans.ts';
import { journeySource } from '../../src/replay/journey-source.ts';
import { BASE_URL } from '../../src/replay/recording.ts';
import { walkable } from '../../src/replay/walkable.ts';
import { type Given, reported } from '../stitch/reported.ts';
import { walkNoted } from './recorded-path.ts';

const SITE = 'https://shop.example';
const read = (...spans: readonly ReportedSpan[]) => recordingFromSpans(spans, 'checkout', 'trace 4bf92f35');

const run = (conditions?: object) =>
  reported('run', undefined, 0, 900, {
    type: 'run',
    ...(conditions ? { attributes: { [RUN_CONDITIONS]: JSON.stringify(conditions) } } : {}),
  });
const step = (id: string, from: number, to: number) => reported(id, 'run', from, to, { type: 'step' });
const action = (id: string, parent: string, at: number, call: string, target?: string, waitsFor?: string) =>
  reported(id, parent, at, at + 5, {
    type: 'action',
    name: call,
    attributes: {
      ...(target ? { 'headwater.action.target': target } : {}),
      ...(waitsFor ? { 'headwater.action.waits_for': waitsFor } : {}),
    },
  });
const request = (id: string, at: number, url: string, given: Given['attributes'] = {}, parent = 'run') =>
  reported(id, parent, at, at + 50, {
    type: 'request',
    kind: 'client',
    attributes: {
      'http.request.method': 'GET',
      'url.full': url,
      'headwater.resource_type': 'document',
      ...given,
    },
  });

describe('a run with actions', () => {
  const spans = [
    run({
      viewport: { width: 900, height: 600 },
      dns: 'iterative=127.0.0.1:53',
      cpuSlowdown: 4,
      trusted: ['k='],
    }),
    step('open', 0, 100),
    action('goto', 'open', 0, 'page.goto', `${SITE}/`),
    request('home', 1, `${SITE}/`),
    action(
      'seen',
      'open',
      90,
      'locator.waitFor',
      "getByText('Wait').first()",
      "getByText('Wait').first() to be hidden",
    ),
    step('buy', 100, 900),
    action('name', 'buy', 110, 'locator.fill', "getByLabel('Name')"),
    action('order', 'buy', 120, 'locator.click', "getByRole('button', { name: 'Order' })"),
    request('post', 125, `${SITE}/orders?token=[redacted]`, {
      'http.request.method': 'POST',
      'headwater.resource_type': 'fetch',
    }),
    action('done', 'buy', 300, 'locator.waitFor', "getByText('Thank you')"),
  ];

  it('is walked by the same steps and actions; its requests are the page’s', async () => {
    const recording = read(...spans);
    expect(recording.baseUrl).toBe(SITE);
    expect(recording.steps.map(({ name, unsafe }) => [name, unsafe])).toEqual([
      ['open', undefined],
      ['buy', ['POST /orders']],
    ]);
    expect(recording.missing).toEqual(['NAME']);
    process.env.REPLAY_NAME = 'Ada';
    const { calls, steps } = await walkNoted(journeySource(recording), SITE);
    delete process.env.REPLAY_NAME;
    expect(steps).toEqual(['open', 'buy']);
    expect(calls).toEqual([
      `page.goto("${SITE}/")`,
      'page.getByText("Wait").first().waitFor({"state":"hidden"})',
      'page.getByLabel("Name").evaluate(ƒ)',
      'page.getByLabel("Name").fill("Ada")',
      'page.getByRole("button", {"name":"Order"}).click()',
      'page.getByText("Thank you").waitFor()',
    ]);
  });

  it('is walked under the conditions that it names', () => {
    expect(read(...spans).conditions).toMatchObject({
      viewport: { width: 900, height: 600 },
      dns: 'iterative=127.0.0.1:53',
      cpuSlowdown: 4,
      trusted: ['k='],
    });
    expect(
      read(run({ viewport: 'wide', cpuSlowdown: 'x', cache: 3, trusted: [1] }), ...spans.slice(1)).conditions,
    ).toEqual({});
  });

  it('is cut before what changes something, and before a value that nobody gave', () => {
    const cut = walkable(read(...spans), { unsafe: false, has: () => true });
    expect([cut.steps.map(({ name }) => name), cut.cut]).toEqual([['open'], ['buy']]);
    expect(cut.leftOut.at(-1)).toMatchObject({
      why: expect.stringContaining('POST /orders'),
      supply: expect.stringContaining('--unsafe'),
    });
    const unnamed = walkable(read(...spans), { unsafe: true, has: () => false });
    expect(unnamed.leftOut.at(-1)?.supply).toContain('--set NAME=…');
    expect(walkable(read(...spans), { unsafe: true, has: () => true }).cut).toEqual([]);
  });

  it('takes selectors of Playwright’s engine as they are', async () => {
    const internal = 'internal:role=link[name="Cart"i]';
    const recording = read(
      run(),
      action('goto', 'run', 0, 'page.goto', `${SITE}/`),
      action('go', 'run', 10, 'locator.click', internal),
    );
    const { calls } = await walkNoted(journeySource(recording), SITE);
    expect(calls.at(-1)).toBe(`page.locator(${JSON.stringify(internal)}).click()`);
  });

  it('waits for what a test expected, as far as a trace says', () => {
    const { steps, leftOut } = read(
      run(),
      action('goto', 'run', 0, 'page.goto', `${SITE}/`),
      action('hook', 'run', 1, 'Before Hooks'),
      action('seen', 'run', 10, 'expect.toBeVisible', '#a'),
      action('gone', 'run', 20, 'expect.toBeHidden', '#b'),
      action('text', 'run', 30, 'expect.toHaveText', '#c'),
    );
    const states = steps[0]!.actions.flatMap((each) => (each.do === 'waitFor' ? [each.state] : []));
    expect(states).toEqual(['visible', 'hidden', 'attached']);
    expect(leftOut.map(({ what }) => what)).toEqual(['expect.toHaveText #c in “Walk”']);
  });

  it('says which calls it does not understand', () => {
    const { leftOut, steps } = read(
      run(),
      action('goto', 'run', 0, 'page.goto', `${SITE}/`),
      action('odd', 'run', 10, 'locator.click', "getByText('a' + evil())"),
      action('drag', 'run', 20, 'locator.dragTo', "locator('#a')"),
      action('look', 'run', 30, 'locator.isVisible', "locator('#a')"),
    );
    expect(leftOut.map(({ what }) => what)).toEqual([
      "locator.click getByText('a' + evil()) in “Walk”",
      "locator.dragTo locator('#a') in “Walk”",
    ]);
    expect(steps[0]?.actions).toHaveLength(1);
  });
});

describe('pages without actions', () => {
  it('are opened by hand where no page led to them', () => {
    const { steps, baseUrl } = read(
      request('frame', 20, `${SITE}/frame`, { 'headwater.initiator': 'parser' }),
      request('home', 0, `${SITE}/`),
      request('hop', 5, `${SITE}/home`, { 'http.request.resend_count': 1 }),
      request('cart', 500, `${SITE}/cart`),
    );
    expect(baseUrl).toBe(SITE);
    expect(steps).toEqual([
      { name: 'Open /', actions: [{ do: 'open', url: [{ value: BASE_URL }, '/'] }] },
      { name: 'Open /cart', actions: [{ do: 'open', url: [{ value: BASE_URL }, '/cart'] }] },
    ]);
  });

  it('were visited before where a cache knew what the run had not fetched', () => {
    const cached = request('css', 3, `${SITE}/a.css`, {
      'headwater.from_cache': 'disk',
      'headwater.resource_type': 'stylesheet',
    });
    const phase = (name: string) => reported(name, 'home', 0, 1, { type: 'phase' });
    const home = request('home', 0, `${SITE}/`);
    expect(read(home, cached, phase('waiting')).conditions).toEqual({
      cache: 'warm',
      connections: 'warm',
      names: 'warm',
    });
    expect(read(home, phase('DNS lookup'), phase('socket connect')).conditions).toEqual({
      connections: 'cold',
      names: 'cold',
    });
  });
});

describe('pages without actions, whose scripts changed something', () => {
  it('say what of it a recording of pages cannot tell', () => {
    const script = { 'headwater.resource_type': 'fetch', [HEADWATER.initiator]: 'script' };
    const recording = read(
      request('home', 0, `${SITE}/`, { [HEADWATER.initiator]: 'other' }),
      request('price', 100, `${SITE}/price`, script),
      request('order', 200, `${SITE}/order?id=1`, { ...script, 'http.request.method': 'POST' }),
      request('count', 300, 'https://counter.example/hit', { ...script, 'http.request.method': 'POST' }),
    );
    expect(recording.steps.map(({ name }) => name)).toEqual(['Open /']);
    expect(recording.leftOut).toEqual([
      {
        what: 'POST /order',
        why: 'a page sent it, perhaps for a click, which the recording does not hold',
        supply: 'a recording of what was done gives it: a trace ID, a Recorder JSON',
      },
    ]);
  });
});

describe('requests and servers only', () => {
  const server = (id: string, parent: string | undefined, at: number, attributes: Given['attributes']) =>
    reported(id, parent, at, at + 10, {
      kind: 'server',
      source: 'otlp',
      ...(attributes ? { attributes } : {}),
    });

  it('are sent one by one: the outermost of each', () => {
    const { steps, baseUrl } = read(
      server('web', undefined, 0, {
        'http.request.method': 'GET',
        'url.scheme': 'https',
        'server.address': 'api.example',
        'server.port': 8443,
        'url.path': '/stock',
        'url.query': 'ids=1',
      }),
      server('inner', 'web', 2, { 'http.request.method': 'GET', 'url.full': 'http://inventory/stock' }),
    );
    expect(baseUrl).toBe('https://api.example:8443');
    expect(steps.map(({ name }) => name)).toEqual(['GET /stock']);
    expect(steps[0]?.actions[0]).toMatchObject({
      do: 'request',
      exchange: { url: [{ value: BASE_URL }, '/stock?ids=1'] },
    });
  });

  it('stand by themselves: one that may not be sent does not stop the others', () => {
    const recording = read(
      request('a', 0, `${SITE}/a`, { 'headwater.resource_type': 'fetch' }),
      request('b', 10, `${SITE}/b`, { 'headwater.resource_type': 'fetch', 'http.request.method': 'POST' }),
      request('c', 20, `${SITE}/c?token=[redacted]`, { 'headwater.resource_type': 'fetch' }),
      request('d', 30, `${SITE}/d`, { 'headwater.resource_type': 'fetch' }),
    );
    expect(recording.leftOut[0]).toMatchObject({
      what: 'the body of POST /b',
      supply: expect.stringContaining('--set'),
    });
    expect(recording.missing).toEqual(['BODY_POST_B', 'TOKEN']);
    const walked = walkable(recording, { unsafe: false, has: () => false });
    expect(walked.steps.map(({ name }) => name)).toEqual(['GET /a', 'GET /d']);
  });

  it('are refused when nothing has an address', () => {
    expect(() => read(server('job', undefined, 0, { 'messaging.system': 'kafka' }))).toThrow(
      /Nothing of it can be replayed/,
    );
    expect(() =>
      read(server('web', undefined, 0, { 'http.request.method': 'GET', 'url.path': '/x' })),
    ).toThrow(/its address is not known/);
  });
});
