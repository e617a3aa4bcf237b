import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { compare } from '../../src/analyse/compare/compare.ts';
import { renderReplay, type ToldReplay } from '../../src/cli/terminal/replay.ts';
import { judged, narrowed } from '../../src/replay/judge.ts';
import { HOSTILE, runView } from '../fixtures/run-view.ts';

const colours = picocolors.createColors(false);
const slow = runView();
const guilty = slow.report.verdict;
const quick = {
  ...slow,
  report: {
    ...slow.report,
    traceId: 'b'.repeat(32),
    wallNs: 1_310_000_000,
    ledger: slow.report.ledger.filter(({ cause }) => cause !== guilty.cause),
    verdict: { ...guilty, layer: 'browser' as const, cause: 'browser.automation', ns: 5e6 },
  },
};

const told = (replays: readonly (typeof slow)[], given: Partial<ToldReplay> = {}): ToldReplay => {
  const outcome = judged(slow, replays, []);
  const comparison = compare(replays[0]!, slow);
  return {
    original: slow,
    isFirstReplay: false,
    replays,
    outcome,
    comparison,
    narrowed: [],
    leftOut: [],
    ...given,
  };
};

describe('a replay in a terminal', () => {
  it('begins with the outcome, and puts the original beside every replay, layer by layer', () => {
    const text = renderReplay(told([slow, slow, quick]), 110, colours);
    const [first, , heads] = text.split('\n');
    expect(first).toMatch(/^Reproduced: database: seq scan in postgresql .* came again in 2 of 3 replays/);
    expect(heads).toMatch(/original +replay 1 +replay 2 +replay 3/);
    expect(text).toMatch(/in all +2\.61 s +2\.61 s +2\.61 s +1\.31 s/);
    expect(text).toMatch(/what was slow +(\S+ s) +\1 +\1 +0 ms ·/);
    for (const line of text.split('\n').slice(1)) expect(line.length).toBeLessThan(200);
  });

  it('says that it is gone', () => {
    expect(renderReplay(told([quick, quick]), 110, colours)).toMatch(/^Not reproduced: .* is gone, 0 ms/);
  });

  it('says which conditions it needs, what was left out, and how to supply it', () => {
    const needs = narrowed('dns', slow, [quick, quick], judged(slow, [slow, slow], []));
    const leftOut = [{ what: 'step “Pay”', why: 'it sends POST /pay', supply: '--unsafe sends it again' }];
    const text = renderReplay(
      told([slow], { narrowed: [needs], leftOut, isFirstReplay: true }),
      110,
      colours,
    );
    expect(text).toContain('dns: needed. Without look-ups of names the slowness is gone.');
    expect(text).toContain('step “Pay”: it sends POST /pay (--unsafe sends it again)');
    expect(text).toContain('the first replay is the original');
    const both = narrowed('dns', slow, [slow, slow], judged(slow, [slow, slow], []));
    expect(both.sentence).toContain('not needed');
    expect(narrowed('cpu', slow, [], judged(slow, [slow], [])).state).toBe('not_taken_away');
  });

  it('cannot tell of a step that was not walked', () => {
    const step = { ...slow.report.steps[0]!, name: 'Pay', ledger: slow.report.ledger };
    const original = { ...slow, report: { ...slow.report, steps: [step] } };
    expect(judged(original, [quick], ['Pay'])).toMatchObject({
      state: 'unclear',
      sentence: expect.stringContaining('“Pay”, which is not replayed'),
    });
    expect(judged(original, [quick], ['Look']).state).toBe('not_reproduced');
  });

  it('sends no control characters of others', () => {
    const hostile = runView({ hostile: true });
    const leftOut = [{ what: HOSTILE.long, why: '\u001b[31mred\u202e' }];
    const text = renderReplay(told([hostile], { leftOut }), 110, colours);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
  });
});
