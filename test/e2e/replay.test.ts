/**
 * A slow path that was recorded is walked again on the real shop: with its fault the replays name it, without it they
 * say that it is gone. One shop of each kind, five kinds of recordings.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/analyse/compare/reproduced.ts';
import type { Comparison } from '../../src/model/comparison.ts';
import type { RunReport } from '../../src/model/report.ts';
import type { LeftOut } from '../../src/replay/recording.ts';
import { Home, type Said } from './headwater.ts';

const home = new Home();
const running: ChildProcess[] = [];
/** As far apart as a busy machine's noise never is. */
const FAULT = 'db-seq-scan=400';
const GUILTY = { layer: 'db', cause: 'db.seq_scan' };

interface Answer {
  readonly file: string;
  readonly source: string;
  readonly original: string;
  readonly isFirstReplay: boolean;
  readonly replays: readonly { traceId: string; status: string }[];
  readonly outcome: Outcome;
  readonly comparison: Comparison;
  readonly leftOut: readonly LeftOut[];
  readonly without: readonly { condition: string; state: string }[];
  readonly viewerUrl: string | null;
}

interface ShopUp {
  readonly report: RunReport;
  readonly url: string;
  /** How it is found: `--dns`, `--pin`. */
  readonly flags: readonly string[];
  readonly viewerPort: string;
  stop(): Promise<void>;
}

