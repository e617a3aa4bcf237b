/** `headwater mark`, `marks` and `normal`, as a person calls them, over runs that are in the store already. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';
import { rowWith, startOf } from '../analyse/shift/made-runs.ts';
import { viewOfShiftRun } from '../run/shift-view.ts';
import { Home } from './headwater.ts';

const home = new Home();
afterAll(() => home.remove());

beforeAll(() => {
  const store = openStore(join(home.path, 'headwater.db'));
  const slower = { parts: { 'Pay|db|postgresql|db.seq_scan': 100 } };
  for (const run of rowWith(50, 6, slower)) store.saveRun(viewOfShiftRun(run));
  store.close();
});

const isoOf = (unixMs: number) => new Date(unixMs).toISOString();

describe('a deployment', () => {
  it('is marked, listed, and forgotten', async () => {
    const marked = await home.run('mark', 'wrong one', '--at', '2024-03-01T14:03Z');
    expect(marked).toMatchObject({ code: 0, stdout: '' });
    expect(marked.stderr).toContain('wrong one, 2024-03-01T14:03:00.000Z');
    expect((await home.run('marks')).stdout).toBe('2024-03-01 14:03:00  wrong one\n');
    expect((await home.run('mark', 'wrong one', '--remove')).code).toBe(0);
    expect(JSON.parse((await home.run('marks', '--json')).stdout)).toEqual([]);
  });

  it.each([
    [['mark', 'v1', '--at', 'noon'], 'It must be a time such as 14:03 or 2026-11-28T14:03Z'],
    [['mark', ' '], 'A mark needs a name'],
    [['mark', 'v1', '--at', '2999-01-01T00:00Z'], 'is still to come'],
    [['mark', 'nothing', '--remove'], 'There is no mark nothing'],
    [['mark', 'v1', '--remove', '--at', '14:03'], 'leave --at out'],
  ])('that makes no sense is refused: %j', async (args, sentence) => {
    const said = await home.run(...args);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain(sentence);
    expect(said.stderr).not.toContain('    at ');
  });
});

describe('what is normal', () => {
  it('is a table, and the shift above it in one sentence with its mark', async () => {
    await home.run('mark', 'v1.4.2', '--at', isoOf(startOf(49) + 60_000));
    const { code, stdout } = await home.run('normal', 'checkout');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /▲ checkout, Pay, p75 \+\d+ ms: \+\d+ ms database on postgresql, seq scan; .* since v1\.4\.2 \(2024-03-04 12:10 UTC\)/,
    );
    expect(stdout).toMatch(
      /25 ms in 50 runs before, 12\d ms in 6 since \(cold\); headwater compare 00000000 /,
    );
    expect(stdout).toMatch(/Usual, from 56 runs \(cold\)\n +median +p75 +p95 +runs\n {2}the whole run/);
    expect(stdout).toMatch(/\n {4}TLS +30 ms +3\d ms +3\d ms +56\n/);
  });

  it('is one JSON array with --json', async () => {
    const [normal] = JSON.parse((await home.run('normal', 'checkout', '--json')).stdout);
    expect(normal).toMatchObject({ journey: 'checkout', site: 'shop.example', shifts: [{ layer: 'db' }] });
  });

  it.each([
    [['normal', 'nope'], 'There is no run of nope. There are runs of checkout.'],
    [
      ['normal', 'checkout', '--site', 'x.example'],
      'There is no run of checkout at x.example; there are some at shop.example.',
    ],
  ])('is not known of what never ran: %j', async (args, sentence) => {
    expect(await home.run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) });
  });

  it('is explained with examples', async () => {
    for (const command of ['normal', 'mark', 'marks'])
      expect((await home.run(command, '--help')).stdout).toContain('Examples:');
  });
});
