/** The parts that make TLS and the load balancer slow or broken, each by itself and without a browser. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../probe/program-path.ts';
import { parseFault } from '../../scenarios/faults/index.ts';
import { makeShopCertificate } from '../../scenarios/shop/certificate.ts';
import { haproxyConfig } from '../../scenarios/shop/haproxy-config.ts';
import { injectedFile, readInjected } from '../../scenarios/shop/injected.ts';
import { nginxConfig } from '../../scenarios/shop/nginx-config.ts';
import { type Part, startNodePart } from '../../scenarios/shop/part.ts';
import { startPools } from '../../scenarios/shop/pools.ts';
import { startProxy } from '../../scenarios/shop/proxy.ts';
import { healthySettings } from '../../scenarios/shop/settings.ts';

let dir = '';
const parts: Part[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'headwater-front-'));
});
afterAll(async () => {
  await Promise.all(parts.map((part) => part.stop()));
  await rm(dir, { recursive: true, force: true });
});

async function node(name: string, module: string, options: object): Promise<{ port: number }> {
  const command = { name, module, args: [JSON.stringify(options)] };
  const { part, ready } = await startNodePart<{ port: number }>(command, { dir, watch: () => {} });
  parts.push(part);
  return ready;
}

function settingsWith(...faults: string[]) {
  const settings = healthySettings();
  for (const text of faults) {
    const fault = parseFault(text);
    fault.apply(settings, fault.ms ?? fault.defaultMs);
  }
  return settings;
}

const PLACE = { tlsPort: 1, plainPort: 2, certificate: 'c.pem', key: 'c.key', syslogPort: 3 };
const webs = [
  { name: 'web-1', port: 11 },
  { name: 'web-2', port: 12 },
];

async function haproxyWith(...faults: string[]): Promise<string> {
  const { tls, proxy } = settingsWith(...faults);
  const pools = await startPools(proxy.pools, webs, async () => ({ port: 99 }));
  return haproxyConfig({ ...PLACE, dir, backends: webs, tls, settings: proxy, pools });
}

describe('HAProxy’s configuration', () => {
  it('has nothing of a fault when there is none', async () => {
    expect(await haproxyWith()).not.toMatch(/curves|no-tls-tickets|use_backend|cachesize|socks4/);
  });

  it.each([
    ['tls-retry', / curves P-384 /],
    ['tls-no-resumption', / no-tls-tickets /],
    ['tls-no-resumption', /tune\.ssl\.cachesize 0/],
    ['lb-timeout=300', /timeout server 300\n/],
    ['lb-queue', /server web-2 127\.0\.0\.1:12 maxconn 1\n/],
    ['lb-dead-server=70', /timeout connect 70\n {2}server web-0 127\.0\.0\.1:99/],
    ['lb-silent-server=70', /timeout server 70\n {2}server web-0 127\.0\.0\.1:99/],
    ['lb-slow-connect', /server web-1 127\.0\.0\.1:11 maxconn 100 socks4 127\.0\.0\.1:99\n/],
    ['lb-uneven-backends', /use_backend lb-uneven-backends if \{ path_beg \/api\/stock \}/],
  ])('%s: %s', async (fault, line) => expect(await haproxyWith(fault)).toMatch(line));

  it.skipIf(!findProgram('haproxy'))('is taken by HAProxy, whatever faults come together', async () => {
    const { key, cert } = await makeShopCertificate(['shop.example']);
    const certificate = join(dir, 'check.pem');
    await writeFile(certificate, cert + key);
    const faults = ['tls-retry', 'tls-no-resumption', 'lb-queue', 'lb-dead-server', 'lb-slow-connect'];
    const config = await haproxyWith(...faults, 'lb-silent-server', 'lb-uneven-backends', 'lb-timeout');
    const file = join(dir, 'check.conf');
    await writeFile(file, config.replace('c.pem', certificate));
    expect(execFileSync('haproxy', ['-c', '-f', file]).toString()).toContain('valid');
  });

  it('is the only one that makes faults with servers of their own', () => {
    const request = { kind: 'nginx', pools: [{ name: 'x', path: '/', lines: [], servers: [] }] };
    expect(() => startProxy(request as unknown as Parameters<typeof startProxy>[0])).toThrow(
      'not by nginx: choose --proxy haproxy',
    );
  });
});

it('nginx takes what it can of the same', () => {
  const nginxWith = (...faults: string[]) => {
    const { tls, proxy } = settingsWith(...faults);
    return nginxConfig({ ...PLACE, dir, backends: webs, tls, settings: proxy });
  };
  expect(nginxWith()).toMatch(/ssl_session_cache shared(.|\n)*$/);
  expect(nginxWith()).not.toMatch(/ssl_ecdh_curve|ssl_session_tickets off/);
  expect(nginxWith('tls-retry')).toContain('ssl_ecdh_curve P-384;');
  expect(nginxWith('tls-no-resumption')).toContain('ssl_session_tickets off;');
  expect(nginxWith('lb-timeout=300')).toContain('proxy_read_timeout 300ms;');
});

describe('the certificate', () => {
  it('is valid and alone, unless a fault wants it otherwise', async () => {
    const { cert, ballast } = await makeShopCertificate(['shop.example']);
    expect(Date.parse(new X509Certificate(cert).validTo)).toBeGreaterThan(Date.now());
    expect(ballast).toBe('');
  });

  it('has expired when it was told to', async () => {
    const { cert } = await makeShopCertificate(['shop.example'], { expiredDays: 3 });
    const { validFrom, validTo } = new X509Certificate(cert);
    const days = (Date.now() - Date.parse(validTo)) / 86_400_000;
    expect(days).toBeGreaterThan(2.99);
    expect(days).toBeLessThan(3.01);
    expect(Date.parse(validFrom)).toBeLessThan(Date.parse(validTo));
  });

  it('comes with as much as a fault wants', async () => {
    const { ballast } = await makeShopCertificate(['shop.example'], { chainBytes: 8_000 });
    const all = ballast.split(/(?=-----BEGIN)/).filter((pem) => pem.startsWith('-----BEGIN'));
    const bytes = all.reduce((sum, pem) => sum + new X509Certificate(pem).raw.length, 0);
    expect(bytes).toBeGreaterThanOrEqual(8_000);
    expect(bytes).toBeLessThan(16_000);
  });
});

describe('a server from which nobody gets an answer', () => {
  /** What has happened on a new connection before it is given up. */
  const tryFor = (port: number, ms: number) =>
    new Promise<string>((resolve) => {
      let seen = 'no connection';
      const socket = connect(port, '127.0.0.1', () => {
        seen = 'connected';
        socket.write('GET / HTTP/1.1\r\n\r\n');
      });
      socket.on('data', () => {
        seen = 'answered';
      });
      setTimeout(() => {
        socket.destroy();
        resolve(seen);
      }, ms);
    });

  it('takes the connection and says nothing', async () => {
    const { port } = await node('silent', 'dead-end', { kind: 'silent' });
    expect(await tryFor(port, 200)).toBe('connected');
  });

  it.skipIf(process.platform !== 'linux')('or takes none, since its accept queue is full', async () => {
    const { port } = await node('full', 'dead-end', { kind: 'full' });
    // the queue is being filled: some of these may still find room
    await expect.poll(() => tryFor(port, 200), { timeout: 10_000 }).toBe('no connection');
  });
});

it('a SOCKS gate lets through, late, and notes how late', async () => {
  const echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const upstream = (echo.address() as { port: number }).port;
  const { port } = await node('gate', 'socks-gate', { fault: 'gated', ms: 80 });
  const request = Buffer.from([4, 1, upstream >> 8, upstream & 255, 127, 0, 0, 1, 0]);
  const startMs = performance.now();
  const answers = await new Promise<Buffer[]>((resolve) => {
    const seen: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('data', (bytes) => {
      seen.push(bytes);
      if (seen.length === 1) return void socket.write('hello');
      socket.destroy();
      resolve(seen);
    });
  });
  echo.close();
  expect([...(answers[0] ?? [])].slice(0, 2)).toEqual([0, 0x5a]);
  expect(String(answers[1])).toBe('hello');
  const [noted] = readInjected(injectedFile(dir)).filter(({ fault }) => fault === 'gated');
  expect(noted?.ms).toBeGreaterThan(75);
  expect(noted?.ms).toBeLessThanOrEqual(performance.now() - startMs);
});
