import dnsPacket, { type RecordType } from 'dns-packet';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { forwardResolver, parseNameServer } from '../../probe/dns/forward-resolver.ts';
import { iterativeResolver } from '../../probe/dns/iterative-resolver.ts';
import type { DnsQuery } from '../../probe/dns/upstream-query.ts';
import { startUnixClock } from '../../probe/unix-clock.ts';
import { a, NXDOMAIN, nameServer, ns, type TestNameServer, type Zone } from './test-site.ts';

const clock = startUnixClock();
const open: TestNameServer[] = [];
const start = async (zone: Zone, address?: string, port?: number) => {
  const server = await nameServer(zone, address, port);
  open.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const ask = (name: string, type: RecordType | string = 'A') =>
  dnsPacket.encode({
    type: 'query',
    id: 7,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name, type: type as RecordType }],
  });

/** The limits only matter where a server is silent; elsewhere they are out of a busy machine's way. */
function recorder(timeoutsMs = [5_000, 5_000]) {
  const queries: DnsQuery[] = [];
  return { queries, options: { clock, record: (query: DnsQuery) => queries.push(query), timeoutsMs } };
}
const named = ({ address, port }: { address: string; port: number }) => ({ name: address, address, port });

describe('forwarding', () => {
  it('hands the question on and the answer back, and records the query', async () => {
    const server = await start((name) => ({ answers: [a(name, '192.0.2.7')] }));
    const { queries, options } = recorder();
    const answer = dnsPacket.decode(await forwardResolver([named(server)], options)(ask('www.example')));
    expect(answer.id).toBe(7);
    expect(answer.answers).toMatchObject([{ type: 'A', data: '192.0.2.7' }]);
    expect(queries).toHaveLength(1);
    expect(queries[0]).toMatchObject({
      askedFor: 'www.example',
      transport: 'udp',
      type: 'A',
      answer: {
        rcode: 'NOERROR',
        records: ['A 192.0.2.7'],
        addresses: ['192.0.2.7'],
        answerCount: 1,
        ttlSeconds: 60,
        isTruncated: false,
      },
      attempt: 1,
    });
    expect(queries[0]?.endUnixNano).toBeGreaterThan(queries[0]?.startUnixNano ?? 0n);
  });

  it('asks again after a timeout, and keeps the lost query', async () => {
    let first = true;
    const server = await start((name) => {
      if (!first) return { answers: [a(name, '192.0.2.7')] };
      first = false;
      return 'silent';
    });
    const { queries, options } = recorder([50, 5_000]);
    await forwardResolver([named(server)], options)(ask('www.example'));
    expect(queries.map((q) => [q.attempt, q.error, q.answer?.rcode])).toEqual([
      [1, 'timeout', undefined],
      [2, undefined, 'NOERROR'],
    ]);
  });

  it('goes over TCP when the answer was cut', async () => {
    const server = await start((name) => ({
      flags: dnsPacket.TRUNCATED_RESPONSE,
      answers: [a(name, '192.0.2.7')],
    }));
    const { queries, options } = recorder();
    const answer = dnsPacket.decode(await forwardResolver([named(server)], options)(ask('www.example')));
    expect(answer.answers).toHaveLength(1);
    expect(queries.map((q) => [q.transport, q.answer?.isTruncated])).toEqual([
      ['udp', true],
      ['tcp', false],
    ]);
  });

  it('passes NXDOMAIN on, and answers SERVFAIL when nobody does', async () => {
    const server = await start(() => NXDOMAIN);
    const { options } = recorder();
    expect(
      dnsPacket.decode(await forwardResolver([named(server)], options)(ask('no.example'))),
    ).toMatchObject({ rcode: 'NXDOMAIN' });
    const dead = { name: 'dead', address: '127.0.0.1', port: 9 };
    const { queries, options: other } = recorder();
    expect(dnsPacket.decode(await forwardResolver([dead], other)(ask('no.example')))).toMatchObject({
      rcode: 'SERVFAIL',
    });
    expect(queries.map((q) => q.error)).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
  });
});

