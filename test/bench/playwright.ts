/**
 * `npm run bench:playwright`: what Headwater costs a suite of twenty tests, in wall time of the whole command, from
 * its start until its verdicts are printed. The same project is run without and with Headwater, in turns.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium } from '../../probe/chromium.ts';
import { isExecutable } from '../../probe/program-path.ts';
import { DEPTHS, type Depth, depthOf } from '../../probe/suite/depth.ts';
import { SUITE_OPTIONS_VARIABLE } from '../../probe/suite/variables.ts';
import type { HeadwaterOptions } from '../../probe/suite/with-headwater.ts';
import { startShop } from '../../scenarios/shop/start.ts';
import { SuiteProject } from '../e2e/suite-project.ts';

const MOST_RATIO = 1.05;
const TESTS = 20;
const HELP = `Runs ${TESTS} tests without and with Headwater, in turns, and compares the wall time of the whole command.
The browser is Chromium's headless shell, as Playwright's own is; where there is none, Chromium.

  npm run bench:playwright                    9 rounds, one worker, small pages of five requests
  npm run bench:playwright -- --suite shop    the demo's shop: some forty requests a test
  npm run bench:playwright -- --depth requests    without the browser's NetLog and trace
  npm run bench:playwright -- --rounds 15 --workers 2
  npm run bench:playwright -- --browser /usr/bin/chromium
  npm run bench:playwright -- --check         fail when the ratio of the medians is above ${MOST_RATIO}`;

interface Took {
  /** The whole command. */
  readonly wallMs: number;
  /** From the first test's begin to the last one's end, by Playwright's own count. */
  readonly testsMs: number;
}

