/** When a time is longer than chance makes it: what must hold for any past. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { surpriseOf, typicalOf } from '../../src/analyse/surprise.ts';

const MS = 1e6;
const times = (mostMs: number) =>
  fc.array(
    fc.integer({ min: 0, max: mostMs }).map((ms) => ms * MS),
    { minLength: 5, maxLength: 25 },
  );

describe('what is surprising', () => {
  it('is never as long as one that was seen', () => {
    fc.assert(
      fc.property(times(2_000), (past) => {
        const typical = typicalOf(past);
        for (const ns of past) expect(surpriseOf(ns, typical)).toBe(0);
      }),
    );
  });

  it('is never more so once the same was seen', () => {
    fc.assert(
      fc.property(times(500), fc.nat({ max: 3_000 }), (past, ms) => {
        const before = surpriseOf(ms * MS, typicalOf(past));
        expect(surpriseOf(ms * MS, typicalOf([...past, ms * MS]))).toBeLessThanOrEqual(before);
      }),
    );
  });

  it('is 100 ms more in what differs by 10 ms at most', () => {
    fc.assert(
      fc.property(times(10), fc.integer({ min: 0, max: 300 }), (jitter, usualMs) => {
        const past = jitter.map((ns) => usualMs * MS + ns);
        const found = surpriseOf((usualMs + 110) * MS, typicalOf(past));
        expect(found).toBeGreaterThanOrEqual(100 * MS);
      }),
    );
  });

  it('is told in full, and by nothing less than 20 ms', () => {
    const steady = typicalOf([50, 50, 50, 50, 50].map((ms) => ms * MS));
    expect([69, 70, 250].map((ms) => surpriseOf(ms * MS, steady) / MS)).toEqual([0, 20, 200]);
  });

  it('needs more from a few runs than from many', () => {
    const of = (count: number) =>
      typicalOf(Array.from({ length: count }, (_, i) => (100 + (i % 5) * 5) * MS)).reachNs / MS;
    expect([of(5), of(10), of(20)].map(Math.round)).toEqual([73, 53, 42]);
  });

  it('needs more where the past is uneven, and a fifth of what is long anyway', () => {
    const reach = (...ms: number[]) => typicalOf(ms.map((each) => each * MS)).reachNs / MS;
    expect(reach(1000, 1000, 1000, 1000, 1000, 1000)).toBe(200);
    expect(reach(900, 950, 1000, 1000, 1050, 1100)).toBeGreaterThan(400);
  });

  it('may be less than one odd run took, but not the same', () => {
    const past = typicalOf([90, 91, 92, 93, 94, 95, 2_000].map((ms) => ms * MS));
    expect([290, 1_990, 2_010, 2_500].map((ms) => surpriseOf(ms * MS, past) > 0)).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});
