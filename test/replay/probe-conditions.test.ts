import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionOptions, dnsFrom } from '../../src/replay/run/probe-conditions.ts';
import { addressesIn, refusedNow } from '../../src/replay/run/seen-in-runs.ts';
import { http1Site, type Site } from '../probe/test-site.ts';

let site: Site;
beforeAll(async () => {
  site = await http1Site(['shop.test'], (_request, response) => response.end('ok'));
});
afterAll(() => site.close());

describe('conditions for the probe', () => {
  it('trust whatever certificate is presented, where the command says so', async () => {
    const conditions = { anyCertificate: true, addressByHost: { 'shop.test': '127.0.0.1' } };
    const { pins } = await conditionOptions(conditions, `https://shop.test:${site.port}`);
    expect(pins).toEqual([site.pin]);
    await expect(conditionOptions({ anyCertificate: true }, 'https://127.0.0.1:2')).rejects.toThrow(
      /certificate of 127\.0\.0\.1 could not be looked at/,
    );
  });

  it('map names, and leave other sites out', async () => {
    const { conditions } = await conditionOptions(
      { addressByHost: { 'a.shop.test': '2001:db8::1' }, thirdParties: 'blocked' },
      'http://www.shop.test:8080',
    );
    expect(conditions?.hostRules).toBe(
      'MAP a.shop.test [2001:db8::1], MAP * ~NOTFOUND, EXCLUDE www.shop.test, EXCLUDE shop.test, EXCLUDE *.shop.test, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    );
  });

  it.each([
    [{ cache: 'warm' }, { warm: 'cache' }],
    [{ cache: 'cold', connections: 'warm' }, { warm: 'connections' }],
    [{ cache: 'off' }, { cacheOff: true }],
    [{ cache: 'cold', connections: 'cold', names: 'cold' }, {}],
  ] as const)('%j', async (known, applied) => {
    expect((await conditionOptions(known, 'http://shop.test')).conditions).toEqual(applied);
  });

  it.each([
    ['system', { mode: 'system' }],
    ['forward', { mode: 'forward' }],
    ['forward=192.0.2.1', { mode: 'forward', servers: ['192.0.2.1'] }],
    [
      'iterative=192.0.2.1:5353',
      { mode: 'iterative', roots: [{ name: '192.0.2.1', address: '192.0.2.1', port: 5353 }] },
    ],
    ['iterative=evil; rm', undefined],
    ['carrier pigeon', undefined],
    [undefined, undefined],
  ])('DNS as a run notes it: %s', (text, dns) => {
    expect(dnsFrom(text)).toEqual(dns);
  });
});

describe('what runs tell', () => {
  const view = (...requests: readonly Record<string, string | number>[]) =>
    ({
      trace: {
        spans: requests.map((attributes) => ({ attributes: { 'headwater.type': 'request', ...attributes } })),
      },
    }) as never;
  const asked = (path: string, status: number) => ({
    'url.full': `https://a.test${path}`,
    'http.response.status_code': status,
  });

  it('addresses of hosts', () => {
    const seen = { 'server.address': 'a.test', 'network.peer.address': '192.0.2.1' };
    expect(
      addressesIn([view(seen, { 'server.address': '192.0.2.2', 'network.peer.address': '192.0.2.2' })]),
    ).toEqual({
      'a.test': '192.0.2.1',
    });
  });

  it('a login that has expired: answered then, refused now', () => {
    expect(refusedNow(view(asked('/me', 200)), view(asked('/me', 401)))).toEqual({
      path: '/me',
      status: 401,
    });
    expect(refusedNow(view(asked('/me', 403)), view(asked('/me', 403)))).toBeUndefined();
    expect(refusedNow(undefined, view(asked('/me', 403)))).toEqual({ path: '/me', status: 403 });
  });
});
