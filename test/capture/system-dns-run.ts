/**
 * A journey whose look-ups are left to the browser, in a private network whose resolv.conf names 127.0.0.53. Gives
 * `{status, spans, overhead, asked}`; with an argument, keeps the NetLog in that file.
 */
import { writeFileSync } from 'node:fs';
import { runJourney } from '../../probe/run-journey.ts';
import { a, NXDOMAIN, nameServer, secureSite, send } from '../probe/test-site.ts';
import { giveResult } from './private-network.ts';
import { readNetLogOfRun } from './read-net-log.ts';

const TRUNCATED = 0x200;
let lost = 0;
const names = await nameServer(
  (name, type) => {
    if (name.includes('gone')) return NXDOMAIN;
    if (name === 'lossy.example' && type === 'A' && lost++ === 0) return 'silent';
    if (name === 'big.example' && type === 'A') return { flags: TRUNCATED, answers: [a(name, '127.0.0.1')] };
    if (name === 'alias.example' && type === 'A')
      return {
        answers: [{ type: 'CNAME', name, ttl: 60, data: 'www.example' }, a('www.example', '127.0.0.1')],
      };
    return type === 'A' ? { answers: [a(name, '127.0.0.1')] } : {};
  },
  '127.0.0.53',
  53,
);
const HOSTS = ['lossy', 'alias', 'gone', 'big'];
const site = await secureSite(
  ['www', ...HOSTS].map((host) => `${host}.example`),
  (request, response) => {
    const script = `(async () => { for (const host of ${JSON.stringify(HOSTS)})
      await fetch('https://' + host + '.example:${site.port}/').catch(() => 0); document.title = 'done'; })()`;
    if (request.headers['sec-fetch-dest'] === 'document')
      send(response, 'text/html', `<!doctype html><script>${script}</script>`);
    else send(response, 'application/json', '{}');
  },
);
const keep = process.argv[2];
const result = await runJourney(
  {
    name: 'left to the browser',
    body: async ({ page, baseUrl, step }) => {
      await step('open', async () => {
        await page.goto(baseUrl);
        await page.waitForFunction("document.title === 'done'");
      });
      if (keep) writeFileSync(keep, await readNetLogOfRun());
    },
  },
  { baseUrl: `https://www.example:${site.port}`, dns: { mode: 'system' }, pins: [site.pin] },
);
const { status, error, spans, overhead } = result;
giveResult({ status, error, spans, overhead, asked: names.asked });
await Promise.all([site.close(), names.close()]);
