/**
 * A night with Headwater on call: the demo shop is walked on a schedule while faults come and go, and every message that
 * would have woken somebody is written down beside what was done. `npx tsx test/eval/alert-story.ts --help`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ScheduleStanding } from '../../src/model/schedule.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = join(ROOT, 'bin/headwater.mjs');

const HELP = `Walks the demo shop on a schedule while faults come and go, and writes down what the alerts said.

  npx tsx test/eval/alert-story.ts                     an hour, into docs/alert-story.md
  npx tsx test/eval/alert-story.ts --minutes 20 --every 15s --output story.md`;

/** What is done to the shop, and for which share of the time. */
interface Phase {
  readonly share: number;
  readonly fault?: string;
  readonly what: string;
}

const PHASES: readonly Phase[] = [
  { share: 0.3, what: 'The shop is well; the schedule learns what is usual.' },
  {
    share: 0.12,
    fault: 'db-seq-scan=300',
    what: 'An index is dropped: the order waits for a sequential scan of 300 ms.',
  },
  { share: 0.16, what: 'The index is back.' },
  { share: 0.1, fault: 'service-fails', what: 'The inventory service answers with errors.' },
  { share: 0.12, what: 'The inventory service is mended.' },
  { share: 0.1, fault: 'dns-slow=250', what: 'The name server waits 250 ms before it answers.' },
  { share: 0.1, what: 'The name server is quick again.' },
];

interface Told {
  readonly atMs: number;
  readonly kind: string;
  readonly text: string;
}
interface Done {
  readonly atMs: number;
  readonly what: string;
}

async function story(minutes: number, every: string, output: string): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'headwater-story-'));
  const told: Told[] = [];
  const done: Done[] = [];
  const receiver = await listen(told);
  const stage: Stage = { home, every, webhook: receiver.url, counts: { runs: 0, failed: 0 } };
  let schedule: Schedule | undefined;
  let shop: ChildProcess | undefined;
  try {
    for (const phase of PHASES) {
      shop = await startShop(phase, stage);
      schedule ??= await startSchedule(stage);
      await schedule.resume();
      done.push({ atMs: Date.now(), what: phase.what });
      process.stderr.write(`${clock(Date.now())} ${phase.what}\n`);
      await sleep(minutes * 60_000 * phase.share);
      await schedule.pause();
      await ended(shop);
    }
    await sleep(3_000);
  } finally {
    for (const one of [schedule?.process, shop]) if (one) await ended(one);
    receiver.close();
    rmSync(home, { recursive: true, force: true });
  }
  writeFileSync(output, page(done, told, { minutes, every, ...stage.counts }));
  process.stderr.write(`written ${output}: ${told.length} messages, ${stage.counts.runs} runs\n`);
}

interface Stage {
  readonly home: string;
  readonly every: string;
  readonly webhook: string;
  readonly counts: { runs: number; failed: number };
}

const environment = ({ home }: Stage) => ({
  ...process.env,
  HEADWATER_HOME: home,
  NO_COLOR: '1',
  STORY_SECRET: SECRET,
});

