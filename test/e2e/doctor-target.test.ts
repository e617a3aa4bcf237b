/** `headwater doctor --target`: what one visit tells of a site, and the lines that reveal the next layer. */
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startShop } from '../../scenarios/shop/start.ts';
import { CONFIG_LINES } from '../../src/doctor/config-lines.ts';
import type { Coverage } from '../../src/model/report.ts';
import { Home } from './headwater.ts';

const home = new Home();
const site: Server = createServer((request, response) => {
  response.setHeader('server', 'Homegrown');
  response.setHeader('content-type', 'text/html');
  response.statusCode = request.url === '/' ? 200 : 404;
  response.end('<!doctype html><title>Site</title><link rel="icon" href="data:,"><h1>Site</h1>');
});
let address = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const bound = site.address();
  address = `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}/`;
});
afterAll(() => {
  site.close();
  home.remove();
});

describe('a target', () => {
  it('is told with its connections, coverage, and the lines for the first dark layer', async () => {
    const said = await home.run('doctor', '--target', address, '--settle', '0', '--json');
    const told = JSON.parse(said.stdout) as Record<string, unknown> & { coverage: Coverage[]; lines: string };
    const answer = { status: 200, serverName: 'Homegrown', namesTraces: false, requests: 1 };
    expect(told).toMatchObject({ address, ...answer });
    expect(told.connections).toMatchObject([{ host: '127.0.0.1', protocol: 'HTTP/1.1' }]);
    const dark = told.coverage.find((layer) => layer.config !== undefined);
    expect(dark).toMatchObject({ layer: 'lb', sources: [] });
    expect(told.lines).toBe(CONFIG_LINES[dark?.config ?? '']);
    expect(said.code).toBe(0);
  });

  it('has its names looked up again from the roots, and the certificate told', async () => {
    const shop = await startShop({ otlpUrl: 'http://127.0.0.1:9', syslogPort: 9 });
    try {
      const [root] = shop.dnsRoots;
      const at = Object.entries(shop.dnsPortOf).at(-1)!.join(':');
      const flags = [
        '--dns',
        `forward=${at}`,
        '--dns-root',
        `${root!.address}:${root!.port}`,
        '--settle',
        '0',
      ];
      const pin = shop.pins.flatMap((sha256) => ['--pin', sha256]);
      const said = await home.run('doctor', '--target', shop.url, ...flags, ...pin);
      expect(said.stdout).toContain('HTTP/2');
      expect(said.stdout).toContain('Its answers name their traces');
      expect(said.stdout).toMatch(/TLS 1\.3.*certificate good for \d+ days/);
      expect(said.stdout).toMatch(/The way to \S+, cold: 127\.0\.0\.1 after/);
      expect(said.stdout).toMatch(/\n {2}\. .*refers to test/);
      expect(said.code).toBe(0);
    } finally {
      await shop.stop();
    }
  });

  it('that does not answer is one sentence and what to do', async () => {
    const said = await home.run('doctor', '--target', 'http://127.0.0.1:9/', '--settle', '0');
    expect(said.stdout).toMatch(/✖ .*127\.0\.0\.1.*\n {2}Next: /);
    expect(said.stdout).not.toMatch(/\n {4}at |Configur/);
    expect(said.code).toBe(1);
  });

  it('that is no address is refused', async () => {
    const said = await home.run('doctor', '--target', 'shop');
    expect(said.stderr).toContain('https://shop.example');
    expect(said.code).toBe(2);
  });
});
