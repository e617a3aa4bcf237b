/** The probe on a real Chromium, against small real servers. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { chromium } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../probe/browser-launch.ts';
import { findChromium } from '../../probe/chromium.ts';
import { defineJourney, type Journey } from '../../probe/journey.ts';
import { type JourneyResult, type ProbeOptions, runJourney } from '../../probe/run-journey.ts';
import { HEADER_PAUSE, HEADWATER, PHASES } from '../../src/model/attributes.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import {
  a,
  CACHEABLE,
  NXDOMAIN,
  nameServer,
  plainSite,
  type Site,
  secureSite,
  send,
  type TestNameServer,
} from './test-site.ts';

let site: Site;
let api: Site;
let third: Site;
let names: TestNameServer;
let ownFolders: string[];

/** A folder for this file alone: others run browsers at the same time. */
const temporary = mkdtempSync(join(tmpdir(), 'hw-'));
process.env.TMPDIR = temporary;
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const browserFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('headwater-browser-'));

/** Names ending in `.test` live on this machine; everything else does not exist. */
const zone = (name: string, type: string) =>
  !/(^|\.)(www|api|third)\.test$/.test(name)
    ? NXDOMAIN
    : type === 'A'
      ? { answers: [a(name, '127.0.0.1')] }
      : {};

const page =
  () => `<!doctype html><title>open</title><link rel="stylesheet" href="/style.css"><script src="/app.js"></script>
<img src="/logo.svg"><img src="https://third.test:${third.port}/pixel.svg"><h1>Shop</h1><input id="password" type="password">
<script>
  const simple = () => fetch('https://api.test:${api.port}/simple').then((r) => r.text());
  const preflighted = () => fetch('https://api.test:${api.port}/preflighted', { method: 'POST', headers: { 'x-a': '1', authorization: 'Bearer s3cret-authorization' }, body: '{}' }).then((r) => r.text());
  const outside = () => fetch('https://third.test:${third.port}/track').then((r) => r.text());
  const away = () => fetch('/away').then((r) => r.text());
  Promise.all([simple(), preflighted(), outside(), away()]).then(() => { document.title = 'done'; });
</script>`;

