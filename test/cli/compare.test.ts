import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { compare } from '../../src/analyse/compare/compare.ts';
import { renderComparison } from '../../src/cli/terminal/comparison.ts';
import { HOSTILE, runView } from '../fixtures/run-view.ts';

const colours = picocolors.createColors(false);
const view = runView();
const other = {
  ...view,
  report: { ...view.report, wallNs: 1_310_000_000, ledger: view.report.ledger.slice(1) },
};

describe('a comparison in a terminal', () => {
  it('begins with the sentence, and every figure has its sign', () => {
    const text = renderComparison(compare(view, other), 100, colours);
    expect(text).toMatch(/^This run took 2\.61 s, 1\.30 s slower/);
    expect(text).toMatch(/database: seq scan in postgresql +1\.30 s +0 ms +\+1\.30 s +│█+/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThan(140);
  });

  it('draws what is shorter to the left', () => {
    expect(renderComparison(compare(other, view), 100, colours)).toMatch(/−1\.30 s █+│/);
  });

  it('says of a run and itself that nothing differs, and nothing more', () => {
    const text = renderComparison(compare(view, view), 100, colours);
    expect(text.trim().split('\n')).toHaveLength(3);
  });

  it('sends no control characters of others', () => {
    const hostile = runView({ hostile: true });
    const text = renderComparison(compare(hostile, other), 100, colours);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
    expect(text).not.toContain(HOSTILE.long);
  });
});
