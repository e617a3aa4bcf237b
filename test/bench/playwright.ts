/**
 * `npm run bench:playwright`: what Headwater costs a suite of twenty tests, in wall time of the whole command, from
 * its start until its verdicts are printed. The same project is run without and with Headwater, in turns.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium } from '../../probe/chromium.ts';
import { isExecutable } from '../../probe/program-path.ts';
import { DEPTHS, type Depth } from '../../probe/suite/depth.ts';
import { portsOfListeners, somebodyListens } from '../../probe/suite/listeners.ts';
import { SUITE_OPTIONS_VARIABLE } from '../../probe/suite/variables.ts';
import type { HeadwaterOptions } from '../../probe/suite/with-headwater.ts';
import { startShop } from '../../scenarios/shop/start.ts';
import { storeSink } from '../../src/cli/receivers.ts';
import { startCollector } from '../../src/collect/collector.ts';
import { findPlaywrightTest } from '../../src/run/playwright-command.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { ROOT, type Said } from '../e2e/headwater.ts';
import { nodeIn, type PlaywrightResults, SuiteProject } from '../e2e/suite-project.ts';

const MOST_RATIO = 1.05;
const TESTS = 20;
const HELP = `Runs ${TESTS} tests without and with Headwater, in turns, and compares the wall time of the whole command.
The browser is Chromium's headless shell, as Playwright's own is; where there is none, Chromium.

  npm run bench:playwright                    9 rounds, one worker, small pages of five requests
  npm run bench:playwright -- --suite shop    the demo's shop: some forty requests a test
  npm run bench:playwright -- --listening     as where a \`headwater serve\` is up: servers are asked, or name their traces
  npm run bench:playwright -- --traceparent   they are always asked
  npm run bench:playwright -- --depth whole   with the browser's NetLog and trace; servers are asked
  npm run bench:playwright -- --project ../etherpad/src -- tests/frontend-new/specs --workers 1
                                              somebody's suite as it is, by \`headwater run\`
  npm run bench:playwright -- --rounds 15 --workers 2
  npm run bench:playwright -- --browser /usr/bin/chromium
  npm run bench:playwright -- --check         fail when the ratio of the medians is above ${MOST_RATIO}`;

interface Took {
  /** The whole command. */
  readonly wallMs: number;
  /** From the first test's begin to the last one's end, by Playwright's own count. */
  readonly testsMs: number;
  /** Tests that ended as they should. */
  readonly expected: number;
}

/** A suite, to be run without and with Headwater. */
interface Pair {
  readonly name: string;
  plain(): Promise<Took>;
  observed(): Promise<Took>;
  remove(): Promise<void>;
}

async function timed(run: () => Promise<Said>, results: () => PlaywrightResults): Promise<Took> {
  const startMs = performance.now();
  const said = await run();
  const wallMs = performance.now() - startMs;
  try {
    const { duration, expected } = results().stats;
    return { wallMs, testsMs: duration, expected };
  } catch {
    throw new Error(`the suite did not run: ${said.stdout.slice(-2_000)}${said.stderr.slice(-2_000)}`);
  }
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

/** Who takes what servers report, and the environment in which a suite hears of it. */
interface Receiver {
  readonly otlpUrl: string;
  readonly syslogPort: number;
  readonly env: Site['env'];
  stop(): Promise<void>;
}

/** Makes nothing of it. */
async function startNobody(): Promise<Receiver> {
  const nobody = createServer((request, response) => request.resume().on('end', () => response.end()));
  nobody.listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const { port } = nobody.address() as AddressInfo;
  return {
    otlpUrl: `http://127.0.0.1:${port}`,
    syslogPort: port,
    env: {},
    async stop() {
      nobody.close();
      nobody.closeAllConnections();
    },
  };
}

/** Keeps it where the suite's runs are kept, as a `headwater serve` does. */
async function startListening(home: string): Promise<Receiver> {
  const store = openStore(join(home, 'headwater.db'));
  const ports = { otlpHttpPort: 0, otlpGrpcPort: 0, syslogPort: 0 };
  const collector = await startCollector({ sink: storeSink(store), ...ports });
  const otlpUrl = `http://127.0.0.1:${collector.ports.otlpHttp}`;
  return {
    otlpUrl,
    syslogPort: collector.ports.syslog ?? 0,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl },
    async stop() {
      await collector.stop();
      store.close();
    },
  };
}

async function startSmall(port: string, receiver: Receiver): Promise<Site> {
  const script = join(import.meta.dirname, '../e2e/suite/site.mjs');
  const site = spawn(process.execPath, [script], { env: { ...process.env, PORT: port, ...receiver.env } });
  return { env: { SITE: `http://localhost:${port}` }, stop: async () => void site.kill() };
}

async function startRealShop(_port: string, { otlpUrl, syslogPort }: Receiver): Promise<Site> {
  const shop = await startShop({ otlpUrl, syslogPort });
  const args = [
    '--host-resolver-rules=MAP *.test 127.0.0.1',
    `--ignore-certificate-errors-spki-list=${shop.pins.join(',')}`,
  ];
  return {
    env: { SITE: shop.url, BROWSER_ARGS: JSON.stringify(args) },
    stop: () => shop.stop(),
  };
}

const SUITES = { small: startSmall, shop: startRealShop };

interface Asked {
  readonly suite: keyof typeof SUITES;
  readonly workers: number;
  readonly browser: string;
  readonly depth: Depth;
  /** As the product decides, unless it is to be sent. */
  readonly traceparent: true | undefined;
  readonly listening: boolean;
}

