/** The shop with everything real: what passes each wire, and what is left when it has stopped. */
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shop, startShop } from '../../scenarios/shop/start.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { askShop, askTcp, askUdp, eventually, type Receivers, startReceivers } from './receivers.ts';

const TRACE = 'a3ce929d0e0e47364bf92f3577b34da6';
const BROWSER_SPAN = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${BROWSER_SPAN}-01`;
const customer = JSON.stringify({
  name: 'Ada Marsh',
  email: 'ada.marsh@example.com',
  address: '1 Weir Lane',
});

let receivers: Receivers;
let shop: Shop;

beforeAll(async () => {
  receivers = await startReceivers();
  shop = await startShop({ ...receivers, proxy: 'haproxy' });
});
afterAll(async () => {
  await shop?.stop();
  await receivers?.close();
});

const ofService = (name: string): ReportedSpan[] =>
  receivers.spans.filter((span) => span.traceId === TRACE && span.resource['service.name'] === name);

describe('one order through every part', () => {
  beforeAll(async () => {
    const placed = await askShop(shop, '/api/order', { traceparent, cookie: 'cart=2.1-3.2', body: customer });
    expect(placed.status).toBe(200);
    expect(JSON.parse(placed.body)).toMatchObject({ items: 2, totalCents: 6900 + 2 * 1600 });
  });

  it('is logged by HAProxy with the trace of the browser and a span of its own', async () => {
    const line = await eventually('the log line', () =>
      receivers.lines.find((one) => one.p === '/api/order'),
    );
    expect(line).toMatchObject({
      k: 'haproxy',
      m: 'POST',
      st: 200,
      tp_in: traceparent,
      alpn: 'h2',
      sslv: 'TLSv1.3',
      n: '1',
    });
    expect(line.tp_out).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(line.tp_out).not.toBe(traceparent);
    const stamps = [line.acc_us, line.ssn_us, line.req_us, line.rsp_us, line.log_us].map(Number);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
  });

  it('hangs the web process under the span that HAProxy minted', async () => {
    const line = await eventually('the log line', () =>
      receivers.lines.find((one) => one.p === '/api/order'),
    );
    const [web] = await eventually('the web span', () =>
      ofService('web').filter((span) => span.kind === 'server'),
    );
    expect(web).toMatchObject({ name: 'POST /api/order', parentSpanId: String(line.tp_out).split('-')[2] });
    expect(web?.attributes).toMatchObject({ 'http.route': '/api/order', 'http.response.status_code': 200 });
    expect(web?.resource['service.instance.id']).toBe(line.srv);
  });

  it('goes on to both services and to the database in the same trace', async () => {
    for (const [service, route] of [
      ['inventory', 'POST /reserve'],
      ['payment', 'POST /charge'],
    ] as const) {
      const [server] = await eventually(route, () =>
        ofService(service).filter((span) => span.name === route),
      );
      const [client] = await eventually('its client', () =>
        ofService('web').filter((s) => s.spanId === server?.parentSpanId),
      );
      expect(client?.kind).toBe('client');
      const names = await eventually('its queries', () =>
        ofService(service).filter((s) => s.parentSpanId === server?.spanId),
      );
      expect(names.map((span) => span.name)).toEqual(
        expect.arrayContaining(['pg-pool.connect', 'pg.query:BEGIN shop']),
      );
    }
  });

  it('leaves plans in the database log under the spans of the queries, and nobody’s address', async () => {
    const spanIds = new Set(ofService('payment').map((span) => span.spanId));
    const log = readFileSync(shop.databaseLog, 'utf8');
    const plans = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { message: string });
    const own = plans.filter(
      ({ message }) => message.includes(`traceparent='00-${TRACE}-`) && message.includes('orders'),
    );
    expect(own.length).toBeGreaterThan(0);
    for (const { message } of own)
      expect(spanIds).toContain(/traceparent='00-\w{32}-(\w{16})/.exec(message)?.[1]);
    expect(own.map(({ message }) => message).join()).toContain('orders_customer_email_idx');
    expect(log.includes('ada.marsh@example.com')).toBe(false);
  });
});

