import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { judgedJourney } from '../../src/analyse/goals/judged-journey.ts';
import { renderBudgets } from '../../src/cli/terminal/budgets.ts';
import { BUDGETS, judged, lockedReport } from '../fixtures/judged-journey.ts';

const colours = picocolors.createColors(false);
const of = (...ms: number[]) =>
  renderBudgets(
    judgedJourney(
      'buy\u001b[31m',
      ms.map((each, n) => lockedReport(n, each)),
      BUDGETS.slice(0, 2),
      undefined,
    ),
    colours,
  ).split('\n');

describe('budgets in a terminal', () => {
  it('are a table of what is allowed, the median and each run, with who is guilty below', () => {
    expect(renderBudgets(judged(), colours).split('\n')).toEqual([
      'Budgets of buy, judged by the median of 3 runs',
      `    ${' '.repeat(28)}  allowed   median    run 1    run 2    run 3`,
      '  ✓ the whole run                  1.00 s   500 ms   500 ms   490 ms   510 ms',
      '  ✖ database in Pay                300 ms   400 ms   400 ms   390 ms   410 ms',
      '      +100 ms over: 400 ms lock wait in postgresql',
      '  ? Paid                           300 ms        –        –        –        –',
    ]);
  });

  it('have no median of one run', () => {
    const [head, columns] = of(1);
    expect(head).toBe('Budgets of buy·[31m, judged by one run');
    expect(columns?.trim()).toBe('allowed  the run');
  });

  it('stay as wide as a terminal, however many runs there are', () => {
    const lines = of(...Array.from({ length: 30 }, () => 1));
    expect(lines[1]).toMatch(/run 7 +\+23$/);
    for (const line of lines) expect(line.length).toBeLessThan(125);
  });
});
