/** What cannot work gets a sentence and an exit code; never a stack trace, never silence. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';
import { Home, reportIn, type Said } from './headwater.ts';

const FREE_PORTS = ['--otlp-port', '0', '--grpc-port', '0', '--syslog-port', '0'] as const;

const home = new Home();
const silent: Server = createServer(() => undefined);
let silentPort = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  silentPort = typeof address === 'object' && address ? address.port : 0;
});
afterAll(() => {
  silent.close();
  home.remove();
});

function expectSentence(said: Said, code: number, words: string | RegExp): void {
  expect(said.stdout).toBe('');
  expect(said.stderr).toMatch(words);
  expect(said.stderr).not.toMatch(/\n {4}at |node:internal/);
  expect(said.code).toBe(code);
}

describe('usage', () => {
  it.each([
    ['an unknown command', ['frobnicate'], 'unknown command'],
    ['an unknown flag', ['demo', '--nope'], 'unknown option'],
    ['an unknown journey', ['run', 'nosuch'], 'no journey "nosuch"'],
    ['a journey without an address', ['run', 'checkout'], '--url'],
    ['an unknown fault', ['demo', '--fault', 'nope'], 'Did you mean '],
    ['a fault with a bad value', ['demo', '--fault', 'dns-slow=soon'], 'dns-slow=soon'],
    ['a port that is none', ['serve', '--port', '99999'], '99999'],
    ['an address that is none', ['run', 'x', '--url', 'shop'], 'https://shop.example'],
    ['a trace id that is none', ['show', 'xyz'], '"xyz" is not a trace ID'],
    ['a trace that is not there', ['show', 'abcdef12'], 'No trace starts with abcdef12'],
    ['an export of what is not there', ['export', 'abcdef12'], 'No trace starts with abcdef12'],
    ['an unknown format', ['export', 'abcdef12', '--format', 'pdf'], 'Allowed choices are html'],
    ['an unknown proxy', ['demo', '--proxy', 'squid'], 'squid'],
  ])('%s', async (_name, args, words) => {
    expectSentence(await home.run(...args), 2, words);
  });

  it.each([[], ['demo'], ['run'], ['serve'], ['schedule'], ['show'], ['replay'], ['export'], ['doctor']])(
    'shows help with examples: %s',
    async (...command) => {
      const help = await home.run(...command, '--help');
      expect(help.code).toBe(0);
      expect(help.stdout).toContain('Examples:');
    },
  );

  it('shows the version', async () => {
    expect((await home.run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('files of the user', () => {
  const inFolder = (name: string, files: Record<string, string>, ...args: readonly string[]) => {
    const folder = join(home.path, name);
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    return home.runIn(folder, ...args);
  };

  it('a config whose keys are wrong is told by key', async () => {
    const config = "export default { url: 'ftp://x', ports: { viewer: 'a' }, prots: 1 }";
    const said = await inFolder('keys', { 'headwater.config.ts': config }, 'serve');
    expectSentence(said, 2, /url: .*ports\.viewer: .*prots/);
  });

  it('a config that does not parse is told by place', async () => {
    const said = await inFolder('broken', { 'headwater.config.mjs': 'export default {' }, 'run', 'x');
    expectSentence(said, 2, 'headwater.config.mjs could not be loaded');
  });

  it('a journey file without a journey says what one looks like', async () => {
    const said = await inFolder(
      'none',
      { 'a.mjs': 'export const x = 1;' },
      'run',
      './a.mjs',
      '--url',
      'http://a.example',
    );
    expectSentence(said, 2, 'export default async');
  });
});

describe('the environment', () => {
  it('a port in use is named, with what to do', async () => {
    const said = await home.run('serve', '--port', String(silentPort), ...FREE_PORTS);
    expectSentence(said, 3, new RegExp(`${silentPort}.*in use`, 's'));
  });

  it('no Chromium is told, with where it was looked for', async () => {
    const said = await home.runWith(
      { HEADWATER_CHROMIUM: '/nonexistent' },
      'run',
      'http://127.0.0.1:9/',
      '--settle',
      '0',
      ...FREE_PORTS,
    );
    expectSentence(said, 3, 'HEADWATER_CHROMIUM names "/nonexistent"');
  });

  it('a store that cannot be kept is told', async () => {
    expectSentence(await home.runWith({ HEADWATER_HOME: '/proc/nowhere' }, 'list'), 3, 'HEADWATER_HOME');
  });
});

describe('a page that never loads is a failed run, kept with what was seen', () => {
  it.each([
    ['nobody listens', () => 'http://127.0.0.1:4/', 'tcp', /refused|UNSAFE|gave/],
    [
      'the name is unknown',
      () => 'http://no.such.name.invalid/',
      'dns',
      /could not be resolved|does not exist/,
    ],
    ['the server says nothing', () => `http://127.0.0.1:${silentPort}/`, 'network', /had not answered/],
  ])('%s', async (_name, url, layer, words) => {
    const said = await home.run('run', url(), '--json', '--settle', '0', '--timeout', '3000', ...FREE_PORTS);
    const report = reportIn(said);
    expect(said.code).toBe(1);
    expect(report.status).toBe('failed');
    expect(report.verdict.sentence).toMatch(words);
    expect(report.verdict.layer).toBe(layer);
    expect(report.ledger.reduce((sum, entry) => sum + entry.ns, 0)).toBe(report.wallNs);
    const store = openStore(home.storePath);
    const kept = store.run(report.traceId);
    store.close();
    expect(kept?.report.status).toBe('failed');
    expect(kept?.trace.spans.some((span) => span.name === 'GET /')).toBe(true);
  });
});
