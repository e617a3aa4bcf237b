/** `run --repeat --budget` as CI uses it: a real browser, a site whose answers are slow, files for the pull request. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home } from './headwater.ts';

/** Far beyond what a busy machine adds to a page that takes a few milliseconds. */
const SLOW_MS = 700;

const home = new Home();
const folder = mkdtempSync(join(tmpdir(), 'headwater-budget-'));
const site = createServer((request, response) => {
  const answer = () => response.setHeader('content-type', 'text/html').end('<!doctype html><h1>Hello</h1>');
  setTimeout(answer, request.url === '/slow' ? SLOW_MS : 0);
});
let siteUrl = '';

const LOGIN = `export default async ({ page, step, baseUrl }) => {
  await step('Open', async () => { await page.goto(baseUrl); });
  await step('Sign in', async () => { await page.goto(new URL('/slow', baseUrl).href); });
};`;
const config = (journeys: unknown) =>
  writeFileSync(join(folder, 'headwater.config.mjs'), `export default ${JSON.stringify({ journeys })};`);
const run = (...args: string[]) =>
  home.runIn(
    folder,
    ...['run', './login.journey.mjs', '--url', siteUrl, '--settle', '0', '--no-filmstrip', '--port', '1'],
    ...['--otlp-port', '0', '--grpc-port', '0', '--syslog-port', '0', ...args],
  );

beforeAll(async () => {
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const address = site.address();
  siteUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  writeFileSync(join(folder, 'login.journey.mjs'), LOGIN);
});
afterAll(() => {
  site.close();
  home.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('headwater run --budget', () => {
  it('exits with 1 over a budget, and says which, by how much and in which files', async () => {
    config({ login: { budgets: { total: '30s', steps: { 'Sign in': { total: '200ms', dns: '10s' } } } } });
    const summary = join(folder, 'summary.md');
    appendFileSync(summary, 'What another step said.\n');
    const said = await run('--repeat', '2', '--budget', '--junit', 'budgets.xml', '--summary', summary);
    expect(said.code).toBe(1);
    expect(said.stdout).toContain('Budgets of login, judged by the median of 2 runs');
    expect(said.stdout).toMatch(/✓ the whole run +30\.00 s/);
    expect(said.stdout).toMatch(/✖ Sign in +200 ms( +(\d+ ms|\d\.\d\d s)){3}\n +\+.+ over: /);
    const xml = readFileSync(join(folder, 'budgets.xml'), 'utf8');
    expect(xml).toMatch(/<testsuite name="login" tests="5" failures="1" errors="0"/);
    expect(xml).toMatch(/name="budget: Sign in 200 ms" time="\d+\.\d{3}">\s*<failure message="/);
    expect(readFileSync(summary, 'utf8')).toMatch(
      /^What another step said\.\n## login: ❌ 1 of 3 budgets broken\n/,
    );
  }, 120_000);

  it('exits with 0 within them, JSON alone on standard output', async () => {
    config({ login: { budgets: { total: '30s' } } });
    const said = await run('--budget', '--json');
    expect(said.code).toBe(0);
    expect(JSON.parse(said.stdout)).toMatchObject({ journey: 'login', status: 'ok' });
    expect(said.stderr).toContain('Budgets of login, judged by one run');
  }, 120_000);

  it('exits with 2 when a budget speaks of a step that is not there', async () => {
    config({ login: { budgets: { steps: { 'Sing in': { total: '30s' } } } } });
    const said = await run('--budget');
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('speaks of a step "Sing in", and its steps are "Open", "Sign in".');
  }, 120_000);

  it.each([
    [{ logout: { budgets: { total: '2s' } } }, [], 'No budgets are set for the journey "login".'],
    [{ login: { budgets: { sql: '2s' } } }, [], 'journeys.login.budgets: '],
    [{ login: { budgets: { total: '2s' } } }, ['--json', '--summary', '-'], 'both want standard output'],
  ])(
    'exits with 2 before any browser starts: %j %j',
    async (journeys, args, sentence) => {
      config(journeys);
      const said = await run('--budget', ...args);
      expect(said).toMatchObject({ code: 2, stdout: '' });
      expect(said.stderr).toContain(sentence);
    },
    60_000,
  );
});
