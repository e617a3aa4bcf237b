/**
 * A suite with projects, retries, fixtures, steps, a failing and a flaky test and parallel workers, run by Playwright
 * alone, with one import changed, and by `headwater run`: the results are the same, and every try is a run.
 */
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { storeSink } from '../../src/cli/receivers.ts';
import { startCollector } from '../../src/collect/collector.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { RunReport } from '../../src/model/report.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { reopened } from '../../src/run/reopen.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { whyNoPrivateNetwork } from '../capture/private-network.ts';
import { Home, type Said } from './headwater.ts';
import { type Outcomes, outcomesOf, SuiteProject, type TryResult, triesOf } from './suite-project.ts';

const SUITE = join(import.meta.dirname, 'suite');
const FLAKY = 'basket.spec.ts › is lucky only when tried again [desktop]';
const BROKEN = 'basket.spec.ts › finds no elephant [desktop]';

const home = new Home();
let project: SuiteProject;
let plain: Outcomes;
const stores: Store[] = [];

/** Of the runs that the store has now; each test file below has a store of its own. */
function storeIn(path: string): Store {
  const store = openStore(path);
  stores.push(store);
  return store;
}

beforeAll(async () => {
  project = await SuiteProject.of(SUITE, home.path);
  await project.playwright('--reporter=json');
  plain = outcomesOf(project.results());
});
afterAll(() => {
  for (const store of stores) store.close();
  project.remove();
  home.remove();
});

it('is a suite that has every kind of result', () => {
  expect(plain[FLAKY]).toEqual(['failed', 'passed', 'flaky']);
  expect(plain[BROKEN]).toEqual(['failed', 'failed', 'unexpected']);
  expect(Object.values(plain).map((tries) => tries.at(-1))).toContain('skipped');
  expect(Object.keys(plain).some((title) => title.endsWith('[phone]'))).toBe(true);
});

