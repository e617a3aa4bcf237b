/** `headwater doctor --target`: what one visit tells of a site, and the lines that reveal the next layer. */
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    expect(told).toMatchObject({ address, status: 200, serverName: 'Homegrown', requests: 1 });
    expect(told.connections).toMatchObject([{ host: '127.0.0.1', protocol: 'HTTP/1.1' }]);
    const dark = told.coverage.find((layer) => layer.config !== undefined);
    expect(dark).toMatchObject({ layer: 'lb', sources: [] });
    expect(told.lines).toBe(CONFIG_LINES[dark?.config ?? '']);
    expect(said.code).toBe(0);
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
