/** The Markdown summary for a pull request. */
import { describe, expect, it } from 'vitest';
import { judgedJourney } from '../../src/analyse/goals/judged-journey.ts';
import { budgetMarkdown } from '../../src/export/budget-markdown.ts';
import { BUDGETS, judged, lockedReport, normal } from '../fixtures/judged-journey.ts';

const of = (...args: Parameters<typeof judgedJourney>) => budgetMarkdown([judgedJourney(...args)]);

describe('a summary for a pull request', () => {
  it('says what is broken, by how much, by whom, and what moved against normal', () => {
    const lines = budgetMarkdown([judged()]).split('\n');
    expect(lines).toContain('## buy: ❌ 1 of 3 budgets broken');
    expect(lines).toContain('Judged by the median of 3 runs.');
    expect(lines).toContain(
      '| ❌ | database in Pay | 300 ms | 400 ms | +100 ms | 400 ms lock wait in postgresql |',
    );
    expect(lines).toContain('| ✅ | the whole run | 1.00 s | 500 ms | −500 ms |  |');
    expect(lines).toContain('⚠️ No run has a step “Paid”: its budgets guard nothing.');
    expect(lines).toContain('### Against normal (median of 6 earlier runs)');
    expect(lines).toContain('| database | 400 ms | 10 ms | +390 ms |');
    expect(lines).toContain('| lock wait in postgresql | 400 ms | 10 ms | +390 ms |');
    expect(lines.join('\n')).toMatch(/This run took 500 ms, 390 ms slower than what is usual \(110 ms\)/);
  });

  it('has no rows of what did not move', () => {
    const text = of('buy', [lockedReport(1, 10)], [], normal);
    expect(text).toContain('## buy: ended well\n\n### Against normal');
    expect(text).not.toContain('| Layer |');
  });

  it('is short when all is well, and says when normal is not known', () => {
    const text = of('buy', [lockedReport(1, 0)], BUDGETS.slice(0, 1), undefined);
    expect(text).toContain('## buy: ✅ its budget is kept\n\nJudged by one run.');
    expect(text).toContain('takes five earlier runs');
  });

  it('of runs that failed tells why', () => {
    const failed = lockedReport(1, 0, { status: 'failed' });
    const text = of('buy', [failed], BUDGETS, normal);
    expect(text).toContain('## buy: ❌ 1 of 1 runs failed');
    expect(text).toContain('No run ended well: nothing was judged.');
    expect(text).toContain('| – | the whole run | 1.00 s | not judged |  |  |');
    expect(text).toContain('- The database was slow.');
  });

  it('shows names from outside as text', () => {
    const name = 'a|b `c` <img src=x>\n# [x](http://evil.example)';
    const [step] = lockedReport(1, 400).steps;
    const report = lockedReport(1, 400, { steps: [{ ...step!, name }] });
    const text = of(name, [report], [{ step: name, of: 'total', allowedNs: 1 }], undefined);
    expect(text).not.toMatch(/(?<!\\)<img|\n# |\]\(http:/);
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    expect(new Set(rows.map((row) => row.replaceAll('\\|', '').split('|').length)).size).toBe(1);
  });
});