describe('with one import changed, and the reporter', () => {
  const mine = new Home();
  let said: Said;
  let tries: Readonly<Record<string, readonly TryResult[]>>;
  let store: Store;

  beforeAll(async () => {
    project.edit('shop-test.ts', "'@playwright/test'", "'headwater/playwright'");
    project.edit('playwright.config.ts', 'use: {', "use: { headwater: { depth: 'whole' },");
    project.env.HEADWATER_HOME = mine.path;
    said = await project.playwright('--reporter=headwater/playwright-reporter,json');
    tries = triesOf(project.results());
    store = storeIn(mine.storePath);
  });
  afterAll(() => {
    project.edit('shop-test.ts', "'headwater/playwright'", "'@playwright/test'");
    project.edit('playwright.config.ts', "use: { headwater: { depth: 'whole' },", 'use: {');
    mine.remove();
  });

  it('has the same results', () => {
    expect(outcomesOf(project.results())).toEqual(plain);
    expect(said.code).toBe(1);
  });

  it('makes a run of every try, the failed ones failed', () => {
    const ran = Object.entries(plain).flatMap(([title, [...statuses]]) => {
      statuses.pop();
      return statuses.filter((status) => status !== 'skipped').map((status) => `${title} ${status}`);
    });
    const kept = store.runs(100).map((run) => {
      const status = rootOf(store.spans(run.traceId)).attributes['headwater.test.status'];
      return `${run.journey} ${String(status)}`;
    });
    expect(kept.sort()).toEqual(ran.sort());
    const runsOf = (journey: string) => store.runs(100).filter((run) => run.journey === journey);
    expect(runsOf(FLAKY).map(({ status }) => status)).toEqual(['ok', 'failed']);
    expect(runsOf(BROKEN).map(({ status }) => status)).toEqual(['failed', 'failed']);
    const [second, first] = runsOf(FLAKY).map(
      ({ traceId }) => rootOf(store.spans(traceId)).attributes['headwater.test.retry'],
    );
    expect([first, second]).toEqual([0, 1]);
  });

  it('has the test’s steps and fixtures as steps, its calls below them, and the page’s requests', () => {
    const report = reportOf(store, 'basket.spec.ts › counts what is bought [desktop]');
    expect(report.steps.map(({ name }) => name)).toEqual(['fixture shop', 'Buy two']);
    const spans = store.spans(report.traceId);
    const step = spans.find(({ name }) => name === 'Buy two');
    const clicks = spans.filter((span) => span.name === 'locator.click');
    expect(clicks.map(({ parentSpanId }) => parentSpanId === step?.spanId)).toEqual([false, true, true]);
    expect(clicks[1]?.attributes['headwater.action.target']).toContain('Buy kettle');
    const bought = spans.filter((span) => String(span.attributes['url.full']).endsWith('/api/basket'));
    expect(bought.map((span) => span.attributes['headwater.traceparent_sent'])).toEqual([true, true]);
    expect(report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(report.wallNs);
  });

  it('hears what a page says in its console, once', () => {
    const report = reportOf(store, 'search.spec.ts › Search › knows the screen of its project [phone]');
    const events = store.spans(report.traceId).flatMap((span) => span.events);
    const said = events.filter(({ name }) => name === 'consoleError');
    expect(said.map(({ attributes }) => attributes.message)).toEqual(['too small']);
  });

  it('opens the browser before the run begins: a worker’s first test is not blamed for it', () => {
    for (const { traceId } of store.runs(100))
      expect(store.spans(traceId).map(({ name }) => name)).not.toContain('browserType.launch');
  });

  it('sees connections by the NetLog of a browser that tests share, each its own', () => {
    const connections = store.runs(100).flatMap(({ traceId }) =>
      store
        .spans(traceId)
        .filter((span) => span.attributes[HEADWATER.type] === 'connection')
        .map(
          (span) =>
            // Ports are used again.
            `${String(span.attributes['network.local.port'])} ${String(span.startUnixNano)}`,
        ),
    );
    expect(connections.length).toBeGreaterThan(10);
    expect(new Set(connections).size).toBe(connections.length);
  });

  it('prints each verdict, and gives it to the reporters that come after', () => {
    const report = reportOf(store, FLAKY);
    expect(said.stdout).toContain(report.verdict.sentence.replace(`${FLAKY} `, '● '));
    expect(said.stdout).toMatch(new RegExp(`${FLAKY.replace('[', '\\[')}.* \\(retry 1\\)`));
    const [, second] = tries[FLAKY] ?? [];
    const note = second?.annotations?.find(({ type }) => type === 'headwater');
    expect(note?.description).toContain(report.verdict.sentence);
    expect(second?.attachments.map(({ name }) => name)).toContain('headwater');
  });

  it('keeps nothing that was typed', () => {
    const texts = store.runs(100).flatMap(({ traceId }) => {
      const kept = [store.spans(traceId), store.warnings(traceId), store.run(traceId)?.report];
      return JSON.stringify(kept, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    });
    expect(texts.filter((text) => text.includes('locator.fill')).length).toBeGreaterThan(5);
    expect(texts.filter((text) => text.includes('words that were typed'))).toEqual([]);
  });
});

describe('by `headwater run`, its files as they are', () => {
  const mine = new Home();
  let said: Said;
  beforeAll(async () => {
    project.env.HEADWATER_HOME = mine.path;
    said = await project.headwater(
      'run',
      'search.spec.ts',
      'basket.spec.ts',
      '--settle',
      '0',
      '--project',
      'desktop',
      ...ANY_PORT,
      '--',
      '--reporter=json',
    );
  });
  afterAll(() => mine.remove());

  it('has the same results, and exit code 1 for the failed test', () => {
    const expected = Object.entries(plain).filter(([title]) => /^(search|basket).*desktop/.test(title));
    expect(outcomesOf(project.results())).toEqual(Object.fromEntries(expected));
    expect(said.code).toBe(1);
  });

  it('keeps a run of every try and prints the verdicts', () => {
    const store = storeIn(mine.storePath);
    expect(store.runs(100)).toHaveLength(10);
    expect(said.stdout).toContain(reportOf(store, BROKEN).verdict.sentence.replace(`${BROKEN} `, '● '));
  });

  it('passes --grep on, and ends with 0 when all is well', async () => {
    const fine = await project.headwater(
      'run',
      '.',
      '--grep',
      'finds cup',
      '--workers',
      '1',
      '--settle',
      '0',
      '--json',
      ...ANY_PORT,
    );
    const reports = fine.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as RunReport).journey);
    expect(reports.sort()).toEqual([
      'search.spec.ts › Search › finds cup [desktop]',
      'search.spec.ts › Search › finds cup [phone]',
    ]);
    expect(fine.code).toBe(0);
  });

  it('judges the last try of each test by its budgets', async () => {
    const tea = 'search.spec.ts › Search › finds tea [desktop]';
    const journeys = { [tea]: { budgets: { total: '1ms', steps: { Find: { total: '30s' } } } } };
    project.write('headwater.config.mjs', `export default ${JSON.stringify({ journeys })};`);
    const over = await project.headwater(
      ...['run', 'search.spec.ts', '--grep', 'finds (tea|cup)', '--project', 'desktop', '--settle', '0'],
      ...['--budget', '--junit', 'budgets.xml', ...ANY_PORT],
    );
    expect(over.stdout).toMatch(
      /Budgets of search\.spec\.ts › Search › finds tea \[desktop\], judged by one run/,
    );
    expect(over.stdout).toMatch(/✖ the whole run .*\n.*\n +✓ Find /);
    expect(project.read('budgets.xml').match(/<testsuite name/g)).toHaveLength(2);
    expect(over.code).toBe(1);
    project.write('headwater.config.mjs', 'export default {};');
  });

  it('watches first tries at their requests alone with --depth requests, a retry whole', async () => {
    const light = new Home();
    project.env.HEADWATER_HOME = light.path;
    await project.headwater(
      ...['run', 'basket.spec.ts', '--project', 'desktop', '--workers', '1', '--settle', '0'],
      ...['--depth', 'requests', ...ANY_PORT, '--', '--reporter=json'],
    );
    project.env.HEADWATER_HOME = mine.path;
    const expected = Object.entries(plain).filter(([title]) => /^basket.*desktop/.test(title));
    expect(outcomesOf(project.results())).toEqual(Object.fromEntries(expected));

    const store = storeIn(light.storePath);
    const tries = store.runs(100).map(({ traceId }) => {
      const spans = store.spans(traceId);
      const types = new Set(spans.map(({ attributes }) => attributes[HEADWATER.type]));
      return {
        isRetry: rootOf(spans).attributes['headwater.test.retry'] !== 0,
        saysSo: store.warnings(traceId).some(({ code }) => code === 'probe.requests_alone'),
        seen: ['request', 'connection', 'interaction'].filter((type) => types.has(type)),
        isUnseen: rootOf(spans).attributes[HEADWATER.pageUnseen] === true,
        isJoinable: spans.some(({ attributes }) => attributes['headwater.traceparent_sent'] === true),
      };
    });
    const first = tries.filter(({ isRetry }) => !isRetry);
    const again = tries.filter(({ isRetry }) => isRetry);
    expect([first.length, again.length].every((count) => count > 1)).toBe(true);
    for (const one of first) expect(one).toMatchObject({ saysSo: true, isUnseen: true, seen: ['request'] });
    for (const one of again) expect(one).toMatchObject({ saysSo: false, isUnseen: false });
    expect(tries.every(({ isJoinable }) => isJoinable)).toBe(true);
    expect(again.some(({ seen }) => seen.includes('connection'))).toBe(true);
    light.remove();
  });

  it('is whole unless told otherwise', () => {
    const store = storeIn(mine.storePath);
    const warned = store.runs(100).flatMap(({ traceId }) => store.warnings(traceId));
    expect(warned.map(({ code }) => code)).not.toContain('probe.requests_alone');
  });

  it('ends with 2 when there is nothing to run', async () => {
    const none = await project.headwater(
      'run',
      'search.spec.ts',
      '--grep',
      'no such test',
      '--settle',
      '0',
      ...ANY_PORT,
    );
    expect(none.code).toBe(2);
  });
});