/** The shop is started anew with its fault, at other ports: the configuration says so. */
async function startShop({ fault }: Phase, stage: Stage): Promise<ChildProcess> {
  const shop = spawn(
    process.execPath,
    [COMMAND, 'demo', '--json', '--port', '0', '--no-agent', ...(fault ? ['--fault', fault] : [])],
    { env: environment(stage), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const said = await saidUntil(shop, 'Ctrl-C stops');
  const [, url = '', dns = '', pin = ''] = /--url (\S+) --dns (\S+) --pin (\S+)/.exec(said) ?? [];
  writeFileSync(join(stage.home, 'headwater.config.ts'), configOf({ url, dns, pin }, stage));
  return shop;
}

interface Schedule {
  readonly process: ChildProcess;
  /** When it has read the configuration as it is now. */
  resume(): Promise<void>;
  /** When nothing runs any more. */
  pause(): Promise<void>;
}

/** One for the whole story. It is paused while the shop is started anew. */
async function startSchedule(stage: Stage): Promise<Schedule> {
  const schedule = spawn(process.execPath, [COMMAND, 'schedule', '--json', ...OWN_PORTS], {
    env: environment(stage),
    cwd: stage.home,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  schedule.stdout?.on('data', (chunk) => {
    for (const line of String(chunk)
      .split('\n')
      .filter((text) => text.includes('"attempt"'))) {
      stage.counts.runs += 1;
      if (/"status":"failed"/.test(line)) stage.counts.failed += 1;
    }
  });
  const said = await saidUntil(schedule, 'Ctrl-C ends it');
  const viewer = /Viewer +(http:\S+)/.exec(said)?.[1];
  const ask = (action: string): Promise<Response> =>
    fetch(`${viewer}/api/schedule${action}`, {
      method: action === '' ? 'GET' : 'POST',
      ...(action !== '' && { headers: { 'content-type': 'application/json' }, body: '{}' }),
    });
  const isRunning = async (): Promise<boolean> =>
    ((await (await ask('')).json()) as ScheduleStanding).journeys.some(({ running }) => running !== null);
  return {
    process: schedule,
    async resume() {
      await sleep(READ_AGAIN_MS);
      await ask('/resume');
    },
    async pause() {
      await ask('/pause');
      while (await isRunning()) await sleep(200);
    },
  };
}

/** A changed configuration is read within a second or two. */
const READ_AGAIN_MS = 3_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OWN_PORTS = ['port', 'otlp-port', 'grpc-port', 'syslog-port', 'zipkin-port', 'jaeger-port'].flatMap(
  (name) => [`--${name}`, '0'],
);

interface Address {
  readonly url: string;
  readonly dns: string;
  readonly pin: string;
}

const configOf = ({ url, dns, pin }: Address, { every, webhook }: Stage): string => `export default {
  dns: '${dns}',
  pins: ['${pin}'],
  settleMs: 1500,
  journeys: {
    checkout: {
      run: 'checkout', url: '${url.replace(/\/$/, '')}', every: '${every}', retries: 1,
      objective: { ok: 99, days: 28 },
    },
  },
  alerts: { resolveAfter: '1m', webhook: { url: '${webhook}', secretEnv: 'STORY_SECRET', picture: false } },
};
`;

async function saidUntil(child: ChildProcess, words: string): Promise<string> {
  let said = '';
  child.stderr?.on('data', (chunk) => (said += chunk));
  while (!said.includes(words)) {
    if (child.exitCode !== null) throw new Error(`it ended: ${said}`);
    await sleep(100);
  }
  return said;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGINT');
  await gone;
}

async function listen(told: Told[]): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const { type, data } = JSON.parse(body) as { type: string; data: { text: string } };
      told.push({ atMs: Date.now(), kind: type, text: data.text });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    close: () => server.close(),
  };
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

interface Facts {
  readonly minutes: number;
  readonly every: string;
  readonly runs: number;
  readonly failed: number;
}

function page(done: readonly Done[], told: readonly Told[], { minutes, every, runs, failed }: Facts): string {
  const events = [
    ...done.map(({ atMs, what }) => ({ atMs, text: `**${clock(atMs)}** ${what}` })),
    ...told.map(({ atMs, kind, text }) => ({
      atMs,
      text: `**${clock(atMs)}** \`${kind}\`\n\n\`\`\`\n${text.trim()}\n\`\`\``,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  return `# What the alerts said

The demo shop, walked every ${every} for ${minutes} minutes (${runs} runs, ${failed} of them failed), while faults were switched on and off:
\`npx tsx test/eval/alert-story.ts --minutes ${minutes} --every ${every}\`. In bold what was done, and the messages in full as the
webhook got them. The schedule went on all the time; it was paused for the seconds in which the shop was started with a fault, or
without. Times are UTC. An alert that burns an error budget stays open for as long as the windows of
[budgets.md](budgets.md) look back.

${events.map(({ text }) => text).join('\n\n')}
`;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    every: { type: 'string', default: '20s' },
    output: { type: 'string', default: join(ROOT, 'docs/alert-story.md') },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) process.stdout.write(`${HELP}\n`);
else await story(Number(values.minutes), values.every, values.output);
