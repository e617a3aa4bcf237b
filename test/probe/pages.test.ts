/** What one journey over a page with everything in it shows: requests of every kind, and who answered them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineJourney } from '../../probe/journey.ts';
import { type JourneyResult, runJourney } from '../../probe/run-journey.ts';
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { CACHEABLE, plainSite, type Site, send } from './test-site.ts';

let site: Site;
let third: Site;
let gone: Site;
let result: JourneyResult;

const script = (response: Parameters<typeof send>[0], text: string) =>
  send(response, 'text/javascript', text);

const html =
  () => `<!doctype html><title>open</title><script src="/blocking.js"></script><img src="/kept.svg">
<script>
  const get = (url, more) => fetch(url, more).then((r) => r.text()).catch(() => 'failed');
  const sw = navigator.serviceWorker;
  (async () => {
    await get('/hop-1');
    await get('http://127.0.0.1:${third.port}/preflighted', { method: 'PUT', headers: { 'x-a': '1' }, body: 'four' });
    await get('/timed');
    await get('/etag'); await get('/etag', { cache: 'no-cache' });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 30);
    await get('/slow', { signal: abort.signal });
    await get('http://127.0.0.1:${gone.port}/refused');
    await get('http://127.0.0.1:${third.port}/no-cors-header');
    const img = new Image(); img.src = '/kept.svg'; document.body.append(img);
    const worker = new Worker('/worker.js');
    await new Promise((done) => { worker.onmessage = done; });
    await sw.register('/sw.js');
    if (!sw.controller) await new Promise((done) => sw.addEventListener('controllerchange', done));
    await get('/by-worker');
    document.title = 'done';
  })();
</script>`;

const BUSY = `<!doctype html><title>busy</title><button id="press">press</button><p id="text">text</p><input id="field"><a id="load" href="/file">file</a>
<script>
  const spin = (ms) => { const until = performance.now() + ms; while (performance.now() < until); };
  function onPress() {
    spin(80);
    console.warn('careful', { secret: 1 }); console.error('at https://u:s3cret@x.test/?token=s3cret');
    setTimeout(() => { throw new TypeError('nobody caught this'); });
    setTimeout(function later() {
      spin(5);
      const box = document.createElement('div'); box.style.height = '300px'; document.body.prepend(box);
      document.body.append(Object.assign(document.createElement('p'), { id: 'moved', textContent: 'moved' }));
    }, 700);
  }
  document.getElementById('press').addEventListener('click', onPress);
  setTimeout(() => { alert('s3cret words'); }, 30);
</script>`;

beforeAll(async () => {
  gone = await plainSite(() => undefined);
  await gone.close();
  third = await plainSite((request, response) => {
    if (request.url === '/no-cors-header') response.writeHead(200).end('x');
    else
      send(response, 'text/plain', 'ok', {
        'access-control-allow-headers': 'x-a',
        'access-control-allow-methods': 'PUT',
        'content-length': '2',
      });
  });
  site = await plainSite((request, response) => {
    const { url } = request;
    if (url === '/') send(response, 'text/html', html());
    else if (url === '/blocking.js') script(response, 'window.ready = true;');
    else if (url === '/kept.svg')
      send(response, 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>', CACHEABLE);
    else if (url === '/hop-1') response.writeHead(302, { location: '/hop-2' }).end();
    else if (url === '/hop-2') response.writeHead(307, { location: '/landed' }).end();
    else if (url === '/timed')
      setTimeout(
        () =>
          send(response, 'text/plain', 'x', {
            'server-timing': 'db;dur=12.5;desc="orders", cache;desc=HIT, lbc;dur=-1, day;dur=9000',
          }),
        40,
      );
    else if (url === '/etag') {
      const isKnown = request.headers['if-none-match'] === '"1"';
      response
        .writeHead(isKnown ? 304 : 200, { etag: '"1"', 'cache-control': 'max-age=600' })
        .end(isKnown ? '' : 'kept');
    } else if (url === '/slow') setTimeout(() => response.destroy(), 5_000).unref();
    else if (url === '/worker.js') script(response, "fetch('/from-worker').then(() => postMessage(1))");
    else if (url === '/sw.js')
      script(
        response,
        `onfetch = (e) => { if (e.request.url.endsWith('/by-worker')) e.respondWith(fetch('/inside')); };
        oninstall = () => skipWaiting(); onactivate = (e) => e.waitUntil(clients.claim());`,
      );
    else if (url === '/busy') send(response, 'text/html', BUSY);
    else if (url === '/file')
      response.writeHead(200, { 'content-disposition': 'attachment; filename="bill.txt"' }).end('x');
    else if (url === '/popup')
      send(response, 'text/html', "<title>popup</title><script>fetch('/from-popup')</script>");
    else send(response, 'text/plain', 'ok');
  });
  const journey = defineJourney({ name: 'everything' }, async ({ page, step, baseUrl }) => {
    await step('open', async () => {
      await page.goto(`${baseUrl}/`);
      await page.waitForFunction("document.title === 'done'");
    });
    await step('busy', async () => {
      await page.goto(`${baseUrl}/busy`);
      await page.waitForTimeout(300);
      await page.locator('#press').click();
      await page.locator('#moved').waitFor();
      const download = page.waitForEvent('download');
      await page.locator('#load').click();
      await download;
      // a busy machine paints late, and pictures end at the first keystroke
      await page.waitForTimeout(700);
      await page.locator('#text').waitFor();
    });
    await step('type', async () => {
      const field = await page.$('#field');
      await field?.fill('s3cret typed');
      await page.waitForTimeout(250);
    });
    await step('popup', async () => {
      const opened = page.waitForEvent('popup');
      await page.evaluate("void window.open('/popup')");
      const popup = await opened;
      await popup.waitForLoadState();
      await page.waitForTimeout(300);
    });
  });
  result = await runJourney(journey, {
    baseUrl: `http://127.0.0.1:${site.port}`,
    dns: { mode: 'system' },
    filmstrip: true,
  });
}, 60_000);
afterAll(() => Promise.all([site.close(), third.close()]));

const typed = (type: string) => result.spans.filter((s) => s.attributes[HEADWATER.type] === type);
const requests = () => typed('request');
const all = (name: string) => requests().filter((s) => s.name === name);
const one = (name: string): ReportedSpan => {
  const found = all(name);
  expect(found.length, `${name} in ${requests().map((s) => s.name)}`).toBe(1);
  return found[0]!;
};
const phasesOf = (span: ReportedSpan) =>
  result.spans.filter((s) => s.parentSpanId === span.spanId && s.attributes[HEADWATER.type] === 'phase');

describe('requests', () => {
  it('the run is fine', () => {
    expect([result.status, result.error, result.warnings]).toEqual(['ok', undefined, []]);
  });

  it('a redirect chain is one request a hop, each pointing at the one before', () => {
    const hops = ['GET /hop-1', 'GET /hop-2', 'GET /landed'].map(one);
    expect(hops.map((s) => s.attributes['http.request.resend_count'])).toEqual([undefined, 1, 2]);
    expect(hops.map((s) => s.attributes['http.response.status_code'])).toEqual([302, 307, 200]);
    expect(hops.slice(1).map((s) => s.attributes[HEADWATER.initiator])).toEqual(
      hops.slice(0, 2).map((s) => s.spanId),
    );
  });

  it('a preflight points at the request that it serves, and sizes are those on the wire', () => {
    const put = one('PUT /preflighted');
    expect(one('OPTIONS /preflighted').attributes[HEADWATER.initiator]).toBe(put.spanId);
    expect(put.attributes['http.request.body.size']).toBe(4);
    expect(put.attributes['http.response.body.size']).toBe(2);
    expect(put.attributes['headwater.request.header_bytes']).toBeGreaterThan(50);
    expect(Number(put.attributes['headwater.response.header_bytes']) + 2).toBe(
      put.attributes['http.response.size'],
    );
  });

  it('priority and render blocking are the browser’s own', () => {
    const { attributes } = one('GET /blocking.js');
    expect(attributes['headwater.render_blocking']).toMatch(/blocking$/);
    expect(attributes['headwater.priority']).toBe('high');
    expect(one('GET /').attributes['headwater.priority']).toBe('very high');
  });

  it('what a server says of itself is a span in the wait, inferred, with its own duration beside it', () => {
    const request = one('GET /timed');
    const waiting = phasesOf(request).find((s) => s.name === PHASES.waiting)!;
    const timings = typed('server_timing').filter((s) => s.parentSpanId === request.spanId);
    expect(timings.map((s) => [s.name, s.attributes['headwater.server_timing.duration_ms']])).toEqual([
      ['db', 12.5],
      ['day', 9000],
    ]);
    expect(timings.map((s) => s.attributes['headwater.server_timing.clipped'])).toEqual([false, true]);
    expect(timings[0]!.endUnixNano - timings[0]!.startUnixNano).toBe(12_500_000n);
    for (const timing of timings) {
      expect(timing.evidence).toBe('inferred');
      expect(timing.startUnixNano).toBeGreaterThanOrEqual(waiting.startUnixNano);
      expect(timing.endUnixNano).toBeLessThanOrEqual(waiting.endUnixNano);
    }
  });

  it('a copy that was still good says 304 on the wire', () => {
    expect(all('GET /etag').map((s) => s.attributes['headwater.revalidated'])).toEqual([undefined, true]);
  });

  it('a cached answer has no network phases', () => {
    const cached = requests().filter((s) => s.attributes['headwater.from_cache'] !== undefined);
    expect(cached.map((s) => s.name)).toContain('GET /by-worker');
    for (const request of cached) {
      const phases = phasesOf(request);
      expect(phases.map((s) => s.attributes[HEADWATER.layer])).toEqual(phases.map(() => 'browser'));
      expect(phases.at(-1)!.name).toMatch(/cache|service worker/);
      expect(request.attributes['http.response.body.size']).toBeUndefined();
    }
  });

  it('failed ones say why, in words', () => {
    const reason = (name: string) => one(name).attributes['headwater.failure.reason'];
    expect(reason('GET /slow')).toMatch(/^called off/);
    expect(reason('GET /refused')).toBe('nobody listens at that address and port');
    expect(reason('GET /no-cors-header')).toMatch(/CORS/);
  });

  it('workers and new windows are seen', () => {
    one('GET /from-worker');
    expect(one('GET /by-worker').attributes['headwater.service_worker.answered_from']).toBe('network');
    one('GET /inside');
    one('GET /popup');
    one('GET /from-popup');
  });

  it('the probe’s own pause is a phase of its own', () => {
    const pauses = typed('phase').filter((s) => s.name === 'header pause');
    expect(pauses.length).toBeGreaterThan(0);
    expect(new Set(pauses.map((s) => s.attributes[HEADWATER.component]))).toEqual(new Set(['headwater']));
    expect(result.overhead.headerPauseMs).toBeGreaterThan(0);
  });

  it('has contiguous phases whose sum is the request', () => {
    for (const request of requests()) {
      let at = request.startUnixNano;
      for (const phase of phasesOf(request)) {
        expect(phase.startUnixNano, `${request.name} ${phase.name}`).toBe(at);
        at = phase.endUnixNano;
      }
      expect(at, request.name).toBe(request.endUnixNano);
    }
  });
});

describe('the page', () => {
  const step = () => typed('step').find((s) => s.name === 'busy')!;
  const events = (name: string) => step().events.filter((event) => event.name === name);
  const inStep = (type: string) => typed(type).filter((s) => s.parentSpanId === step().spanId);

  it('paints and loads are events of the step, with what was painted', () => {
    for (const name of ['firstPaint', 'firstContentfulPaint', 'domContentLoaded', 'load'])
      expect(events(name).length, name).toBe(1);
    expect(events('largestContentfulPaint').at(-1)?.attributes['headwater.paint.element']).toBeTypeOf(
      'string',
    );
  });

  it('console errors, warnings and uncaught exceptions are events, secrets taken out', () => {
    expect(events('consoleWarning').map((e) => e.attributes.message)).toEqual(['careful Object']);
    expect(String(events('consoleError')[0]?.attributes.message)).toMatch(/^at https:/);
    expect(
      events('exception').map((e) => [e.attributes['exception.type'], e.attributes['exception.message']]),
    ).toEqual([['TypeError', 'TypeError: nobody caught this']]);
    expect(
      JSON.stringify(result.spans.map((s) => [s.attributes, s.events.map((e) => e.attributes)])),
    ).not.toContain('s3cret');
  });

  it('dialogs and downloads are events', () => {
    expect(events('dialog').map((e) => e.attributes['headwater.dialog.type'])).toEqual(['alert']);
    expect(events('download').map((e) => e.attributes['file.name'])).toEqual(['bill.txt']);
  });

  it('a shift of the layout is an event with its value, summed up on the step', () => {
    const values = events('layoutShift').map((e) => Number(e.attributes['headwater.layout_shift.value']));
    expect(values.length).toBeGreaterThan(0);
    expect(Number(step().attributes['headwater.step.layout_shift'])).toBeGreaterThan(0);
  });

  it('a long task names its function, and where its time went', () => {
    const long = inStep('task').find((s) => s.attributes['code.function.name'] === 'onPress')!;
    expect(long.attributes['headwater.task.long']).toBe(true);
    expect(Number(long.attributes['headwater.task.script_ms'])).toBeGreaterThan(50);
    // the script's own stretch lies inside the task
    const part = typed('task_part').find((s) => s.parentSpanId === long.spanId)!;
    expect(part.attributes).toMatchObject({
      'code.function.name': 'onPress',
      'url.full': long.attributes['url.full'],
    });
    expect(part.startUnixNano).toBeGreaterThanOrEqual(long.startUnixNano);
    expect(part.endUnixNano).toBeLessThanOrEqual(long.endUnixNano);
    // Chromium leaves the processor time of some events out; then the task's is not known.
    const told = inStep('task').filter((s) => s.attributes['headwater.task.cpu_ms'] !== undefined);
    const cpuMs = (s: ReportedSpan) => Number(s.attributes['headwater.task.cpu_ms']);
    expect(Math.max(...told.map(cpuMs))).toBeGreaterThan(0);
    // A thread cannot have had more of the processor than its task is long.
    for (const s of told)
      expect(cpuMs(s)).toBeLessThanOrEqual(Number(s.endUnixNano - s.startUnixNano) / 1e6 + 1);
  });

  it('an interaction runs from the input to the next paint, and its parts are the whole', () => {
    const click = inStep('interaction').find(
      (s) => Number(s.attributes['headwater.interaction.processing_ms']) > 50,
    )!;
    expect(click.name).toBe('click');
    const part = (name: string) => Number(click.attributes[`headwater.interaction.${name}_ms`]);
    const sumMs = part('input_delay') + part('processing') + part('presentation');
    expect(sumMs).toBeCloseTo(Number(click.endUnixNano - click.startUnixNano) / 1e6, 1);
  });

  it('what idle time was waiting for is named', () => {
    const kinds = typed('wait').map((s) => [s.attributes[HEADWATER.waitKind], s.name]);
    expect(kinds).toContainEqual(['timer', 'timer of 700 ms']);
    expect(kinds.map(([kind]) => kind)).toEqual(expect.arrayContaining(['commit', 'checks']));
  });

  it('a step says what it was waiting for at its end', () => {
    expect(typed('step').map((s) => s.attributes['headwater.step.waited_for'])).toEqual([
      'a condition in the page',
      "locator('#text') to be visible",
      'a pause of 250 ms',
      'a pause of 300 ms',
    ]);
  });
});

describe('the filmstrip', () => {
  const times = () =>
    (result.files ?? []).map(({ name }) => BigInt(/^frames\/(\d+)\.jpg$/.exec(name)?.[1] ?? 0));

  it('is small pictures at the browser’s own times, within the run', () => {
    const run = typed('run')[0]!;
    // were there none, this says whether none was taken, or none was shown
    const moments = [...typed('step'), ...typed('action')].map((s) => `${s.name} ${s.startUnixNano}`);
    expect(times().length, `${JSON.stringify(result.overhead)}, ${moments.join(', ')}`).toBeGreaterThan(0);
    for (const time of times()) expect(time >= run.startUnixNano && time <= run.endUnixNano).toBe(true);
    for (const { body, mediaType } of result.files ?? []) {
      expect(mediaType).toBe('image/jpeg');
      expect([...body.slice(0, 2)]).toEqual([0xff, 0xd8]);
      expect(body.length).toBeLessThan(40_000);
    }
  });

  it('has none from the first keystroke on', () => {
    const typing = typed('action').find((s) => s.name.endsWith('.fill'))!;
    expect(result.overhead.picturesTaken).toBeGreaterThan(result.overhead.picturesKept!);
    expect(times().filter((time) => time >= typing.startUnixNano)).toEqual([]);
  });
});