describe('by one import, at its requests', () => {
  const SPEC = ['basket.spec.ts', '--project', 'desktop', '--workers', '1'];
  beforeAll(() => project.edit('shop-test.ts', "'@playwright/test'", "'headwater/playwright'"));
  afterAll(() => project.edit('shop-test.ts', "'headwater/playwright'", "'@playwright/test'"));

  /** Of each try: whether a request carried `traceparent`, and whether the run says that none did. */
  async function askedBy(
    run: () => Promise<Said>,
  ): Promise<{ isRetry: boolean; sent: boolean; saysNot: boolean }[]> {
    const mine = new Home();
    project.env.HEADWATER_HOME = mine.path;
    await run();
    const expected = Object.entries(plain).filter(([title]) => /^basket.*desktop/.test(title));
    expect(outcomesOf(project.results())).toEqual(Object.fromEntries(expected));
    const store = storeIn(mine.storePath);
    const tries = store.runs(100).map(({ traceId }) => {
      const spans = store.spans(traceId);
      return {
        isRetry: rootOf(spans).attributes['headwater.test.retry'] !== 0,
        sent: spans.some(({ attributes }) => attributes['headwater.traceparent_sent'] === true),
        saysNot: store.warnings(traceId).some(({ code }) => code === 'probe.not_asked'),
      };
    });
    expect(tries.filter(({ isRetry }) => isRetry).length).toBeGreaterThan(1);
    mine.remove();
    return tries;
  }

  it('asks no more where servers name the trace of each answer, and shows them all the same', async () => {
    const mine = new Home();
    project.env.HEADWATER_HOME = mine.path;
    const store = openStore(join(mine.path, 'headwater.db'));
    const collector = await startCollector({
      sink: storeSink(store),
      otlpHttpPort: 0,
      otlpGrpcPort: 0,
      syslogPort: 0,
    });
    project.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${collector.ports.otlpHttp}`;
    await project.playwright(...SPEC, '--reporter=headwater/playwright-reporter,json');
    delete project.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    await collector.flush();
    const expected = Object.entries(plain).filter(([title]) => /^basket.*desktop/.test(title));
    expect(outcomesOf(project.results())).toEqual(Object.fromEntries(expected));
    const tries = store.runs(100).map(({ traceId }) => {
      const { spans, warnings } = reopened(traceId, store)!.trace;
      const answered = spans.filter(({ component }) => component === 'small shop');
      const parents = answered.map(({ parentId }) => spans.find(({ spanId }) => spanId === parentId));
      return {
        sent: spans.some(({ attributes }) => attributes['headwater.traceparent_sent'] === true),
        below: [...new Set(parents.map((parent) => parent?.attributes[HEADWATER.type]))],
        saysNot: warnings.some(({ code }) => code === 'probe.not_asked'),
        isRetry: rootOf(store.spans(traceId)).attributes['headwater.test.retry'] !== 0,
      };
    });
    await collector.stop();
    store.close();
    mine.remove();
    for (const { below, saysNot } of tries) expect([below, saysNot]).toEqual([['request'], false]);
    expect(tries.filter(({ isRetry }) => isRetry).every(({ sent }) => sent)).toBe(true);
    const first = tries.filter(({ isRetry }) => !isRetry).map(({ sent }) => sent);
    expect(first).toContain(true);
    expect(first).toContain(false);
  });

  it.skipIf(whyNoPrivateNetwork())(
    'asks no server where nobody listens for what they report, and says so; a retry does',
    async () => {
      const tries = await askedBy(() =>
        project.playwrightAlone(...SPEC, '--reporter=headwater/playwright-reporter,json'),
      );
      for (const { isRetry, sent, saysNot } of tries) expect([sent, saysNot]).toEqual([isRetry, !isRetry]);
    },
  );

  it.skipIf(whyNoPrivateNetwork())(
    'asks them where something listens at the port that the reporter is given',
    async () => {
      // The suite's own site is the only one there that listens.
      const reporters =
        "reporter: [['headwater/playwright-reporter', { port: Number(port) }], ['json']], use: {";
      project.edit('playwright.config.ts', 'use: {', reporters);
      const tries = await askedBy(() => project.playwrightAlone(...SPEC));
      project.edit('playwright.config.ts', reporters, 'use: {');
      for (const { sent, saysNot } of tries) expect([sent, saysNot]).toEqual([true, false]);
    },
  );

  it('asks none where the configuration says so', async () => {
    project.edit('playwright.config.ts', 'use: {', 'use: { headwater: { traceparent: false },');
    const tries = await askedBy(() =>
      project.playwright(...SPEC, '--reporter=headwater/playwright-reporter,json'),
    );
    project.edit('playwright.config.ts', 'use: { headwater: { traceparent: false },', 'use: {');
    for (const { sent, saysNot } of tries) expect([sent, saysNot]).toEqual([false, true]);
  });
});

describe('a suite that does not come to its end', () => {
  const BUSY = 'function busy() { const end = performance.now() + 80; while (performance.now() < end); }';
  const LONG = `import { expect, test } from 'headwater/playwright';
for (let i = 0; i < 200; i++)
  test(\`waits \${i}\`, async ({ page }) => {
    await page.goto('data:text/html,<h1>Well</h1><script>${BUSY} setTimeout(busy, 10)</script>');
    await page.waitForTimeout(150);
  });`;
  // Without a server of its own: it would outlive a Playwright that is killed.
  const CONFIG = `export default {
  workers: 1,
  reporter: 'headwater/playwright-reporter',
  use: { launchOptions: { executablePath: process.env.CHROMIUM } },
};`;

  it.each([
    ['interrupted at its terminal', (pid: number) => process.kill(-pid, 'SIGINT')],
    ['killed', (pid: number) => process.kill(pid, 'SIGKILL')],
  ])('keeps the runs of tests that had ended when it was %s, and leaves no file', async (_, end) => {
    const mine = new Home();
    const scratch = new Home();
    project.write('long.spec.ts', LONG);
    Object.assign(project.env, { HEADWATER_HOME: mine.path, TMPDIR: scratch.path });
    project.write('long.config.ts', CONFIG);
    const child = project.startPlaywright('long.spec.ts', '--config', 'long.config.ts');
    const ended = once(child, 'exit');
    await vi.waitFor(() => expect(storeIn(mine.storePath).runs(10).length).toBeGreaterThan(2), PATIENT);
    end(child.pid!);
    await ended;
    const left = () => readdirSync(scratch.path).filter((name) => name.startsWith('headwater-'));
    await vi.waitFor(() => expect(left()).toEqual([]), PATIENT);
    const kept = storeIn(mine.storePath).runs(300);
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.length).toBeLessThan(200);
    expect(kept.filter(({ status }) => status === 'ok').length).toBeGreaterThan(2);
    // By one import alone: at their requests, and what kept the page busy.
    const { traceId } = kept.find(({ status }) => status === 'ok')!;
    const store = storeIn(mine.storePath);
    expect(store.warnings(traceId).map(({ code }) => code)).toContain('probe.requests_alone');
    expect(store.spans(traceId).map(({ name }) => name)).toContain('run script busy');
    delete project.env.TMPDIR;
    for (const file of ['long.spec.ts', 'long.config.ts']) rmSync(join(project.path, file));
    mine.remove();
    scratch.remove();
  });
});

it('says how to get Playwright Test where it is missing', async () => {
  const bare = new Home();
  const said = await bare.runIn(bare.path, 'run', 'login.spec.ts');
  expect(said.code).toBe(3);
  expect(said.stderr).toContain('npm install --save-dev @playwright/test');
  bare.remove();
});

const PATIENT = { timeout: 30_000, interval: 100 };

/** Other tests may hold the usual ones. */
const ANY_PORT = [
  '--otlp-port',
  '0',
  '--grpc-port',
  '0',
  '--syslog-port',
  '0',
  '--zipkin-port',
  '0',
  '--jaeger-port',
  '0',
];

function rootOf(spans: readonly ReportedSpan[]): ReportedSpan {
  const root = spans.find((span) => span.attributes[HEADWATER.type] === 'run');
  if (!root) throw new Error('no run among the spans');
  return root;
}

function reportOf(store: Store, journey: string): RunReport {
  const run = store.runs(100).find((one) => one.journey === journey);
  const report = run && store.run(run.traceId)?.report;
  if (!report) throw new Error(`no run of ${journey}`);
  return report;
}
