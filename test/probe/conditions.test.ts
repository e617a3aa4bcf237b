/** What a run may be put under: conditions on the browser, exchanges of its own, requests that are held back. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProbeConditions } from '../../probe/conditions.ts';
import { defineJourney, type Journey } from '../../probe/journey.ts';
import { runJourney } from '../../probe/run-journey.ts';
import { RUN_CONDITIONS } from '../../src/model/run-conditions.ts';
import { CACHEABLE, plainSite, type Site, send } from './test-site.ts';

let site: Site;
let other: Site;
const bodies: string[] = [];
const headers: IncomingMessage['headers'][] = [];

const temporary = mkdtempSync(join(tmpdir(), 'hw-'));
process.env.TMPDIR = temporary;
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const page = `<!doctype html><title>t</title><link rel="stylesheet" href="/style.css"><p id="lang"></p><p id="login"></p>
<script>
  document.querySelector('#lang').textContent = navigator.language;
  document.querySelector('#login').textContent = localStorage.getItem('login') ?? 'nobody';
  const post = () => fetch('/post', { method: 'POST', body: '{}' }).then((r) => r.text(), () => 'held');
  const beacon = () => navigator.sendBeacon('/beacon', 'x');
</script>`;

beforeAll(async () => {
  const handler: Parameters<typeof plainSite>[0] = (request, response) => {
    headers.push(request.headers);
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      bodies.push(body);
      if (request.url === '/style.css') send(response, 'text/css', 'p { color: red }', CACHEABLE);
      else if (request.url === '/favicon.ico') response.writeHead(404).end();
      else if (request.method === 'GET') send(response, 'text/html', page);
      else send(response, 'application/json', '{"ok":true}');
    });
  };
  site = await plainSite(handler);
  other = await plainSite(handler);
});
afterAll(() => Promise.all([site.close(), other.close()]));
beforeEach(() => {
  for (const each of [site, other]) each.clear();
  for (const list of [bodies, headers]) list.splice(0);
});

const base = () => `http://127.0.0.1:${site.port}`;
const walk = (body: Journey['body'], conditions: ProbeConditions = {}) =>
  runJourney(defineJourney({ name: 'test' }, body), { baseUrl: base(), dns: { mode: 'system' }, conditions });
const paths = () =>
  site.hits.filter(({ path }) => path !== '/favicon.ico').map(({ method, path }) => `${method} ${path}`);

describe('an exchange of its own', () => {
  it('is sent once, with its method, headers and body, and is one request of the run', async () => {
    let status = 0;
    const result = await walk(async ({ request, baseUrl }) => {
      status = await request({
        url: `${baseUrl}/orders`,
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie: 'cart=1' },
        body: '{"name":"Zoë"}',
      });
    });
    expect([result.status, status, paths()]).toEqual(['ok', 200, ['POST /orders']]);
    expect(bodies[0]).toBe('{"name":"Zoë"}');
    expect(headers[0]).toMatchObject({ cookie: 'cart=1', 'content-type': 'application/json' });
    expect(site.hits[0]?.traceparent).toContain(result.traceId);
    const requests = result.spans.filter(({ attributes }) => attributes['url.full'] === `${base()}/orders`);
    expect(requests.map(({ attributes }) => attributes['http.request.method'])).toEqual(['POST']);
    expect(requests[0]?.attributes['headwater.traceparent_sent']).toBe(true);
    expect(
      JSON.stringify(result.spans, (_, value) => (typeof value === 'bigint' ? '' : value)),
    ).not.toContain('cart=1');
  });

  it('goes to other origins too, which do not see the trace', async () => {
    const url = `http://127.0.0.1:${other.port}/orders`;
    await walk(async ({ request }) => void (await request({ url, method: 'PUT' })), { exchanges: true });
    expect(other.hits.filter(({ path }) => path === '/orders')).toEqual([{ method: 'PUT', path: '/orders' }]);
  });
});

describe('what changes something at a server', () => {
  it('is held back when that is asked for, and said', async () => {
    const answers: unknown[] = [];
    const result = await walk(
      async ({ page, baseUrl }) => {
        await page.goto(baseUrl);
        answers.push(await page.evaluate('post()'));
        await page.evaluate('beacon()');
        await page.waitForTimeout(100);
      },
      { holdUnsafe: true },
    );
    expect(answers).toEqual(['held']);
    expect(paths()).toEqual(['GET /', 'GET /style.css']);
    const held = result.warnings
      .filter(({ code }) => code === 'probe.held_back')
      .map(({ message }) => message);
    expect(held).toEqual([
      expect.stringContaining(`POST ${base()}/post`),
      expect.stringContaining(`POST ${base()}/beacon`),
    ]);
  });

  it('is sent otherwise', async () => {
    await walk(async ({ page, baseUrl }) => {
      await page.goto(baseUrl);
      await page.evaluate('post()');
    });
    expect(paths()).toContain('POST /post');
  });
});

describe('conditions', () => {
  it('are put upon the browser, and written on the run', async () => {
    const texts: (string | null)[] = [];
    const network = { latencyMs: 300, downloadBytesPerS: -1, uploadBytesPerS: -1 };
    const result = await walk(
      async ({ page, baseUrl }) => {
        await page.goto(baseUrl);
        texts.push(await page.textContent('#lang'), await page.textContent('#login'));
      },
      {
        locale: 'de-DE',
        cpuSlowdown: 2,
        network,
        headers: { 'x-team': 'blue' },
        storageState: {
          cookies: [
            {
              name: 'sid',
              value: 'abc',
              domain: '127.0.0.1',
              path: '/',
              expires: -1,
              httpOnly: true,
              secure: false,
              sameSite: 'Lax',
            },
          ],
          origins: [{ origin: base(), localStorage: [{ name: 'login', value: 'ada' }] }],
        },
      },
    );
    expect(texts).toEqual(['de-DE', 'ada']);
    expect(headers[0]).toMatchObject({ 'x-team': 'blue', cookie: 'sid=abc' });
    const document = result.spans.find(
      ({ attributes }) => attributes['headwater.resource_type'] === 'document',
    );
    expect(Number(document!.endUnixNano - document!.startUnixNano)).toBeGreaterThan(290e6);
    const run = result.spans.find(({ attributes }) => attributes['headwater.type'] === 'run');
    expect(JSON.parse(String(run?.attributes[RUN_CONDITIONS]))).toEqual({
      viewport: { width: 1280, height: 720 },
      locale: 'de-DE',
      cpuSlowdown: 2,
      network,
      cache: 'cold',
      dns: 'system',
    });
  });

  it.each([
    ['cache', ['GET /']],
    ['connections', ['GET /', 'GET /style.css']],
    [undefined, ['GET /', 'GET /style.css']],
  ] as const)('warm before: %s', async (warm, asked) => {
    const result = await walk(
      async ({ page, baseUrl }) => {
        if (warm) expect(paths()).toEqual(['GET /', 'GET /style.css']);
        site.clear();
        await page.goto(baseUrl);
      },
      warm ? { warm } : {},
    );
    expect([result.status, result.error, paths()]).toEqual(['ok', undefined, asked]);
    const names = result.spans
      .filter(({ attributes }) => attributes['headwater.type'] === 'phase')
      .map(({ name }) => name);
    // with a warm cache, whether an idle socket is taken again is the browser's own choice
    if (warm !== 'cache') expect(names.includes('socket connect')).toBe(warm === undefined);
    const requests = result.spans.filter(({ attributes }) => attributes['headwater.type'] === 'request');
    expect(requests.filter(({ attributes }) => attributes['url.full'] === `${base()}/`)).toHaveLength(1);
  });

  it('the cache off: everything is asked for again', async () => {
    await walk(
      async ({ page, baseUrl }) => {
        await page.goto(baseUrl);
        site.clear();
        await page.goto(`${baseUrl}/again`);
      },
      { cacheOff: true },
    );
    expect(paths()).toEqual(['GET /again', 'GET /style.css']);
  });
});