describe('the pages', () => {
  it('come with assets from the static host, or from their own for a person', async () => {
    const page = await askShop(shop, '/');
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    });
    expect(page.body).toContain(`src="${shop.staticUrl}assets/main.js"`);
    expect(await (await fetch(shop.humanUrl)).text()).toContain('src="/assets/main.js"');
  });

  it('may be kept as far as they are files', async () => {
    const { headers } = await askShop({ ...shop, url: shop.staticUrl }, '/assets/figtree.woff2');
    expect(headers).toMatchObject({ 'content-type': 'font/woff2', 'access-control-allow-origin': '*' });
    expect(headers['cache-control']).toContain('max-age');
    const again = await askShop(shop, '/assets/figtree.woff2', { 'if-none-match': headers.etag ?? '' });
    expect(again.status).toBe(304);
  });

  it('have a picture for every product', async () => {
    const { body } = await askShop(shop, '/');
    const pictures = [...body.matchAll(/<img src="[^"]*(\/assets\/[^"]+)" width="240"/g)].map(
      ([, path = '']) => path,
    );
    expect(new Set(pictures).size).toBe(20);
    const statuses = await Promise.all(pictures.map(async (path) => (await askShop(shop, path)).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('answer wrong questions with a sentence', async () => {
    const empty = await askShop(shop, '/api/order', { body: customer });
    expect(empty).toMatchObject({ status: 400, body: '{"error":"There is nothing in your cart."}' });
    const sold = await askShop(shop, '/api/cart', { body: '{"product":999,"quantity":1}' });
    expect(sold).toMatchObject({ status: 404, body: '{"error":"There is no such product."}' });
    const garbage = await askShop(shop, '/api/cart', { body: '{' });
    expect(garbage).toMatchObject({ status: 400, body: '{"error":"The request body is not JSON."}' });
    const lost = await askShop(shop, '/no/<b>such</b>/page');
    expect(lost.status).toBe(404);
    expect(lost.body).not.toContain('<b>');
  });
});

describe('the private DNS', () => {
  it.each([
    ['UDP', askUdp],
    ['TCP', askTcp],
  ])('leads from the root to the shop over %s', async (_, ask) => {
    let server = shop.dnsRoots[0] ?? { address: '', port: 0 };
    for (let hops = 0; hops < 5; hops++) {
      const answer = await ask(server, 'shop.headwater.test', 'A');
      expect(answer.rcode).toBe('NOERROR');
      if (answer.answers?.length) {
        expect(answer.flag_aa).toBe(true);
        expect(answer.answers).toMatchObject([{ type: 'A', data: '127.0.0.1' }]);
        return;
      }
      const [glue] = answer.additionals ?? [];
      server = { address: glue?.type === 'A' ? glue.data : '', port: server.port };
    }
    throw new Error('The referrals do not end.');
  });

  it('has no HTTPS record for the shop, and no such name as others', async () => {
    const own = { address: Object.keys(shop.dnsPortOf).at(-1) ?? '', port: shop.dnsRoots[0]?.port ?? 0 };
    expect(await askUdp(own, 'shop.headwater.test', 'UNKNOWN_65')).toMatchObject({
      rcode: 'NOERROR',
      answers: [],
    });
    expect(await askUdp(own, 'nobody.headwater.test', 'A')).toMatchObject({ rcode: 'NXDOMAIN' });
  });
});

describe('stop', () => {
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const isOpen = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });

  it('leaves no process, port or folder, and may be called twice', async () => {
    const folder = dirname(shop.parts[0]?.log ?? '');
    const ports = [shop.url, shop.humanUrl].map((url) => Number(new URL(url).port));
    expect(shop.parts.map((part) => isAlive(part.pid))).toEqual(shop.parts.map(() => true));
    expect(existsSync(folder)).toBe(true);
    await Promise.all([shop.stop(), shop.stop()]);
    expect(shop.parts.filter((part) => isAlive(part.pid)).map((part) => part.name)).toEqual([]);
    expect(await Promise.all(ports.map(isOpen))).toEqual([false, false]);
    expect(existsSync(folder)).toBe(false);
  });
});
