/** `headwater export`, as a person uses it: what each format makes, where it goes, and what is said when it cannot. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';
import { checkedHar } from '../export/har-schema.ts';
import { readRun } from '../fixtures/recorded-run.ts';
import { Home, ROOT, reportIn } from './headwater.ts';

const home = new Home();
const other = new Home();
const folder = mkdtempSync(join(tmpdir(), 'headwater-export-'));
afterAll(() => {
  home.remove();
  other.remove();
  rmSync(folder, { recursive: true, force: true });
});

const RUN = readRun('page-redirects');
const ID = RUN.traceId.slice(0, 8);

beforeAll(async () => {
  await home.run('list');
  const store = openStore(home.storePath);
  store.append(RUN.spans);
  store.warn(RUN.traceId, RUN.warnings);
  store.close();
});

describe('each format', () => {
  it.each([
    ['otlp', `headwater-${ID}.otlp.json`, /^\{"resourceSpans":\[/],
    ['har', `headwater-${ID}.har`, /^\{\n "log"/],
    ['perfetto', `headwater-${ID}.perfetto.json`, /^\{"traceEvents":\[/],
    ['markdown', `headwater-${ID}.md`, /^# checkout: /],
  ])('%s goes into a file of its own name, or to standard output', async (format, name, begins) => {
    const { code, stdout, stderr } = await home.runIn(folder, 'export', ID, '--format', format);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain(join(folder, name));
    const written = readFileSync(join(folder, name), 'utf8');
    expect(written).toMatch(begins);
    const piped = await home.run('export', ID, '--format', format, '-o', '-');
    expect(piped).toEqual({ code: 0, stdout: written, stderr: '' });
  });

  it('HAR is valid', async () => {
    const { stdout } = await home.run('export', ID, '--format', 'har', '-o', '-');
    expect(checkedHar(stdout).log.entries.length).toBeGreaterThan(20);
  });

  it('OTLP makes the same run in another store', async () => {
    const file = join(folder, 'run.json');
    await home.run('export', ID, '--format', 'otlp', '-o', file);
    expect((await other.run('import', file)).code).toBe(0);
    const [before, after] = [await home.run('show', ID, '--json'), await other.run('show', ID, '--json')];
    expect(reportIn(after)).toEqual(reportIn(before));
  });
});

describe('what is in the way is a sentence', () => {
  it('an unknown format names the known ones', async () => {
    const { code, stderr } = await home.run('export', ID, '--format', 'pdf');
    expect(code).toBe(2);
    expect(stderr).toMatch(/'pdf' is invalid\. Allowed choices are html, otlp, har, perfetto, markdown\./);
  });

  it('no such trace, and a folder that is not there', async () => {
    expect(await home.run('export', 'ffffffff', '--format', 'har')).toMatchObject({ code: 2 });
    const lost = await home.run('export', ID, '--format', 'har', '-o', join(folder, 'gone', 'x.har'));
    expect(lost.code).toBe(2);
    expect(lost.stderr).toMatch(/x\.har cannot be written: ENOENT.*Choose another with -o\./);
  });

  it('a HAR of a trace without a request', async () => {
    await home.run('import', join(ROOT, 'test/fixtures/otlp/opentelemetry-js.json'));
    const { stdout } = await home.run('list');
    const id = /([0-9a-f]{8}) /.exec(stdout.split('\n').find((line) => !line.includes(ID)) ?? '')?.[1];
    const { code, stderr } = await home.run('export', String(id), '--format', 'har', '-o', '-');
    expect([code, stderr.includes('holds no HTTP request')]).toEqual([2, true]);
  });
});

describe('a file that is there', () => {
  it('is replaced, and said to be', async () => {
    const file = join(folder, 'old.md');
    writeFileSync(file, 'old');
    const { code, stderr } = await home.run('export', ID, '--format', 'markdown', '-o', file);
    expect([code, stderr.includes('replaced')]).toEqual([0, true]);
    expect(readFileSync(file, 'utf8')).toMatch(/^# checkout/);
  });

  it('stays as it was when the new one cannot be made, and nothing is left behind', async () => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    mkdirSync(join(locked, 'run.md'));
    chmodSync(locked, 0o755);
    const { code } = await home.run('export', ID, '--format', 'markdown', '-o', join(locked, 'run.md'));
    expect(code).toBe(2);
    expect(readdirSync(locked)).toEqual(['run.md']);
  });
});
