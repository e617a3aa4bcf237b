/** The stand-in for HAProxy, and both faults on it: what they break is behind the proxy. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFault } from '../../scenarios/faults/index.ts';
import { haproxyConfig } from '../../scenarios/shop/haproxy-config.ts';
import { SHOP_HOST } from '../../scenarios/shop/names.ts';
import { type Shop, type ShopProgress, startShop } from '../../scenarios/shop/start.ts';
import { isHaproxyLog, readHaproxyLog } from '../../src/import/haproxy-log.ts';
import { askShop, askUdp, eventually, type Receivers, startReceivers } from './receivers.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
const DNS_DELAY_MS = 120;

let receivers: Receivers;
let shop: Shop;
const progress: ShopProgress[] = [];

beforeAll(async () => {
  receivers = await startReceivers();
  const faults = [parseFault('db-seq-scan=60'), parseFault(`dns-slow=${DNS_DELAY_MS}`)];
  shop = await startShop({
    ...receivers,
    proxy: 'embedded',
    faults,
    onProgress: (line) => progress.push(line),
  });
});
afterAll(async () => {
  await shop?.stop();
  await receivers?.close();
});

describe('the embedded proxy', () => {
  it('says that it stands in, and how to get the real one', () => {
    expect(shop.proxy).toBe('embedded');
    const notes = progress.filter((line) => line.state === 'note').map((line) => line.detail);
    expect(notes.join()).toMatch(/stands in .*apt-get install haproxy/);
  });

  it('logs the fields that HAProxy logs', async () => {
    await askShop(shop, '/', { traceparent });
    const line = await eventually('the log line', () =>
      receivers.lines.find((one) => String(one.tp_in) === traceparent),
    );
    const config = haproxyConfig({
      tlsPort: 1,
      plainPort: 2,
      certificate: 'x',
      dir: '.',
      syslogPort: 3,
      backends: [],
    });
    const format = /log-format '(.*)'/.exec(config)?.[1] ?? '';
    const fields = [...format.matchAll(/"(\w+)":/g)].map(([, field]) => field);
    expect(Object.keys(line).sort()).toEqual(fields.sort());
    expect(line).toMatchObject({
      m: 'GET',
      p: '/',
      st: 200,
      n: '1',
      sslv: 'TLSv1.3',
      alpn: 'h2',
      sni: SHOP_HOST,
      fe: 'stand-in',
    });
    expect(Number(line.acc_us)).toBeLessThan(Number(line.ssn_us));
    expect(Number(line.req_us)).toBeLessThanOrEqual(Number(line.rsp_us));
  });

  it('is read like HAProxy', async () => {
    const line = JSON.stringify(await eventually('a log line', () => receivers.lines[0]));
    expect(isHaproxyLog(line)).toBe(true);
    expect(readHaproxyLog(line).warnings).toEqual([]);
  });
});

describe('db-seq-scan', () => {
  it('makes the order read all orders', async () => {
    const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com', address: '1 Weir Lane' });
    const placed = await askShop(shop, '/api/order', { traceparent, cookie: 'cart=1.1', body });
    expect(placed.status).toBe(200);
    const plan = await eventually('the plan', () =>
      readFileSync(shop.databaseLog, 'utf8')
        .split('\n')
        .find((line) => line.includes(TRACE) && line.includes('FROM orders WHERE') && line.includes('plan:')),
    );
    const message = JSON.parse(plan).message as string;
    expect(message).toMatch(/"Node Type": "Seq Scan"[^}]*"Relation Name": "orders"/);
    expect(message.includes('ada@example.com')).toBe(false);
  });
});

describe('dns-slow', () => {
  it('delays the A answer for the shop', async () => {
    const authoritative = {
      address: Object.keys(shop.dnsPortOf).at(-1) ?? '',
      port: shop.dnsRoots[0]?.port ?? 0,
    };
    const startMs = performance.now();
    const answer = await askUdp(authoritative, SHOP_HOST, 'A');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(DNS_DELAY_MS);
    expect(answer.answers).toHaveLength(1);
  });
});