/** A demo that stays up, as a person leaves it in another terminal. */
async function shopUp(...args: readonly string[]): Promise<ShopUp> {
  const child = home.start(['demo', '--json', '--proxy', 'haproxy', '--port', '0', '--no-agent', ...args]);
  running.push(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  while (!stderr.includes('Ctrl-C stops')) {
    if (child.exitCode !== null) throw new Error(`the demo ended: ${stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [, url = '', dns = '', pin = ''] = /--url (\S+) --dns (\S+) --pin (\S+)/.exec(stderr) ?? [];
  return {
    report: JSON.parse(stdout) as RunReport,
    url: url.replace(/\/$/, ''),
    flags: ['--dns', dns, '--pin', pin],
    viewerPort: /viewer http:\/\/127\.0\.0\.1:(\d+)/.exec(stderr)?.[1] ?? '',
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}

const PORTS = ['otlp', 'grpc', 'syslog', 'zipkin', 'jaeger'].flatMap((name) => [`--${name}-port`, '0']);

/** As far as one shop differs from another, not more: the repeat and the wait are the test's. */
const replay = (shop: ShopUp, recording: string, ...args: readonly string[]): Promise<Said> =>
  home.runWith(
    { ORDER_COOKIE: CART, ORDER_TYPE: JSON_TYPE },
    ...['replay', recording, '--json', '--settle', '1500', '--port', shop.viewerPort, ...PORTS, ...args],
  );

function answerIn(said: Said): Answer {
  if (said.stdout.trim() === '') throw new Error(`nothing on stdout; stderr: ${said.stderr}`);
  return JSON.parse(said.stdout) as Answer;
}

const CART = 'cart=1.1';
const JSON_TYPE = 'application/json';
const ORDER = '{"name":"Ada Marsh","email":"ada.marsh@example.com","address":"1 Weir Lane"}';
/** What a HAR does not hold of the order, and how it is supplied. */
const orderParts = [
  ...['--set', `body POST /api/order=${ORDER}`],
  ...['--header-env', 'cookie=ORDER_COOKIE', '--header-env', 'content-type=ORDER_TYPE'],
];

const CUSTOMER = ['Name=Ada Marsh', 'E-mail=ada.marsh@example.com', 'Address=1 Weir Lane'];
const typed = CUSTOMER.flatMap((each) => ['--set', each]);

/** As the recorder writes it; the last selector of each is what a person would never write. */
const flow = (url: string): string =>
  JSON.stringify({
    title: 'Buy a kettle',
    steps: [
      {
        type: 'setViewport',
        width: 1100,
        height: 700,
        deviceScaleFactor: 1,
        isMobile: false,
        hasTouch: false,
        isLandscape: false,
      },
      {
        type: 'navigate',
        url: `${url}/`,
        assertedEvents: [{ type: 'navigation', url: `${url}/`, title: '' }],
      },
      click('aria/River Kettle[role="link"]', 'a[href="/product/1"]', `${url}/product/1`),
      click('aria/Add to cart[role="button"]', 'main button'),
      {
        type: 'waitForElement',
        selectors: [['aria/River Kettle is in your cart'], ['text/River Kettle is in your cart']],
      },
      { type: 'navigate', url: `${url}/checkout` },
      change('Name', 'Ada Marsh'),
      change('E-mail', 'ada.marsh@example.com'),
      change('Address', '1 Weir Lane'),
      click('aria/Place order[role="button"]', 'form button', `${url}/confirmation/17`),
    ],
  });
const click = (aria: string, css: string, leadsTo?: string) => ({
  type: 'click',
  target: 'main',
  selectors: [[aria], [css]],
  offsetX: 10,
  offsetY: 10,
  ...(leadsTo && { assertedEvents: [{ type: 'navigation', url: leadsTo, title: '' }] }),
});
const change = (label: string, value: string) => ({
  type: 'change',
  target: 'main',
  selectors: [[`aria/${label}`], [`input[name="${label.toLowerCase().replace('-', '')}"]`]],
  value,
});

const curl = (url: string, attempt: number): string => {
  const { host } = new URL(url);
  return [
    `curl '${url}/api/order'`,
    `  --resolve '${host}:127.0.0.1' -k --compressed`,
    `  -H 'content-type: ${JSON_TYPE}' -H 'x-attempt: ${attempt}' -b '${CART}'`,
    `  --data-raw '${ORDER}'`,
  ].join(' \\\n');
};

/** As Playwright's codegen writes it. */
const codegen = (url: string): string => `import { test, expect } from '@playwright/test';

test('test', async ({ page }) => {
  await page.goto('${url}/');
  await page.getByRole('link', { name: 'River Kettle' }).click();
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await expect(page.getByText('River Kettle is in your cart')).toBeVisible();
  await page.goto('${url}/checkout');
  await page.getByLabel('Name').fill('Ada Marsh');
  await page.getByLabel('E-mail').fill('ada.marsh@example.com');
  await page.getByLabel('Address').fill('1 Weir Lane');
  await page.getByRole('button', { name: 'Place order' }).click();
  await page.waitForURL('**/confirmation/**');
});
`;

interface Har {
  readonly log: {
    readonly pages: { title: string }[];
    readonly entries: { readonly response: { headers: { name: string }[] } }[];
  };
}

/** As of a site whose servers do not name their traces; by its title it is another recording. */
function withoutServerTiming(text: string): string {
  const { log } = JSON.parse(text) as Har;
  for (const page of log.pages) page.title += ' of a silent site';
  for (const { response } of log.entries)
    response.headers = response.headers.filter(({ name }) => name !== 'server-timing');
  return JSON.stringify({ log });
}

let slow: ShopUp;
/** The command that was replayed last: a first replay is kept, so that each attempt needs a command of its own. */
let order = '';
let attempts = 0;
const file = (name: string) => join(home.path, name);

beforeAll(async () => {
  slow = await shopUp('--fault', FAULT);
  writeFileSync(file('kettle.json'), flow(slow.url));
  writeFileSync(file('kettle.spec.ts'), codegen(slow.url));
}, 120_000);

afterAll(async () => {
  for (const child of running) child.kill('SIGINT');
  await Promise.all(
    running.map((child) =>
      child.exitCode === null ? new Promise((resolve) => child.on('close', resolve)) : 0,
    ),
  );
  home.remove();
});

function expectReproduced(answer: Answer): void {
  expect(answer.outcome.sentence).toMatch(/^Reproduced: /);
  expect(answer.outcome.guilty).toMatchObject(GUILTY);
  const part = answer.comparison.parts.find(({ cause }) => cause === GUILTY.cause);
  expect(part).toMatchObject({ layer: 'db' });
  expect(Math.min(part!.aNs, part!.bNs)).toBeGreaterThan(100e6);
}

function expectGone(answer: Answer): void {
  expect(answer.outcome.sentence).toMatch(/^Not reproduced: .*seq scan.* is gone/);
  expect(answer.outcome.guilty).toMatchObject(GUILTY);
  const [most] = [...answer.comparison.parts]
    .filter(({ layer }) => layer === 'db')
    .sort((a, b) => a.deltaNs - b.deltaNs);
  expect([most?.cause, most?.bNs]).toEqual([GUILTY.cause, expect.toSatisfy((ns: number) => ns > 100e6)]);
}

describe('while the fault is there', { timeout: 180_000 }, () => {
  it('sends nothing that changes something at the server, and says what it would take', async () => {
    const answer = answerIn(await replay(slow, slow.report.traceId, '--repeat', '1'));
    expect(answer.outcome.state).toBe('unclear');
    expect(answer.outcome.sentence).toContain('“Place order”, which is not replayed');
    expect(answer.leftOut.map(({ what }) => what)).toEqual([
      'step “Add to cart”',
      'step “Check out”',
      'step “Place order”',
    ]);
    expect(answer.leftOut[0]?.supply).toContain('--unsafe');
    expect(answer.source).not.toContain("await step('Place order'");
    writeFileSync(file('order.sh'), curl(slow.url, 0));
    const refused = await replay(slow, file('order.sh'));
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(/Nothing of it can be replayed: .*POST \/api\/order.*--unsafe/);
  });

  it('a trace ID: the same steps under the same conditions, and the same fault', async () => {
    const answer = answerIn(await replay(slow, slow.report.traceId, '--unsafe', ...typed));
    expect(answer.original).toBe(slow.report.traceId);
    expect(answer.replays.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
    expectReproduced(answer);
    expect(answer.viewerUrl).toContain(`:${slow.viewerPort}/compare/`);
    expect(existsSync(answer.file)).toBe(true);
    for (const secret of ['Ada Marsh', 'ada.marsh@'])
      expect(readFileSync(answer.file, 'utf8')).not.toContain(secret);
  });

  it('a recording of Chrome DevTools Recorder: its first replay is the original', async () => {
    const answer = answerIn(await replay(slow, file('kettle.json'), '--unsafe', ...slow.flags));
    expect(answer.isFirstReplay).toBe(true);
    expectReproduced(answer);
  });

  it('a curl command, its body and its cookie sent by the browser', async () => {
    attempts += 1;
    order = file(`order-${attempts}.sh`);
    writeFileSync(order, curl(slow.url, attempts));
    const answer = answerIn(await replay(slow, order, '--unsafe'));
    expectReproduced(answer);
    expect(answer.source).not.toContain(CART);
    await home.run('export', answer.original, '--format', 'har', '-o', file('named.har'));
    writeFileSync(file('order.har'), withoutServerTiming(readFileSync(file('named.har'), 'utf8')));
  });

  it('a HAR of that whose answer names its trace: the servers’ part with it', async () => {
    expectReproduced(
      answerIn(await replay(slow, file('named.har'), '--unsafe', ...orderParts, ...slow.flags)),
    );
  });

  it('a HAR of that: a wait that nobody explained, and replays that saw what it was', async () => {
    const answer = answerIn(await replay(slow, file('order.har'), '--unsafe', ...orderParts, ...slow.flags));
    expect(answer.outcome.sentence).toMatch(/^Reproduced: network: .*POST \/api\/order.*seq scan/);
    expect(answer.outcome.guilty).toMatchObject({ layer: 'network', cause: 'network.unexplained' });
    expect(answer.outcome.seenAs).toMatchObject(GUILTY);
    expect(answer.leftOut.map(({ what }) => what)).toEqual(['the body of POST /api/order']);
  });

  it('a HAR of the whole visit: what a click had sent is not sent again, and so nothing is said of it', async () => {
    await home.run('export', slow.report.traceId, '--format', 'har', '-o', file('visit.har'));
    const there = ['--unsafe', '--repeat', '1', ...slow.flags];
    const answer = answerIn(await replay(slow, file('visit.har'), ...there));
    expect(answer.outcome.state).toBe('unclear');
    expect(answer.outcome.sentence).toContain('POST /api/order');
    expect(answer.leftOut.map(({ what }) => what)).toContain('POST /api/order');
  });

  it('a script of Playwright’s codegen', async () => {
    const answer = answerIn(await replay(slow, file('kettle.spec.ts'), '--unsafe', ...slow.flags));
    expect(answer.isFirstReplay).toBe(true);
    expectReproduced(answer);
  });
});

describe('after the fault is gone', { timeout: 180_000 }, () => {
  let quick: ShopUp;
  beforeAll(async () => {
    await slow.stop();
    quick = await shopUp();
  }, 120_000);

  it('a trace ID: says what is gone', async () => {
    const there = ['--url', quick.url, ...quick.flags];
    expectGone(answerIn(await replay(quick, slow.report.traceId, '--unsafe', ...typed, ...there)));
  });

  it('a recording without times is held against its first replay', async () => {
    const there = ['--url', quick.url, ...quick.flags];
    const answer = answerIn(await replay(quick, file('kettle.json'), '--unsafe', ...there));
    expect(answer.isFirstReplay).toBe(false);
    expectGone(answer);
  });

  it('a curl command too', async () => {
    expectGone(answerIn(await replay(quick, order, '--unsafe', '--url', quick.url)));
  });

  it('a HAR too: the wait is gone', async () => {
    const answer = answerIn(
      await replay(quick, file('order.har'), '--unsafe', '--url', quick.url, ...orderParts, ...quick.flags),
    );
    expect(answer.outcome.sentence).toMatch(/^Not reproduced: network: .*POST \/api\/order.* is gone/);
  });

  it('a script of Playwright’s codegen too', async () => {
    const there = ['--url', quick.url, ...quick.flags];
    expectGone(answerIn(await replay(quick, file('kettle.spec.ts'), '--unsafe', ...there)));
  });
});

describe('what cannot be used', () => {
  it.each([
    ['nothing.har', /neither a file, nor a trace ID/],
    ['curl https://shop.example/ -H', /needs a value/],
    ['curl "https://shop.example/$ID"', /variable/],
    ['ffffffffffffffffffffffffffffffff', /No stored trace/],
  ])('%s: one sentence, exit code 2', async (asked, sentence) => {
    const said = await home.run('replay', asked);
    expect([said.code, said.stdout]).toEqual([2, '']);
    expect(said.stderr).toMatch(sentence);
    expect(said.stderr).not.toMatch(/\n\s+at /);
  });

  it('a recording without a usable step', async () => {
    writeFileSync(file('empty.json'), '{"title":"x","steps":[{"type":"customStep","name":"y"}]}');
    const said = await home.run('replay', file('empty.json'));
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('no step that can be replayed');
  });
});
