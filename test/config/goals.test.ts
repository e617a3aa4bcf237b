/** Budgets and objectives as people write them. */
import { describe, expect, it } from 'vitest';
import { configFaults } from '../../src/config/config.ts';
import { goalsIn } from '../../src/config/goals.ts';

const faultsOf = (login: unknown) => configFaults({ journeys: { login } });

describe('goals in the configuration', () => {
  it('are read as nanoseconds, the whole run first', () => {
    const login = {
      budgets: { steps: { Pay: { total: '1s', db: '200ms' } }, dns: '50ms', total: '2s' },
      objective: { ok: 99.5, within: '1.5s' },
    };
    expect(faultsOf(login)).toEqual([]);
    expect(goalsIn({ login }, 'login')).toEqual({
      budgets: [
        { step: null, of: 'total', allowedNs: 2e9 },
        { step: null, of: 'dns', allowedNs: 50e6 },
        { step: 'Pay', of: 'total', allowedNs: 1e9 },
        { step: 'Pay', of: 'db', allowedNs: 200e6 },
      ],
      objective: { okPercent: 99.5, withinNs: 1.5e9, days: 28 },
    });
  });

  it('are none where nothing was agreed on', () => {
    expect(goalsIn(undefined, 'login')).toBeUndefined();
    expect(goalsIn({ login: {} }, 'login')).toBeUndefined();
    expect(goalsIn({ login: { budgets: { total: '2s' } } }, 'logout')).toBeUndefined();
    expect(goalsIn({}, 'constructor')).toBeUndefined();
  });

  it.each([
    [{ budgets: { datenbank: '1s' } }, /^journeys\.login\.budgets: .*"datenbank"/],
    [{ budgets: { steps: { Pay: { sql: '1s' } } } }, /^journeys\.login\.budgets\.steps\.Pay: .*"sql"/],
    [{ budgets: { total: '2 seconds' } }, /^journeys\.login\.budgets\.total: must be a duration/],
    [{ budgets: { total: 2000 } }, /^journeys\.login\.budgets\.total: /],
    [{ budgets: { total: '0ms' } }, /total: must be above 0/],
    [{ objective: { ok: 100 } }, /^journeys\.login\.objective\.ok: must be a percentage below 100/],
    [{ objective: { ok: 0 } }, /objective\.ok: must be a percentage above 0/],
    [{ objective: { within: '2s' } }, /objective\.ok: /],
    [{ objective: { ok: 99, days: 2 } }, /objective\.days: /],
  ])('says what is wrong with %j', (login, said) => {
    expect(faultsOf(login)).toEqual([expect.stringMatching(said)]);
  });
});