async function timed(project: SuiteProject, args: readonly string[]): Promise<Took> {
  const startMs = performance.now();
  const said = await project.playwright('--config', 'bench/suite', ...args);
  const wallMs = performance.now() - startMs;
  const results = project.results();
  if (said.code !== 0 || results.stats.expected !== TESTS)
    throw new Error(`the suite did not pass: ${said.stdout.slice(-2_000)}${said.stderr.slice(-2_000)}`);
  return { wallMs, testsMs: results.stats.duration };
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const quantile = (values: readonly number[], q: number): number => {
  const list = sorted(values);
  const at = (list.length - 1) * q;
  const [below = 0, above = 0] = [list[Math.floor(at)], list[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
};
const median = (values: readonly number[]): number => quantile(values, 0.5);

function line(what: string, plain: readonly number[], with_: readonly number[]): string {
  const ratios = with_.map((ms, i) => ms / (plain[i] ?? Number.NaN));
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
  const spread = `${quantile(ratios, 0.25).toFixed(3)}–${quantile(ratios, 0.75).toFixed(3)}`;
  const ratio = (median(with_) / median(plain)).toFixed(3);
  return `${what.padEnd(18)} ${seconds(median(plain))} → ${seconds(median(with_))}   ${ratio} ×   (middle half of the pairs ${spread})`;
}

/** Debian's package; its command is a shell around it. */
const HEADLESS_SHELL = '/usr/lib/chromium/chromium-headless-shell';

const usualBrowser = async (): Promise<string> =>
  isExecutable(HEADLESS_SHELL) ? HEADLESS_SHELL : ((await findChromium()) ?? '');

/** What a suite visits, as its configuration reads it. */
interface Site {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

async function startSmall(port: string): Promise<Site> {
  const script = join(import.meta.dirname, '../e2e/suite/site.mjs');
  const site = spawn(process.execPath, [script], { env: { ...process.env, PORT: port } });
  return { env: { SITE: `http://localhost:${port}` }, stop: async () => void site.kill() };
}

/** Its servers' reports go nowhere, as they do without a `headwater serve`. */
async function startRealShop(): Promise<Site> {
  const nobody = createServer((request, response) => request.resume().on('end', () => response.end()));
  nobody.listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const { port } = nobody.address() as AddressInfo;
  const shop = await startShop({ otlpUrl: `http://127.0.0.1:${port}`, syslogPort: port });
  const args = [
    '--host-resolver-rules=MAP *.test 127.0.0.1',
    `--ignore-certificate-errors-spki-list=${shop.pins.join(',')}`,
  ];
  return {
    env: { SITE: shop.url, BROWSER_ARGS: JSON.stringify(args) },
    async stop() {
      await shop.stop();
      nobody.close();
      nobody.closeAllConnections();
    },
  };
}

const SUITES = { small: startSmall, shop: startRealShop };

interface Asked {
  readonly suite: keyof typeof SUITES;
  readonly rounds: number;
  readonly workers: number;
  readonly browser: string;
  readonly depth: Depth;
}

async function bench({ suite, rounds, workers, browser, depth }: Asked): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  for (const folder of ['bench/suite', 'e2e/suite'])
    cpSync(join(import.meta.dirname, '..', folder), join(scratch, 'test', folder), { recursive: true });
  const env = { WORKERS: String(workers), SUITE: suite };
  const plain = await SuiteProject.of(join(scratch, 'test'), join(scratch, 'home'), env);
  const site = await SUITES[suite](plain.env.PORT ?? '');
  Object.assign(plain.env, site.env, { CHROMIUM: browser });
  const observed = plain.copy();
  observed.env[SUITE_OPTIONS_VARIABLE] = JSON.stringify({ depth } satisfies HeadwaterOptions);
  observed.edit('e2e/suite/shop-test.ts', "'@playwright/test'", "'headwater/playwright'");
  try {
    const took: { plain: Took[]; observed: Took[] } = { plain: [], observed: [] };
    for (let round = 0; round <= rounds; round++) {
      const pair: [() => Promise<void>, () => Promise<void>] = [
        async () => void took.plain.push(await timed(plain, ['--reporter=json'])),
        async () =>
          void took.observed.push(await timed(observed, ['--reporter=json,headwater/playwright-reporter'])),
      ];
      for (const run of round % 2 === 0 ? pair : pair.reverse()) await run();
      // The first pair fills caches.
      if (round === 0) Object.assign(took, { plain: [], observed: [] });
    }
    const of = (key: keyof Took) => [took.plain, took.observed].map((list) => list.map((t) => t[key]));
    const [plainWall = [], observedWall = []] = of('wallMs');
    const [plainTests = [], observedTests = []] = of('testsMs');
    console.log(
      `${TESTS} tests (${suite}, ${depth}), ${workers} worker${workers === 1 ? '' : 's'}, ${browser}, ${rounds} pairs, medians:`,
    );
    console.log(line('the whole command', plainWall, observedWall));
    console.log(line('the tests', plainTests, observedTests));
    return median(observedWall) / median(plainWall);
  } finally {
    await site.stop();
    plain.remove();
    observed.remove();
    rmSync(scratch, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'small' },
    rounds: { type: 'string', default: '9' },
    workers: { type: 'string', default: '1' },
    browser: { type: 'string' },
    depth: { type: 'string', default: 'whole' },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) console.log(HELP);
else if (!Object.hasOwn(SUITES, values.suite)) {
  console.error(`There is no suite "${values.suite}": ${Object.keys(SUITES).join(' or ')}.`);
  process.exitCode = 2;
} else if (!DEPTHS.some((depth) => depth === values.depth)) {
  console.error(`There is no depth "${values.depth}": ${DEPTHS.join(' or ')}.`);
  process.exitCode = 2;
} else {
  const ratio = await bench({
    suite: values.suite as keyof typeof SUITES,
    rounds: Number(values.rounds),
    workers: Number(values.workers),
    depth: depthOf(values.depth),
    browser: values.browser ?? (await usualBrowser()),
  });
  if (values.check && ratio > MOST_RATIO) process.exitCode = 1;
}