async function ownSuite({ suite, workers, browser, depth, traceparent, listening }: Asked): Promise<Pair> {
  const scratch = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  for (const folder of ['bench/suite', 'e2e/suite'])
    cpSync(join(import.meta.dirname, '..', folder), join(scratch, 'test', folder), { recursive: true });
  const env = { WORKERS: String(workers), SUITE: suite };
  const home = join(scratch, 'home');
  const plain = await SuiteProject.of(join(scratch, 'test'), home, env);
  const receiver = await (listening ? startListening(home) : startNobody());
  const site = await SUITES[suite](plain.env.PORT ?? '', receiver);
  Object.assign(plain.env, site.env, receiver.env, { CHROMIUM: browser });
  const observed = plain.copy();
  const isSent = traceparent || depth === 'whole';
  const isHeard = listening || (await somebodyListens(portsOfListeners()));
  observed.env[SUITE_OPTIONS_VARIABLE] = JSON.stringify({ depth, traceparent } satisfies HeadwaterOptions);
  observed.edit('e2e/suite/shop-test.ts', "'@playwright/test'", "'headwater/playwright'");
  const run = (project: SuiteProject, reporter: string) =>
    timed(
      () => project.playwright('--config', 'bench/suite', `--reporter=${reporter}`),
      () => project.results(),
    );
  return {
    name: `${suite}, ${depth}${isSent ? ', traceparent' : isHeard ? ', somebody listens' : ''}, ${workers} worker${workers === 1 ? '' : 's'}, ${browser}`,
    plain: () => run(plain, 'json'),
    observed: () => run(observed, 'json,headwater/playwright-reporter'),
    async remove() {
      await site.stop();
      await receiver.stop();
      plain.remove();
      observed.remove();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** Somebody's suite as it is: Playwright's own command against `headwater run`. */
function projectSuite(folder: string, args: readonly string[], depth: Depth): Pair {
  const playwright = findPlaywrightTest(join(folder, args[0] ?? '.'));
  if (!playwright)
    throw new Error(`There is no @playwright/test in ${folder}: install its dependencies first.`);
  const scratch = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  const output = join(scratch, 'results.json');
  const env = { HEADWATER_HOME: join(scratch, 'home'), PLAYWRIGHT_JSON_OUTPUT_NAME: output };
  const results = () => JSON.parse(readFileSync(output, 'utf8')) as PlaywrightResults;
  const run = (command: readonly string[]) => {
    rmSync(output, { force: true });
    return timed(() => nodeIn(folder, command, env), results);
  };
  const [target = '.', ...rest] = args;
  const headwater = [join(ROOT, 'bin/headwater.mjs'), 'run', target, '--settle', '0', '--depth', depth, '--'];
  return {
    name: `${folder}, ${depth}`,
    plain: () => run([playwright.cli, 'test', target, '--reporter=json', ...rest]),
    observed: () => run([...headwater, '--reporter=json', ...rest]),
    remove: async () => rmSync(scratch, { recursive: true, force: true }),
  };
}

async function compare(pair: Pair, rounds: number): Promise<number> {
  try {
    const took: { plain: Took[]; observed: Took[] } = { plain: [], observed: [] };
    for (let round = 0; round <= rounds; round++) {
      const both = [
        async () => void took.plain.push(await pair.plain()),
        async () => void took.observed.push(await pair.observed()),
      ];
      for (const run of round % 2 === 0 ? both : both.reverse()) await run();
      // The first pair fills caches.
      if (round === 0) Object.assign(took, { plain: [], observed: [] });
    }
    const counts = new Set([...took.plain, ...took.observed].map(({ expected }) => expected));
    if (counts.size > 1)
      console.log(`Not all runs had the same results: ${[...counts].join(', ')} as expected.`);
    const of = (key: keyof Took) => [took.plain, took.observed].map((list) => list.map((t) => t[key]));
    const [plainWall = [], observedWall = []] = of('wallMs');
    const [plainTests = [], observedTests = []] = of('testsMs');
    console.log(`${[...counts][0]} tests (${pair.name}), ${rounds} pair${rounds === 1 ? '' : 's'}, medians:`);
    console.log(line('the whole command', plainWall, observedWall));
    console.log(line('the tests', plainTests, observedTests));
    return median(observedWall) / median(plainWall);
  } finally {
    await pair.remove();
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string', default: 'small' },
    rounds: { type: 'string', default: '9' },
    workers: { type: 'string', default: '1' },
    browser: { type: 'string' },
    depth: { type: 'string', default: 'requests' },
    listening: { type: 'boolean', default: false },
    traceparent: { type: 'boolean' },
    project: { type: 'string' },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const depth = DEPTHS.find((known) => known === values.depth);
if (values.help) console.log(HELP);
else if (!Object.hasOwn(SUITES, values.suite)) {
  console.error(`There is no suite "${values.suite}": ${Object.keys(SUITES).join(' or ')}.`);
  process.exitCode = 2;
} else if (!depth) {
  console.error(`There is no depth "${values.depth}": ${DEPTHS.join(' or ')}.`);
  process.exitCode = 2;
} else {
  try {
    const pair = values.project
      ? projectSuite(resolve(values.project), positionals, depth)
      : await ownSuite({
          suite: values.suite as keyof typeof SUITES,
          workers: Number(values.workers),
          browser: values.browser ?? (await usualBrowser()),
          depth,
          traceparent: values.traceparent ? true : undefined,
          listening: values.listening,
        });
    const ratio = await compare(pair, Number(values.rounds));
    if (values.check && ratio > MOST_RATIO) process.exitCode = 1;
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 3;
  }
}