/** Private root, TLD and authoritative server on one port of three addresses. */
async function hierarchy(authoritative: Zone) {
  const root = await start(
    (name) =>
      name.endsWith('test')
        ? { authorities: [ns('test', 'ns.nic.test')], additionals: [a('ns.nic.test', '127.53.1.2')] }
        : NXDOMAIN,
    '127.53.1.1',
  );
  await start(
    (name) =>
      name.endsWith('shop.test')
        ? {
            authorities: [ns('shop.test', 'ns2.shop.test'), ns('shop.test', 'ns1.shop.test')],
            additionals: [a('ns2.shop.test', '127.53.1.9'), a('ns1.shop.test', '127.53.1.3')],
          }
        : NXDOMAIN,
    '127.53.1.2',
    root.port,
  );
  await start(authoritative, '127.53.1.3', root.port);
  return { name: 'a.root', address: root.address, port: root.port };
}

describe('walking from the roots', () => {
  it('follows referrals past a dead server, then an alias, and remembers the zone', async () => {
    const root = await hierarchy((name, type) => {
      if (name === 'www.shop.test')
        return { answers: [{ type: 'CNAME', name, ttl: 30, data: 'web.shop.test' }] };
      return type === 'A' ? { answers: [a(name, '192.0.2.7')] } : {};
    });
    const { queries, options } = recorder();
    const resolve = iterativeResolver([root], options);
    const answer = dnsPacket.decode(await resolve(ask('www.shop.test')));
    expect(answer.answers?.map((r) => r.type)).toEqual(['CNAME', 'A']);
    expect(queries.map((q) => [q.zone, q.server.name, q.name, q.error ?? q.answer?.rcode])).toEqual([
      ['.', 'a.root', 'www.shop.test', 'NOERROR'],
      ['test.', 'ns.nic.test', 'www.shop.test', 'NOERROR'],
      ['shop.test.', 'ns2.shop.test', 'www.shop.test', 'ECONNREFUSED'],
      ['shop.test.', 'ns1.shop.test', 'www.shop.test', 'NOERROR'],
      ['shop.test.', 'ns2.shop.test', 'web.shop.test', 'ECONNREFUSED'],
      ['shop.test.', 'ns1.shop.test', 'web.shop.test', 'NOERROR'],
    ]);
    expect(new Set(queries.map((q) => q.askedFor))).toEqual(new Set(['www.shop.test']));
    await resolve(ask('other.shop.test'));
    expect(queries.slice(6).map((q) => q.zone)).toEqual(['shop.test.', 'shop.test.']);
  });

  it('says NXDOMAIN where the hierarchy does, and SERVFAIL when a zone is silent', async () => {
    const root = await hierarchy(() => 'silent');
    const { options } = recorder([300]);
    const resolve = iterativeResolver([root], options);
    expect(dnsPacket.decode(await resolve(ask('www.example.com')))).toMatchObject({ rcode: 'NXDOMAIN' });
    expect(dnsPacket.decode(await resolve(ask('www.shop.test')))).toMatchObject({ rcode: 'SERVFAIL' });
  });

  it('answers HTTPS questions, which dns-packet cannot name', async () => {
    const root = await hierarchy(() => ({}));
    const { queries, options } = recorder();
    const answer = dnsPacket.decode(
      await iterativeResolver([root], options)(ask('_8443._https.shop.test', 'UNKNOWN_65')),
    );
    expect(answer).toMatchObject({ rcode: 'NOERROR', questions: [{ type: 'UNKNOWN_65' }] });
    expect(queries.at(-1)).toMatchObject({ type: 'HTTPS', name: '_8443._https.shop.test' });
  });
});

describe('addresses of name servers', () => {
  it.each([
    ['192.0.2.53', '192.0.2.53', 53],
    ['192.0.2.53:5353', '192.0.2.53', 5353],
    ['[2001:db8::53]:5353', '2001:db8::53', 5353],
    ['2001:db8::53', '2001:db8::53', 53],
  ])('%s', (text, address, port) => {
    expect(parseNameServer(text)).toEqual({ name: address, address, port });
  });

  it('refuses anything else with the value in the sentence', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[g-z ]+$/), (text) => {
        expect(() => parseNameServer(text)).toThrow(`"${text}" is not the address`);
      }),
    );
  });
});
