/** How a suite is told in a terminal: whole when it is short, and what has something to tell when it is long. */
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';

import { makingWords, renderSuite } from '../../src/cli/terminal/suite.ts';
import type { RunReport } from '../../src/model/report.ts';
import type { TestRun } from '../../src/run/suite.ts';

interface Told {
  readonly retry?: number;
  readonly isExpected?: boolean;
  readonly blamed?: boolean;
}

function testRun(n: number, { retry = 0, isExpected = true, blamed = false }: Told = {}): TestRun {
  const title = `shop.spec.ts › test ${n} [desktop]`;
  const sentence = blamed
    ? `${title} took 2.00 s; 1.50 s of it is the database.`
    : `${title} took 40 ms and nothing stands out.`;
  const verdict = { layer: 'browser', sentence, ...(blamed && { confidence: 'certain' }) };
  const report = {
    ...{ traceId: `${n}`.padStart(32, '0'), status: isExpected ? 'ok' : 'failed', wallNs: 40e6, ledger: [] },
    ...{ viewerUrl: null, verdict },
  } as unknown as RunReport;
  const status = isExpected ? 'passed' : 'failed';
  return { test: { title, testId: `${n}`, retry, status, isExpected }, report };
}
const many = (count: number, told: Readonly<Record<number, Told>> = {}): string =>
  renderSuite(
    Array.from({ length: count }, (_, n) => testRun(n, told[n])),
    picocolors.createColors(false),
  );

describe('a suite in a terminal', () => {
  it('is told test by test when it is short, each title once', () => {
    expect(many(2, { 1: { blamed: true } })).toBe(
      [
        'Headwater: 2 tests, each a run',
        '  ✓ shop.spec.ts › test 0 [desktop]',
        '    ● took 40 ms and nothing stands out.',
        '    headwater show 000000000000',
        '  ✓ shop.spec.ts › test 1 [desktop]',
        '    ● took 2.00 s; 1.50 s of it is the database.',
        '    headwater show 000000000000',
      ].join('\n'),
    );
  });

  it('tells of a long one what failed, was tried again or stands out, and how many are left', () => {
    const told = { 3: { blamed: true }, 40: { isExpected: false }, 41: { retry: 1 } };
    const lines = many(93, told).split('\n');
    expect(lines.filter((line) => /test \d+ \[/.test(line))).toEqual([
      '  ✓ shop.spec.ts › test 3 [desktop]',
      '  ✖ shop.spec.ts › test 40 [desktop]',
      '  ✓ shop.spec.ts › test 41 [desktop] (retry 1)',
    ]);
    expect(lines.at(-1)).toBe('  ✓ In 90 more nothing stands out: headwater list --limit 93');
  });

  it('has one line for a long one that is all quiet', () => {
    expect(many(21)).toBe(
      'Headwater: 21 tests, each a run\n  ✓ Nothing stands out in any of them: headwater list --limit 21',
    );
  });

  it('announces what takes seconds', () => {
    expect([makingWords(39), makingWords(40)]).toEqual([
      undefined,
      'Headwater is making the runs of 40 tests …',
    ]);
  });
});
