/** Every fault of the demo as it was recorded once: today's rules blame it on the same part. */
import { describe, expect, it } from 'vitest';
import { faults } from '../../scenarios/faults/index.ts';
import { problemsOf } from '../../src/analyse/problems.ts';
import { readRun, viewOf } from '../fixtures/recorded-run.ts';

describe.each(Object.values(faults))('a recorded run with $name', ({ name, expected, outcome }) => {
  const { report, path } = viewOf(readRun(name));

  it(`is blamed on ${expected.cause}`, () => {
    const { verdict } = report;
    expect({ layer: verdict.layer, cause: verdict.cause }).toEqual({
      layer: expected.layer,
      cause: expected.cause,
    });
    if (expected.component !== undefined) expect(verdict.component).toContain(expected.component);
    // A failure may take no time at all.
    if (outcome !== 'failed') expect(problemsOf(report.ledger)[0]?.cause).toBe(expected.cause);
  });

  it('has a ledger and a path that account for all of its time', () => {
    expect(report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(report.wallNs);
    expect(path.reduce((sum, piece) => sum + piece.endNs - piece.startNs, 0)).toBe(report.wallNs);
    expect(report.unknownNs).toBeLessThanOrEqual(0.01 * report.wallNs);
  });
});
