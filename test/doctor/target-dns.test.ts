/** The delegation of a name, seen by a cold look-up at real private name servers on one port of several addresses. */
import { afterEach, describe, expect, it } from 'vitest';
import { coldLookup } from '../../src/doctor/target-dns.ts';
import { a, NXDOMAIN, nameServer, ns, type TestNameServer, type Zone } from '../probe/test-site.ts';

const open: TestNameServer[] = [];
const start = async (zone: Zone, address?: string, port?: number) => {
  const server = await nameServer(zone, address, port);
  open.push(server);
  return server;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
/** Out of a busy machine's way where no server is silent. */
const PATIENT = { timeoutsMs: [5_000] };

/** Root → test. → shop.test. (ns2 is dead, ns1 answers); hoster.test. has a server without glue. */
async function hierarchy() {
  const root = await start(
    (name) =>
      name.endsWith('test')
        ? { authorities: [ns('test', 'ns.nic.test')], additionals: [a('ns.nic.test', '127.53.2.2')] }
        : NXDOMAIN,
    '127.53.2.1',
  );
  const { port } = root;
  const tld: Zone = (name) => {
    if (name.endsWith('glueless.test')) return { authorities: [ns('glueless.test', 'ns1.shop.test')] };
    if (!name.endsWith('shop.test')) return NXDOMAIN;
    return {
      authorities: [ns('shop.test', 'ns2.shop.test'), ns('shop.test', 'ns1.shop.test')],
      additionals: [a('ns2.shop.test', '127.53.2.9'), a('ns1.shop.test', '127.53.2.3')],
    };
  };
  await start(tld, '127.53.2.2', port);
  const own: Zone = (name) => {
    if (name === 'www.shop.test')
      return {
        answers: [{ type: 'CNAME', name, ttl: 30, data: 'web.shop.test' }, a('web.shop.test', '192.0.2.7')],
      };
    if (name === 'ns1.shop.test') return { answers: [a(name, '127.53.2.3')] };
    return name.endsWith('.glueless.test') ? { answers: [a(name, '192.0.2.8')] } : NXDOMAIN;
  };
  await start(own, '127.53.2.3', port);
  return [{ name: 'a.root', address: root.address, port }];
}

describe.skipIf(process.platform !== 'linux')('a cold look-up', () => {
  it('shows each server on the way, and which is dead', async () => {
    const roots = await hierarchy();
    const found = await coldLookup('WWW.shop.test.', { roots, ...PATIENT });
    expect(found).toMatchObject({
      name: 'www.shop.test',
      rcode: 'NOERROR',
      addresses: ['192.0.2.7'],
      aliases: ['web.shop.test'],
      dead: [
        { server: { name: 'ns2.shop.test', address: '127.53.2.9' }, zone: 'shop.test.', why: 'ECONNREFUSED' },
      ],
    });
    expect(
      found.hops.map((hop) => [hop.zone, hop.server.name, hop.referral ?? hop.failure ?? hop.addresses[0]]),
    ).toEqual([
      ['.', 'a.root', 'test.'],
      ['test.', 'ns.nic.test', 'shop.test.'],
      ['shop.test.', 'ns2.shop.test', 'ECONNREFUSED'],
      ['shop.test.', 'ns1.shop.test', '192.0.2.7'],
    ]);
    expect(found.hops.every((hop) => hop.ms > 0)).toBe(true);
  });

  it('looks a name server up first where its referral came without an address', async () => {
    const roots = await hierarchy();
    const found = await coldLookup('www.glueless.test', { roots, ...PATIENT });
    expect(found.addresses).toEqual(['192.0.2.8']);
    const inner = found.hops.filter((hop) => hop.forNameServer === 'ns1.shop.test');
    expect(inner.map((hop) => hop.name)).toContain('ns1.shop.test');
    expect(found.hops.at(-1)).toMatchObject({ zone: 'glueless.test.', name: 'www.glueless.test' });
  });

  it('begins anew each time', async () => {
    const roots = await hierarchy();
    const first = await coldLookup('www.shop.test', { roots, ...PATIENT });
    const second = await coldLookup('www.shop.test', { roots, ...PATIENT });
    expect(second.hops.length).toBe(first.hops.length);
  });

  it('says NXDOMAIN and SERVFAIL for what they are', async () => {
    const roots = await hierarchy();
    expect(await coldLookup('www.example', { roots, ...PATIENT })).toMatchObject({
      rcode: 'NXDOMAIN',
      dead: [],
    });
    const dead = [{ name: 'dead', address: '127.53.2.77', port: roots[0]?.port ?? 53 }];
    const failed = await coldLookup('www.example', { roots: dead, ...PATIENT });
    expect(failed).toMatchObject({ rcode: 'SERVFAIL', dead: [{ why: 'ECONNREFUSED' }] });
  });

  it('asks named servers as well', async () => {
    const server = await start((name) => ({ answers: [a(name, '192.0.2.9')] }));
    const found = await coldLookup('www.example', { servers: [`127.0.0.1:${server.port}`], ...PATIENT });
    expect(found).toMatchObject({ addresses: ['192.0.2.9'], hops: [{ transport: 'udp' }] });
    await expect(coldLookup('www.example', { servers: [] })).rejects.toThrow('at least one server');
  });
});