beforeAll(async () => {
  names = await nameServer(zone);
  third = await secureSite(['third.test'], (_request, response) =>
    send(response, 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'),
  );
  api = await secureSite(['api.test'], (_request, response) =>
    send(response, 'application/json', '{}', {
      'access-control-allow-headers': 'x-a, authorization',
      ...CACHEABLE,
    }),
  );
  site = await secureSite(['www.test'], (request, response) => {
    if (request.url === '/')
      send(response, 'text/html', page(), { 'set-cookie': 'sid=s3cret-cookie; Path=/' });
    else if (request.url === '/style.css') send(response, 'text/css', 'h1 { color: red }', CACHEABLE);
    else if (request.url === '/app.js')
      send(
        response,
        'text/javascript',
        'const until = performance.now() + 60; while (performance.now() < until);',
        CACHEABLE,
      );
    else if (request.url === '/logo.svg')
      send(response, 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>', CACHEABLE);
    else if (request.url === '/away')
      response.writeHead(302, { location: `https://third.test:${third.port}/landed` }).end();
    else if (request.url === '/hang') setTimeout(() => response.destroy(), 20_000).unref();
    else response.writeHead(404).end();
  });
});
afterAll(async () => {
  await Promise.all([site.close(), api.close(), third.close(), names.close()]);
});
afterEach(() => {
  for (const server of [site, api, third]) server.clear();
});

const options = (more: Partial<ProbeOptions> = {}): ProbeOptions => ({
  baseUrl: `https://www.test:${site.port}`,
  pins: [site.pin, api.pin, third.pin],
  dns: { mode: 'forward', servers: [`127.0.0.1:${names.port}`] },
  allowOrigins: [`https://api.test:${api.port}`],
  ...more,
});
const openPage = (path = '/'): Journey =>
  defineJourney({ name: 'open' }, async ({ page, step, baseUrl }) => {
    await step('open', async () => {
      await page.goto(baseUrl + path);
      await page.waitForFunction("document.title === 'done'");
    });
  });

const typed = (result: JourneyResult, type: string) =>
  result.spans.filter((s) => s.attributes[HEADWATER.type] === type);
const requests = (result: JourneyResult) => typed(result, 'request');
const requestTo = (result: JourneyResult, path: string) =>
  requests(result).find((s) => s.name.endsWith(` ${path}`));
const childrenOf = (result: JourneyResult, span: ReportedSpan | undefined) =>
  result.spans.filter((s) => s.parentSpanId === span?.spanId);
const asText = (value: unknown) =>
  JSON.stringify(value, (_key, v) => (typeof v === 'bigint' ? String(v) : v));

function expectContiguous(result: JourneyResult): void {
  for (const request of requests(result)) {
    const phases = childrenOf(result, request).filter((s) => s.attributes[HEADWATER.type] === 'phase');
    expect(phases.length, request.name).toBeGreaterThan(0);
    let at = request.startUnixNano;
    for (const phase of phases) {
      expect(phase.startUnixNano, `${request.name} ${phase.name}`).toBe(at);
      at = phase.endUnixNano;
    }
    expect(at, request.name).toBe(request.endUnixNano);
  }
}

describe('a journey that goes well', () => {
  let result: JourneyResult;
  const exporter = new InMemorySpanExporter();
  const news: string[] = [];
  let hits: string[];
  let allHits: { readonly method: string; readonly path: string; readonly traceparent?: string }[];

  beforeAll(async () => {
    ownFolders = browserFolders();
    const journey = defineJourney({ name: 'shopping' }, async ({ page, step, baseUrl }) => {
      await step('open', async () => {
        await page.goto(`${baseUrl}/`);
        await page.waitForFunction("document.title === 'done'");
        // The icon and the trace are on their way still.
        await page.waitForTimeout(200);
      });
      await step('sign in', async () => {
        await page.locator('#password').fill('s3cret-password');
        await page.keyboard.type('s3cret-typed');
        await page
          .locator('#missing')
          .fill('s3cret-missed', { timeout: 50 })
          .catch(() => undefined);
      });
    });
    result = await runJourney(
      journey,
      options({ exporters: [exporter], onStep: (s) => news.push(`${s.name} ${s.state} ${s.status ?? ''}`) }),
    );
    allHits = [...site.hits, ...api.hits];
    hits = [...third.hits].map((hit) => `${hit.path} ${hit.traceparent ?? '-'}`);
  });

  it('is ok, told of its steps, and one trace', () => {
    expect([result.status, result.error, result.warnings]).toEqual(['ok', undefined, []]);
    expect(news).toEqual(['open started ', 'open ended ok', 'sign in started ', 'sign in ended ok']);
    expect(new Set(result.spans.map((s) => s.traceId))).toEqual(new Set([result.traceId]));
    expect(exporter.getFinishedSpans().map((s) => s.spanContext().spanId)).toEqual(
      result.spans.map((s) => s.spanId),
    );
  });

  it('is a tree of one root, in which every parent exists', () => {
    const ids = new Set(result.spans.map((s) => s.spanId));
    expect(ids.size).toBe(result.spans.length);
    const orphans = result.spans.filter((s) => s.parentSpanId === undefined || !ids.has(s.parentSpanId));
    expect(orphans.map((s) => s.attributes[HEADWATER.type])).toEqual(['run']);
    const types = new Set(result.spans.map((s) => s.attributes[HEADWATER.type]));
    // Whether anything stalled, and whether a script took long enough for a row, is a matter of load.
    types.delete('stall');
    types.delete('task_part');
    expect([...types].sort()).toEqual(
      ['run', 'step', 'action', 'task', 'interaction', 'wait', 'request', 'phase', 'dns_query']
        .concat(['connection', 'connect_attempt', 'tls_flight'])
        .sort(),
    );
  });

  it('has every request under the step that asked for it, hops and preflights included', () => {
    const open = typed(result, 'step').find((s) => s.name === 'open');
    const names = requests(result).map((s) => s.name);
    for (const name of [
      'GET /',
      'GET /style.css',
      'GET /app.js',
      'GET /logo.svg',
      'GET /pixel.svg',
      'GET /simple',
      'OPTIONS /preflighted',
      'POST /preflighted',
      'GET /track',
      'GET /away',
      'GET /landed',
    ])
      expect(names).toContain(name);
    expect(new Set(requests(result).map((s) => s.parentSpanId))).toEqual(new Set([open?.spanId]));
    expect(names.filter((name) => /google|gstatic/.test(name))).toEqual([]);
    const preflight = requests(result).find((s) => s.name === 'OPTIONS /preflighted');
    expect(preflight?.attributes[HEADWATER.initiator]).toBe(
      requests(result).find((s) => s.name === 'POST /preflighted')?.spanId,
    );
  });

  it('has contiguous phases whose sum is the request', () => {
    expectContiguous(result);
  });

  it('shows DNS, TCP and TLS once a connection, at the request that paid, with the queries below', () => {
    const first = childrenOf(result, requestTo(result, '/'));
    const phases = first.filter((s) => s.attributes[HEADWATER.type] === 'phase');
    expect(phases.map((s) => s.name).filter((name) => name !== PHASES.wait && name !== HEADER_PAUSE)).toEqual(
      [
        PHASES.dns,
        PHASES.connect,
        PHASES.tls,
        ...phases.map((s) => s.name).filter((name) => name === PHASES.send),
        PHASES.waiting,
        PHASES.download,
      ],
    );
    // A request that was still waiting when the run ended shows the handshake it waited for, and has no connection.
    const payers = typed(result, 'phase')
      .filter((s) => s.name === PHASES.tls)
      .map((s) => requests(result).find((request) => request.spanId === s.parentSpanId)?.attributes ?? {})
      .filter((attributes) => attributes['headwater.connection_id'] !== undefined);
    const paid = payers.map((attributes) => attributes['headwater.connection_id']);
    expect(new Set(paid).size).toBe(paid.length);
    expect(paid.length).toBeGreaterThanOrEqual(3);
    for (const attributes of payers) expect(attributes['headwater.connection_reused']).toBe(false);
    expect(childrenOf(result, requestTo(result, '/style.css')).some((s) => s.name === PHASES.connect)).toBe(
      false,
    );
    const lookup = first.find((s) => s.name === PHASES.dns);
    const queries = childrenOf(result, lookup);
    expect(queries.map((s) => s.attributes['headwater.dns.question_type']).sort()).toEqual([
      'A',
      'AAAA',
      'HTTPS',
    ]);
    expect(queries.every((s) => s.attributes[HEADWATER.component] === `127.0.0.1:${names.port}`)).toBe(true);
  });

  it('has exactly these fields on a request', () => {
    const request = requestTo(result, '/');
    // A machine that is busy makes a request wait for its socket.
    const keys = Object.keys(request?.attributes ?? {}).filter((key) => !key.startsWith('headwater.stalls'));
    expect(keys.sort()).toEqual(
      [
        'client.port',
        'headwater.clock',
        'headwater.component',
        'headwater.connection',
        'headwater.connection_id',
        'headwater.connection_reused',
        'headwater.evidence',
        'headwater.initiator',
        'headwater.layer',
        'headwater.precision_ns',
        'headwater.priority',
        'headwater.resource_type',
        'headwater.response.decoded_bytes',
        'headwater.response.header_bytes',
        'headwater.source',
        'headwater.traceparent_sent',
        'headwater.type',
        'http.request.method',
        'http.response.body.size',
        'http.response.size',
        'http.response.status_code',
        'network.peer.address',
        'network.peer.port',
        'network.protocol.name',
        'network.protocol.version',
        'server.address',
        'server.port',
        'url.full',
      ].sort(),
    );
    expect(request).toMatchObject({
      kind: 'client',
      source: 'cdp',
      clock: 'browser',
      evidence: 'measured',
      precisionNs: 1_000,
    });
  });

  it('sends each allow-listed call its own span id, and nobody else any', () => {
    const sent = allHits.filter((hit) => hit.traceparent);
    expect(sent.map((hit) => `${hit.method} ${hit.path}`).sort()).toEqual([
      'GET /',
      'GET /away',
      'GET /simple',
      'POST /preflighted',
    ]);
    for (const { path, method, traceparent } of sent) {
      const spanId = requests(result).find((s) => s.name === `${method} ${path}`)?.spanId;
      expect(traceparent).toBe(`00-${result.traceId}-${spanId}-01`);
    }
    expect(hits.sort()).toEqual(['/landed -', '/pixel.svg -', '/track -']);
  });

  it('records calls without what was typed, and keeps no secret anywhere', () => {
    const actions = typed(result, 'action').map((s) => [
      s.name,
      s.attributes['headwater.action.target'],
      s.status.message,
    ]);
    expect(actions).toEqual([
      ['page.goto', `https://www.test:${site.port}/`, undefined],
      ['page.waitForFunction', undefined, undefined],
      ['page.waitForTimeout', '200 ms', undefined],
      ['locator.fill', "locator('#password')", undefined],
      ['keyboard.type', undefined, undefined],
      ['locator.fill', "locator('#missing')", 'locator.fill: Timeout 50ms exceeded.'],
    ]);
    expect(typed(result, 'action')[2]?.attributes[HEADWATER.layer]).toBe('think');
    expect(asText(result)).not.toContain('s3cret');
    expect(asText(exporter.getFinishedSpans().map((s) => [s.attributes, s.status, s.events]))).not.toContain(
      's3cret',
    );
  });

  it('saw the page work and paint', () => {
    const scripts = typed(result, 'task').filter((s) => s.name === 'run script /app.js');
    const tasks = typed(result, 'task').map(
      (s) => `${s.name} ${(s.endUnixNano - s.startUnixNano) / 1_000n} µs`,
    );
    expect(scripts, tasks.join('\n')).toHaveLength(1);
    const moments = typed(result, 'step').flatMap((s) => s.events.map((event) => event.name));
    expect(moments).toEqual(
      expect.arrayContaining(['firstContentfulPaint', 'largestContentfulPaint', 'load']),
    );
  });

  it('leaves no profile behind', () => {
    expect(browserFolders()).toEqual(ownFolders);
  });
});

describe('a warm reload', () => {
  const warm: Journey = defineJourney({ name: 'warm' }, async ({ page, step, baseUrl }) => {
    await step('cold', async () => {
      await page.goto(`${baseUrl}/`);
      await page.waitForFunction("document.title === 'done'");
    });
    for (const server of [site, api, third]) server.clear();
    await step('warm', async () => {
      await page.reload();
      await page.waitForFunction("document.title === 'done'");
    });
  });
  const counted = () =>
    [...site.hits, ...api.hits, ...third.hits]
      .map((hit) => `${hit.method} ${hit.path}`)
      .filter((hit) => !hit.includes('favicon'))
      .sort();

  it('asks the servers for the same as without the probe: same hits, same preflights', async () => {
    const result = await runJourney(warm, options());
    const observed = counted();
    const bare = await bareHits();
    expect(observed).toEqual(bare);
    expect(bare).toContain('GET /');
    expect(bare).not.toContain('GET /app.js');
    const cached = requests(result).filter((s) => s.attributes['headwater.from_cache'] !== undefined);
    expect(cached.map((s) => s.name)).toEqual(
      expect.arrayContaining(['GET /app.js', 'GET /style.css', 'GET /logo.svg']),
    );
    expectContiguous(result);
  });

  /** The same journey and the same browser, with nobody watching. */
  async function bareHits(): Promise<string[]> {
    const browser = await launchBrowser({
      executablePath: (await findChromium()) ?? '',
      headless: true,
      pins: [site.pin, api.pin, third.pin],
      hostRules: `MAP *.test 127.0.0.1`,
    });
    try {
      const page = browser.context.pages()[0] ?? (await browser.context.newPage());
      const { baseUrl } = options();
      await warm.body({
        page,
        context: browser.context,
        baseUrl,
        step: (_name, body) => body(),
        request: () => Promise.reject(new Error('not asked for here')),
      });
      return counted();
    } finally {
      await browser.close();
      browser.removeFiles();
    }
  }
});

describe('a page that never loads', () => {
  it('refused port: the attempts are there', async () => {
    const gone = await plainSite(() => undefined);
    await gone.close();
    const result = await runJourney(
      openPage(),
      options({ baseUrl: `http://127.0.0.1:${gone.port}`, dns: { mode: 'system' } }),
    );
    expect(result).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('page.goto: net::ERR_CONNECTION_REFUSED'),
    });
    const connects = typed(result, 'phase').filter((s) => s.name === PHASES.connect);
    expect(connects[0]?.status).toEqual({ code: 'error', message: 'ERR_CONNECTION_REFUSED' });
    expect(connects[0]?.attributes['headwater.connect_attempts']).toEqual([
      `127.0.0.1:${gone.port} ECONNREFUSED`,
    ]);
    expect(requests(result)[0]?.status.message).toBe('ERR_CONNECTION_REFUSED');
    expectContiguous(result);
  });

  it('a name that does not exist: the lookup and its queries are there', async () => {
    const result = await runJourney(openPage(), options({ baseUrl: 'http://no.such.example' }));
    expect(result).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('ERR_NAME_NOT_RESOLVED'),
    });
    const queries = typed(result, 'dns_query');
    expect(new Set(queries.map((s) => s.attributes['headwater.dns.rcode']))).toEqual(new Set(['NXDOMAIN']));
    expect(typed(result, 'phase').some((s) => s.name === PHASES.dns && s.status.code === 'error')).toBe(true);
    expectContiguous(result);
  });

  it('a server that hangs: the time limit ends the run, and the request waits until then', async () => {
    const result = await runJourney(openPage('/hang'), options({ timeoutMs: 1_200 }));
    expect(result).toMatchObject({
      status: 'failed',
      error: 'The journey took longer than its limit of 1200 ms.',
    });
    const phases = childrenOf(result, requestTo(result, '/hang'));
    expect(phases.at(-1)?.name).toBe(PHASES.waiting);
    expect(typed(result, 'step')[0]?.status.message).toBe(result.error);
    expectContiguous(result);
  });

  it('an abort ends it at once, and leaves no profile behind', async () => {
    const before = browserFolders();
    const abort = new AbortController();
    const stop = (news: { state: string }) =>
      news.state === 'started' && setTimeout(() => abort.abort(), 300);
    const result = await runJourney(openPage('/hang'), options({ signal: abort.signal, onStep: stop }));
    expect(result).toMatchObject({ status: 'failed', error: 'The run was aborted.' });
    expect(requestTo(result, '/hang')).toBeDefined();
    expect(browserFolders()).toEqual(before);
  });

  it('a journey that throws says so, and the run is still there', async () => {
    const journey = defineJourney({ name: 'throws' }, async ({ step }) => {
      await step('check', async () => {
        throw new Error('The basket is empty.\n  with a second line');
      });
    });
    const result = await runJourney(journey, options());
    expect([result.status, result.error]).toEqual(['failed', 'The basket is empty.']);
    expect(result.spans.map((s) => [s.name, s.status.message])).toEqual([
      ['throws', 'The basket is empty.'],
      ['check', 'The basket is empty.'],
    ]);
  });
});

