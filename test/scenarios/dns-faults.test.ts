/** What each fault of the name servers makes of the shop's name, asked as a resolver asks: from the root. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as dns from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DnsQuery } from '../../probe/dns/dns-query.ts';
import { iterativeResolver } from '../../probe/dns/iterative-resolver.ts';
import { startUnixClock } from '../../probe/unix-clock.ts';
import { faults } from '../../scenarios/faults/index.ts';
import { closeListener, type Listener, listenOn } from '../../scenarios/shop/dns-listener.ts';
import { serverCount, zonesAt } from '../../scenarios/shop/dns-zones.ts';
import { INJECTED_VARIABLE, readInjected } from '../../scenarios/shop/injected.ts';
import { SHOP_HOST, STATIC_HOST } from '../../scenarios/shop/names.ts';
import { healthySettings } from '../../scenarios/shop/settings.ts';

const ASKED_MS = 20;
let listeners: Listener[] = [];
let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'headwater-dns-faults-'));
  process.env[INJECTED_VARIABLE] = join(dir, 'injected.jsonl');
});
afterEach(() => {
  listeners.forEach(closeListener);
  delete process.env[INJECTED_VARIABLE];
  rmSync(dir, { recursive: true });
});

/** The way from the root to a name's address, under some faults. */
async function wayTo(name: string, faultNames: readonly string[]) {
  const settings = healthySettings();
  for (const fault of faultNames) faults[fault]?.apply(settings, ASKED_MS);
  const addresses = Array.from({ length: serverCount(settings.dns) }, (_, i) => `127.54.0.${i + 1}`);
  const zones = zonesAt(addresses, settings.dns);
  const started = await listenOn(
    addresses,
    (address) => zones.filter((_, i) => addresses[i] === address),
    settings.dns.delays,
  );
  listeners = started.listeners;
  const queries: DnsQuery[] = [];
  const root = { name: 'root', address: addresses[0] ?? '', port: started.port };
  const resolve = iterativeResolver([root], {
    clock: startUnixClock(),
    record: (query) => queries.push(query),
    timeoutsMs: [200, 400],
  });
  const asked = dns.encode({ type: 'query', id: 7, questions: [{ type: 'A', name }] });
  const answer = dns.decode(await resolve(asked)) as dns.DecodedPacket & { rcode: string };
  const found = (answer.answers ?? []).filter(({ type }) => type === 'A');
  return {
    rcode: answer.rcode,
    found: found.map((record) => 'data' in record && record.data),
    ways: queries.map(({ server, transport, error, answer: said }) =>
      [server.name, transport, error ?? (said?.isTruncated ? 'truncated' : said?.rcode)].join(' '),
    ),
    injected: readInjected(join(dir, 'injected.jsonl')),
  };
}

const NEEDS_ADDRESSES = process.platform === 'linux' ? undefined : 'needs the addresses 127.0.0.0/8';
const TO_THE_ZONE = ['root udp NOERROR', 'ns.nic.test udp NOERROR'];

describe.skipIf(NEEDS_ADDRESSES)(`the name servers${NEEDS_ADDRESSES ? ` (${NEEDS_ADDRESSES})` : ''}`, () => {
  it('are asked three times when they are well', async () => {
    expect(await wayTo(SHOP_HOST, [])).toEqual({
      rcode: 'NOERROR',
      found: ['127.0.0.1'],
      ways: [...TO_THE_ZONE, 'ns1.headwater.test udp NOERROR'],
      injected: [],
    });
  });

  it.each([
    ['dns-slow', SHOP_HOST, ['ns1.headwater.test udp NOERROR']],
    ['dns-slow-tld', SHOP_HOST, ['ns1.headwater.test udp NOERROR']],
    ['dns-timeout', SHOP_HOST, ['ns1.headwater.test udp timeout', 'ns2.headwater.test udp NOERROR']],
    ['dns-servfail', SHOP_HOST, ['ns1.headwater.test udp SERVFAIL', 'ns2.headwater.test udp NOERROR']],
    ['dns-refused', STATIC_HOST, ['ns1.headwater.test udp REFUSED', 'ns2.headwater.test udp NOERROR']],
    ['dns-truncated', SHOP_HOST, ['ns1.headwater.test udp truncated', 'ns1.headwater.test tcp NOERROR']],
  ])('%s: the address is found, later', async (fault, name, ways) => {
    const way = await wayTo(name, [fault]);
    expect(way.found).toEqual(['127.0.0.1']);
    expect(way.ways).toEqual([...TO_THE_ZONE, ...ways]);
    expect(way.injected).toHaveLength(1);
    expect(way.injected[0]).toMatchObject({ fault });
    expect(way.injected[0]?.ms).toBeGreaterThanOrEqual(fault === 'dns-timeout' ? 190 : ASKED_MS);
  });

  it('dns-chain: the address is found over four aliases, and all searches for them count', async () => {
    const way = await wayTo(SHOP_HOST, ['dns-chain']);
    expect(way.found).toEqual(['127.0.0.1']);
    expect(way.ways).toHaveLength(3 + 4 * 2);
    expect(way.injected).toHaveLength(1);
    expect(way.injected[0]?.ms).toBeGreaterThanOrEqual(ASKED_MS);
  });

  it('dns-gone: the name does not exist; dns-broken: nobody says where it is', async () => {
    expect(await wayTo(SHOP_HOST, ['dns-gone'])).toMatchObject({ rcode: 'NXDOMAIN', found: [] });
    listeners.forEach(closeListener);
    const broken = await wayTo(SHOP_HOST, ['dns-broken']);
    expect(broken).toMatchObject({ rcode: 'SERVFAIL', found: [] });
    expect(broken.ways).toHaveLength(2 + 4);
  });

  it('may have two faults at once, each counted by itself', async () => {
    const way = await wayTo(SHOP_HOST, ['dns-slow', 'dns-servfail', 'dns-slow-tld']);
    expect(way.found).toEqual(['127.0.0.1']);
    expect(way.injected.map(({ fault }) => fault)).toEqual(['dns-slow-tld', 'dns-servfail', 'dns-slow']);
  });
});
