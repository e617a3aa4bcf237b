/** What page faults add to pages and put elsewhere, without a browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageFaults } from '../../scenarios/faults/page.ts';
import { startElsewhere } from '../../scenarios/shop/elsewhere/start.ts';
import { OLD_HOST, PARTNER_HOST } from '../../scenarios/shop/names.ts';
import type { Part } from '../../scenarios/shop/part.ts';
import { Html } from '../../scenarios/shop/services/html.ts';
import { ELSEWHERE_PORT_VARIABLE, headOf } from '../../scenarios/shop/services/page-additions.ts';
import { listPage } from '../../scenarios/shop/services/pages.ts';
import { healthySettings } from '../../scenarios/shop/settings.ts';

const settings = healthySettings();
for (const fault of pageFaults) fault.apply(settings, 60);

describe('additions to pages', () => {
  const context = { staticOrigin: 'https://static.example', cartCount: 0 };

  it('leave a healthy page as it was', () => {
    const healthy = listPage(context, []);
    expect(listPage({ ...context, headOf: () => new Html('') }, [])).toEqual(healthy);
    expect(String(listPage({ ...context, headOf: () => new Html('<b>') }, []).body)).toContain('<b>');
  });

  it('name the shop and the others by their addresses, and stand only where they belong', () => {
    const cart = headOf('cart', settings.pages, 'https://static.example/assets', '4443').text;
    expect(cart).toContain('href="https://cdn.thirdparty.test:4443/theme.css"');
    expect(cart).toContain('src="https://static.example/assets/fault-layout.js"');
    expect(cart).not.toMatch(/\{\w+\}|widget\.js/);
    expect(headOf('confirmation', settings.pages, '', '').text).toBe('');
  });

  it('find each host of others in the private DNS', () => {
    const hosts = new Set(settings.elsewhere.map(({ host }) => host));
    expect(new Set(settings.dns.records.map(({ name }) => name))).toEqual(hosts);
    for (const host of hosts) expect(settings.dns.zones.some((zone) => host.endsWith(`.${zone}`))).toBe(true);
  });
});

describe('the server of others', () => {
  const parts: Part[] = [];
  let dir = '';
  let port = 0;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'elsewhere-'));
    const site = { dir, watch: () => undefined };
    const { addresses } = await startElsewhere(settings.elsewhere, site, (part) => parts.push(part));
    port = Number(addresses[ELSEWHERE_PORT_VARIABLE]);
  });
  afterAll(async () => {
    for (const part of parts) await part.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const ask = (host: string, method: string, path: string): Promise<{ status: number; location?: string }> =>
    new Promise((resolve, reject) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port,
          method,
          path,
          headers: { host: `${host}:${port}` },
          rejectUnauthorized: false,
        },
        (response) => {
          const { location } = response.headers;
          response
            .resume()
            .once('end', () => resolve({ status: response.statusCode ?? 0, ...(location && { location }) }));
        },
      );
      asked.once('error', reject);
      asked.end();
    });

  it('is not started for nobody', async () => {
    const site = { dir, watch: () => undefined };
    expect(await startElsewhere([], site, () => expect.unreachable())).toEqual({ addresses: {}, pins: [] });
  });

  it('sends a link on, and on, and in the end to where it wanted to go', async () => {
    const to = 'https://shop.example/product/1';
    const seen: string[] = [];
    let next = `/kettle?to=${encodeURIComponent(to)}`;
    while (seen.length < 5 && next.startsWith('/')) {
      const { status, location = '' } = await ask(OLD_HOST, 'GET', next);
      expect(status).toBe(301);
      seen.push(location);
      next = location.replace(`https://${OLD_HOST}:${port}`, '');
    }
    expect(seen).toHaveLength(3);
    expect(next).toBe(to);
  });

  it('takes its time, but not for everything', async () => {
    const startMs = performance.now();
    expect((await ask(PARTNER_HOST, 'OPTIONS', '/points')).status).toBe(204);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(60);
    expect(settings.elsewhere.find(({ route }) => route === 'GET /points')?.delayMs).toBe(0);
  });

  it('knows no other names and ways', async () => {
    expect((await ask('shop.example', 'OPTIONS', '/points')).status).toBe(404);
    expect((await ask(PARTNER_HOST, 'GET', '/nothing')).status).toBe(404);
  });
});