describe('an environment that lacks something', () => {
  it('no Chromium is an error with a code and a sentence', async () => {
    const before = process.env.HEADWATER_CHROMIUM;
    process.env.HEADWATER_CHROMIUM = '/nowhere/chromium';
    try {
      await expect(runJourney(openPage(), options())).rejects.toMatchObject({
        code: 'no-chromium',
        message: expect.stringContaining('/nowhere/chromium'),
      });
    } finally {
      if (before === undefined) delete process.env.HEADWATER_CHROMIUM;
      else process.env.HEADWATER_CHROMIUM = before;
    }
  });

  it('a program that is no browser is named', async () => {
    const before = process.listenerCount('SIGINT');
    await expect(runJourney(openPage(), options({ chromium: '/bin/false' }))).rejects.toMatchObject({
      code: 'no-chromium',
      message: expect.stringContaining('"/bin/false" did not start'),
    });
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it('an address that is none is refused with the address', async () => {
    await expect(runJourney(openPage(), options({ baseUrl: 'ftp://x' }))).rejects.toThrow(
      '"ftp://x" is not an address',
    );
  });

  it('finds what Playwright or the system has', async () => {
    expect([await findChromium(), chromium.executablePath()]).toContain(await findChromium());
    expect(await findChromium()).toMatch(/chrom/i);
  });
});
