/** `headwater keep` and what other commands say of runs that it left little of. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';
import { Home } from '../e2e/headwater.ts';
import { keepRun, traceIdOf } from '../keeping/fill.ts';

const RUNS = 30;
const DAY_MS = 86_400_000;
const home = new Home();
const project = mkdtempSync(join(tmpdir(), 'headwater-keep-'));
const configure = (keep: string) =>
  writeFileSync(join(project, 'headwater.config.js'), `export default { keep: ${keep} };\n`);
const headwater = (...args: string[]) => home.runIn(project, ...args);

beforeAll(() => {
  const store = openStore(join(home.path, 'headwater.db'));
  for (let n = 1; n <= RUNS; n++)
    keepRun(store, n, { atUnixMs: Date.now() - (RUNS - n) * DAY_MS, failed: n === 2, spanBytes: 50_000 });
  store.close();
  configure('{ days: 20, failedDays: 60, ordinary: 1, size: "1GB" }');
});
afterAll(() => {
  home.remove();
  rmSync(project, { recursive: true });
});

describe('headwater keep', () => {
  it('says what would go and why, and lets nothing go when it is only asked', async () => {
    const said = await headwater('keep', '--dry-run');
    expect(said.code).toBe(0);
    expect(said.stdout).toMatch(/^\d.* of 1 GB on the disk \(0 %\)\n {2}spans +\d.* of 30 traces\n/);
    expect(said.stdout).toMatch(
      /Would be dropped:\n {2}spans +\d+ KB {2}of 9 traces: ordinary, and older than 20 days \(keep.days\)/,
    );
    const { going, isDropped } = JSON.parse((await headwater('keep', '--dry-run', '--json')).stdout);
    expect([isDropped, going.length, going[0].runs]).toEqual([false, 1, 9]);
  });

  it('lets it go, and has nothing more to do then', async () => {
    const said = await headwater('keep');
    expect(said.stdout).toContain('Dropped:\n  spans');
    expect(said.stdout).toMatch(/spans +\d.* of 21 traces/);
    expect((await headwater('keep')).stdout).toContain('Nothing has to go.');
  });

  it('refuses a policy that cannot be meant', async () => {
    configure('{ size: "5 gigs", ordinary: 10, dais: 3 }');
    const said = await headwater('keep');
    expect(said.code).toBe(2);
    expect(said.stderr).toMatch(/keep\.size: must be a size of 16MB or more.*keep\.ordinary.*keep: .*dais/);
    configure('{}');
  });
});

describe('a run without its spans', () => {
  const id = traceIdOf(3);
  const day = new Date().toISOString().slice(0, 10);

  it('is shown as far as it is kept', async () => {
    const said = await headwater('show', id);
    expect(said.code).toBe(0);
    expect(said.stdout).toContain('The database was slow.');
    expect(said.stdout).toContain(`no longer known: its spans were dropped on ${day} by keep.days`);
    expect(JSON.parse((await headwater('show', id, '--json')).stdout).traceId).toBe(id);
  });

  it.each([['compare'], ['export'], ['replay']])('cannot be used by %s, which says why', async (command) => {
    const said = await headwater(command, id);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain(`cannot be drawn any more: its spans were dropped on ${day} by keep.days`);
  });
});
