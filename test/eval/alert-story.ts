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
  const counts = { runs: 0, failed: 0 };
  const receiver = await listen(told);
  try {
    for (const phase of PHASES) {
      done.push({ atMs: Date.now(), what: phase.what });
      process.stderr.write(`${clock(Date.now())} ${phase.what}\n`);
      await walkPhase(phase, minutes * 60_000 * phase.share, { home, every, webhook: receiver.url, counts });
    }
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  } finally {
    receiver.close();
    rmSync(home, { recursive: true, force: true });
  }
  writeFileSync(output, page(done, told, { minutes, every, ...counts }));
  process.stderr.write(`written ${output}: ${told.length} messages, ${counts.runs} runs\n`);
}

interface Stage {
  readonly home: string;
  readonly every: string;
  readonly webhook: string;
  readonly counts: { runs: number; failed: number };
}

/** The shop is started anew with its fault, and so is the schedule, which goes on where it was. */
async function walkPhase({ fault }: Phase, ms: number, stage: Stage): Promise<void> {
  const env = { ...process.env, HEADWATER_HOME: stage.home, NO_COLOR: '1', STORY_SECRET: SECRET };
  const shop = spawn(
    process.execPath,
    [COMMAND, 'demo', '--json', '--port', '0', '--no-agent', ...(fault ? ['--fault', fault] : [])],
    { env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const said = await saidUntil(shop, 'Ctrl-C stops');
  const [, url = '', dns = '', pin = ''] = /--url (\S+) --dns (\S+) --pin (\S+)/.exec(said) ?? [];
  writeFileSync(join(stage.home, 'headwater.config.ts'), configOf(url, pin, stage));
  const schedule = spawn(process.execPath, [COMMAND, 'schedule', '--json', '--dns', dns, ...OWN_PORTS], {
    env,
    cwd: stage.home,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  schedule.stdout?.on('data', (chunk) => {
    for (const line of String(chunk).split('\n').filter(Boolean)) {
      stage.counts.runs += 1;
      if (/"status":"failed"/.test(line)) stage.counts.failed += 1;
    }
  });
  await new Promise((resolve) => setTimeout(resolve, ms));
  await ended(schedule);
  await ended(shop);
}

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OWN_PORTS = ['port', 'otlp-port', 'grpc-port', 'syslog-port', 'zipkin-port', 'jaeger-port'].flatMap(
  (name) => [`--${name}`, '0'],
);

const configOf = (url: string, pin: string, { every, webhook }: Stage): string => `export default {
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
    if (child.exitCode !== null) throw new Error(`the demo ended: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
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
webhook got them. Times are UTC. An alert that burns an error budget stays open for as long as the windows of
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
