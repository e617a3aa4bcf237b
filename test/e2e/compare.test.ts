import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { runView, TRACE_ID } from '../fixtures/run-view.ts';
import { Home } from './headwater.ts';

const EARLIER_ID = 'b7ad6b7169203331b7ad6b7169203331';
const home = new Home();

beforeAll(() => {
  const store = openStore(join(home.path, 'headwater.db'));
  store.saveRun(runView());
  const earlier = runView({ traceId: EARLIER_ID });
  const ledger = earlier.report.ledger.filter(({ cause }) => cause !== 'db.seq_scan');
  const wallNs = ledger.reduce((sum, { ns }) => sum + ns, 0);
  store.saveRun({ ...earlier, report: { ...earlier.report, ledger, wallNs } });
  store.close();
});
afterAll(() => home.remove());

describe('headwater compare', () => {
  it('compares two runs, the second chosen when nobody names it', async () => {
    const named = await home.run('compare', '4bf9', 'b7ad');
    expect(named).toMatchObject({ code: 0, stderr: '' });
    expect(named.stdout.trim()).toMatch(
      /^This run took 2\.61 s, 1\.30 s slower than run b7ad6b71 \(1\.31 s\): \+1\.30 s seq scan/,
    );
    expect(await home.run('compare', '4bf9')).toEqual(named);
  }, 60_000);

  it('gives one JSON object whose parts add up', async () => {
    const said = await home.run('compare', '4bf9', 'b7ad', '--json');
    const comparison = JSON.parse(said.stdout) as Comparison;
    expect(comparison.a.traceId).toBe(TRACE_ID);
    expect(comparison.parts.reduce((sum, { deltaNs }) => sum + deltaNs, 0)).toBe(comparison.deltaNs);
  }, 60_000);

  it.each([
    [['zz'], '"zz" is not a trace ID'],
    [['4bf9', 'ffff'], 'No trace starts with ffff'],
    [['4bf9', 'normal'], 'five earlier runs'],
    [[], "missing required argument 'run'"],
  ])(
    'says of %j what is wrong, and exits with 2',
    async (args, sentence) => {
      const said = await home.run('compare', ...args);
      expect(said.code).toBe(2);
      expect(said.stdout).toBe('');
      expect(said.stderr).toContain(sentence);
    },
    60_000,
  );
});
