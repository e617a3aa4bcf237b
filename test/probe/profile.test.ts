/** Functions of a page and of a Node.js service, sampled while a real journey is walked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineJourney } from '../../probe/journey.ts';
import { runJourney } from '../../probe/run-journey.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { CpuProfile } from '../../src/model/cpu-profile.ts';
import { nodeWitness } from '../../src/replay/run/node-profiler.ts';
import { makeRunView } from '../../src/run/run-view.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { plainSite, type Site, send } from './test-site.ts';

const SCRIPT = `
function spin(ms) { const until = performance.now() + ms; let n = 0; while (performance.now() < until) n = hotInner(n); return n; }
function hotInner(n) { for (let i = 0; i < 2000; i++) n = Math.sqrt(n + i); return n; }
function onPress() { spin(250); document.title = 'pressed'; }
`;

describe('the page', () => {
  let site: Site;
  beforeAll(async () => {
    site = await plainSite(({ url }, response) => {
      if (url === '/app.js') send(response, 'text/javascript', SCRIPT);
      else
        send(
          response,
          'text/html',
          '<!doctype html><script src="/app.js"></script><button onclick="onPress()">press</button>',
        );
    });
  });
  afterAll(() => site.close());

  it('names the function that the slow step was spent in, under its piece of the ledger', async () => {
    const journey = defineJourney({ name: 'press' }, async ({ page, step, baseUrl }) => {
      await step('open', () => page.goto(`${baseUrl}/`).then(() => undefined));
      await step('press', async () => {
        await page.locator('button').click();
        await page.waitForFunction("document.title === 'pressed'");
      });
    });
    const baseUrl = `http://127.0.0.1:${site.port}`;
    const result = await runJourney(journey, {
      baseUrl,
      dns: { mode: 'system' },
      profile: { step: 'press' },
    });
    expect(result.files?.map(({ name }) => name)).toContain('profiles/page-1.json');
    const store = openStore(':memory:');
    store.append(result.spans);
    store.attach(result.traceId, result.files ?? []);
    const view = makeRunView(result.traceId, store, {})!;
    store.close();
    const [piece] = view.hot ?? [];
    expect(piece).toMatchObject({ layer: 'browser', thread: 'main thread of the page' });
    expect(piece!.sampledNs).toBeGreaterThan(100e6);
    expect(piece!.sampledNs).toBeLessThanOrEqual(piece!.ns);
    const hot = piece!.functions.filter(({ url }) => url.endsWith('/app.js'));
    // whichever of the two is inlined into the other
    expect(['hotInner', 'spin']).toContain(hot[0]?.name);
    expect(hot[0]!.totalNs).toBeGreaterThan(100e6);
    const file = result.files?.find(({ name }) => name === 'profiles/page-1.json');
    const profile = JSON.parse(new TextDecoder().decode(file?.body)) as CpuProfile;
    const slow = result.spans.find(
      ({ name, attributes }) => name === 'press' && attributes[HEADWATER.type] === 'step',
    )!;
    expect(BigInt(profile.fromUnixNano)).toBe(slow.startUnixNano);
    expect(profile.atNs.at(-1)).toBeLessThanOrEqual(Number(slow.endUnixNano - slow.startUnixNano));
  });
});

describe('a Node.js service', () => {
  let child: ChildProcess;
  let address = '';
  beforeAll(async () => {
    const busy = `${SCRIPT}\nsetInterval(() => spin(30), 40);`;
    child = spawn(process.execPath, ['--inspect=127.0.0.1:0', '-e', busy], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr!.on('data', (chunk) => (said += chunk));
    while (!/ws:\/\/\S+/.test(said)) await new Promise((resolve) => setTimeout(resolve, 20));
    address = /ws:\/\/(\S+?)\//.exec(said)![1]!;
  });
  afterAll(async () => {
    child.kill();
    await once(child, 'exit');
  });

  it('is sampled through its inspector, while the longest step is walked', async () => {
    const witness = nodeWitness(address, undefined);
    await witness.begin!('t');
    witness.onStep({ name: 'pay', state: 'started' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    witness.onStep({ name: 'pay', state: 'ended' });
    const { files = [], warnings } = await witness.end!('t');
    expect(warnings).toEqual([]);
    const profile = JSON.parse(new TextDecoder().decode(files[0]!.body));
    expect(profile).toMatchObject({ of: child.pid, thread: `Node.js, process ${child.pid}` });
    const names = profile.placeAt.map((place: number) => profile.functions[profile.places[place]?.[0]]?.name);
    const hot = names.filter((name: string) => name === 'hotInner' || name === 'spin');
    expect(hot.length).toBeGreaterThan(names.length / 4);
  });

  it('that has no inspector is a warning that says how to get one', async () => {
    const witness = nodeWitness('127.0.0.1:9', undefined);
    await witness.begin!('t');
    const { warnings } = await witness.end!('t');
    expect(warnings).toMatchObject([
      { code: 'replay.no_profile', message: expect.stringMatching(/^No inspector .* node --inspect/) },
    ]);
  });
});
