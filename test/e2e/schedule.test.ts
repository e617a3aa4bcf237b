/** `headwater schedule` as a person has it: a configuration, a browser, another terminal, Ctrl-C. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/model/report.ts';
import type { ScheduleHealth, ScheduleStanding } from '../../src/model/schedule.ts';
import { Home } from './headwater.ts';

const home = new Home();
const folder = join(home.path, 'project');
const site = createServer((_, response) => {
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title><h1>Hello</h1>');
});
let siteUrl = '';
beforeAll(async () => {
  mkdirSync(folder);
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const address = site.address();
  siteUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
});
afterAll(() => {
  site.close();
  home.remove();
});

const ANY_PORTS = { viewer: 0, otlpHttp: 0, otlpGrpc: 0, syslog: 0, zipkin: 0, jaeger: 0 };
const configure = (journeys: object, more: object = {}): void => {
  const config = { journeys, ports: ANY_PORTS, settleMs: 0, ...more };
  writeFileSync(join(folder, 'headwater.config.ts'), `export default ${JSON.stringify(config)};`);
};

describe('what the next 24 hours bring', () => {
  it('is told with the zone’s wall clock, and how often', async () => {
    configure({ front: { run: siteUrl, cron: '0 8-18 * * *', timeZone: 'Asia/Kolkata' } });
    const [{ code, stdout }, json] = await Promise.all([
      home.runIn(folder, 'schedule', '--dry-run'),
      home.runIn(folder, 'schedule', '--dry-run', '--json'),
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/front {2}cron 0 8-18 \* \* \*, Asia\/Kolkata: 11 runs/);
    expect(stdout).toMatch(/\d{4}-\d\d-\d\d \+05:30 .*\d\d:00:00/);
    expect(JSON.parse(json.stdout)).toMatchObject([{ journey: 'front', count: 11 }]);
  });
});

describe('what cannot be scheduled', () => {
  it.each([
    ['nothing', {}, 'Nothing is scheduled'],
    [
      'no such journey',
      { a: { run: './nosuch.ts', every: '1m' } },
      'journeys.a: There is no journey "./nosuch.ts"',
    ],
  ])('%s', async (_name, journeys, words) => {
    configure(journeys);
    const { code, stderr } = await home.runIn(folder, 'schedule');
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
  });
  it('asked of nobody', async () => {
    configure({}, { ports: { ...ANY_PORTS, viewer: 9 } });
    const { code, stderr } = await home.runIn(folder, 'schedule', 'status');
    expect([code, stderr]).toEqual([3, expect.stringContaining('No schedule is on at port 9')]);
  });
});

describe('a schedule that is on', () => {
  let schedule: ChildProcess;
  let text = '';
  let viewer = '';
  const seen = async (words: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = words.exec(text);
      if (match) return match;
      if (schedule.exitCode !== null) throw new Error(`ended before saying ${words}: ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const api = async <T>(path: string): Promise<T> => (await fetch(viewer + path)).json() as Promise<T>;
  const isRunning = async (): Promise<boolean> =>
    (await api<ScheduleStanding>('/api/schedule')).journeys.some(({ running }) => running !== null);
  const idle = async (): Promise<void> => {
    while (await isRunning());
  };
  const control = (...args: string[]) =>
    home.runIn(folder, 'schedule', ...args, '--port', new URL(viewer).port);

  beforeAll(async () => {
    configure({ front: { run: siteUrl, every: '2s' } });
    schedule = home.start(['schedule', '--no-filmstrip'], {}, folder);
    for (const stream of [schedule.stdout, schedule.stderr])
      stream?.on('data', (chunk) => {
        text += chunk;
      });
    viewer = (await seen(/Viewer +(http:\/\/127\.0\.0\.1:\d+)/))[1] ?? '';
  });
  afterAll(() => {
    schedule.kill('SIGKILL');
  });

  it('walks, and its runs are where runs are', async () => {
    await seen(/front +✓ ok +\S+ m?s +front took/);
    const runs = await api<RunSummary[]>('/api/runs');
    expect(runs.some(({ journey, status }) => journey === 'front' && status === 'ok')).toBe(true);
    expect((await api<ScheduleHealth>('/health')).ok).toBe(true);
    const { code, stdout } = await control('status');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/front {2}every 2s[\s\S]*next +\d{4}-[\s\S]*last +/),
    ]);
  });

  it('is paused, asked for one run, and resumed from another terminal', async () => {
    const { stdout } = await control('pause', 'front', '--json');
    expect((JSON.parse(stdout) as ScheduleStanding).journeys).toMatchObject([
      { journey: 'front', paused: true },
    ]);
    await seen(/– skipped +it is paused/);
    const before = text.length;
    await idle();
    expect((await control('run-now', 'front')).code).toBe(0);
    await seen(new RegExp(`^[\\s\\S]{${before},}front +✓ ok`));
    expect((await control('resume')).stdout).toMatch(/next +\d{4}/);
  });

  it('reads a changed configuration, and keeps the old one when the new one is broken', async () => {
    writeFileSync(join(folder, 'headwater.config.ts'), 'export default {');
    await seen(/could not be loaded.*The schedule goes on as it was\./);
    configure({ front: { run: siteUrl, every: '2s' }, other: { run: siteUrl, every: '1h' } });
    await seen(/read again: front \(every 2s\), other \(every 1h\)\./);
    expect((await api<ScheduleStanding>('/api/schedule')).journeys.map(({ journey }) => journey)).toEqual([
      'front',
      'other',
    ]);
  });

  it('does not begin twice over one store', async () => {
    const { code, stderr } = await home.runIn(folder, 'schedule');
    expect([code, stderr]).toEqual([3, expect.stringMatching(/Another headwater schedule \(process \d+\)/)]);
  });

  it('ends at Ctrl-C when what runs has ended, and says how each run went', async () => {
    while (!(await isRunning()));
    const ended = new Promise((resolve) => schedule.once('close', resolve));
    schedule.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(text).not.toMatch(/✖/);
    expect(text).toMatch(/Waiting for front to end[\s\S]*front +✓ ok/);
  });
});
