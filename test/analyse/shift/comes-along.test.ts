/** Which of several changes somebody is called for. */
import { describe, expect, it } from 'vitest';
import { comesAlong } from '../../../src/analyse/shift/comes-along.ts';
import type { Shift } from '../../../src/model/shift.ts';

const shift = (partMs: number, runsSince: number, more: Partial<Shift> = {}): Shift => ({
  ...{ journey: 'buy', site: 'shop.example', conditions: 'cold', step: null },
  ...{ layer: 'db', component: 'postgresql', cause: 'db.work', direction: 'slower' },
  ...{ deltaNs: { medianNs: 0, p75Ns: 0 }, partNs: partMs * 1e6, share: null, sinceUnixMs: 0 },
  before: { runs: 40, medianNs: 0, p75Ns: 0 },
  after: { runs: runsSince, medianNs: 0, p75Ns: 0 },
  ...{ p: 1e-6, mark: null, traceId: '', usualTraceId: '', sentence: '' },
  ...more,
});
const service = (partMs: number, runsSince: number, more: Partial<Shift> = {}) =>
  shift(partMs, runsSince, { layer: 'service', component: 'web', cause: 'service.work', ...more });

describe('a smaller change', () => {
  const large = shift(700, 5);

  it('comes along with a much larger one that began with it', () => {
    for (const runsSince of [3, 5, 7]) expect(comesAlong(service(38, runsSince), [large])).toBe(true);
  });

  it.each([
    ['it is large enough itself', service(150, 5)],
    ['it began earlier', service(38, 8)],
    ['it is another kind of run', service(38, 5, { conditions: 'warm' })],
    ['it became faster', service(-38, 5, { direction: 'faster' })],
  ])('is one of its own where %s', (_, small) => {
    expect(comesAlong(small, [large, small])).toBe(false);
  });
});
