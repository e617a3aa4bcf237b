/** The exact chances of Mann–Whitney's U, beside counting all arrangements one by one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm } from '../../../src/analyse/shift/holm.ts';
import { chanceOf, pairsAgainst } from '../../../src/analyse/shift/rank-test.ts';
import { weightedMedian } from '../../../src/analyse/shift/weighted-median.ts';

/** Every way to choose which places are after. */
function* choices(places: number, chosen: number, from = 0): Generator<number[]> {
  if (chosen === 0) yield [];
  else
    for (let at = from; at <= places - chosen; at++)
      for (const rest of choices(places, chosen - 1, at + 1)) yield [at, ...rest];
}

function countedChance(before: number, after: number, against: number): number {
  let [few, all] = [0, 0];
  for (const chosen of choices(before + after, after)) {
    const rest = Array.from({ length: before + after }, (_, i) => i).filter((i) => !chosen.includes(i));
    all++;
    if (pairsAgainst(rest, chosen) <= against) few++;
  }
  return few / all;
}

describe('the rank test', () => {
  it('counts the pairs that speak against a rise, equal ones too', () => {
    expect(pairsAgainst([1, 2, 3], [4, 5])).toBe(0);
    expect(pairsAgainst([1, 2, 3], [2, 5])).toBe(2);
    expect(pairsAgainst([0, 0, 0], [0, 0])).toBe(6);
  });

  it('is exact', () => {
    for (const [before, after] of [
      [4, 3],
      [6, 2],
      [3, 5],
      [7, 4],
    ] as const)
      for (let against = 0; against <= before * after; against++)
        expect(chanceOf(before, after, against)).toBeCloseTo(countedChance(before, after, against), 12);
  });

  it('is exact far out: all of the last five are above sixty others once in C(65, 5)', () => {
    expect(chanceOf(60, 5, 0)).toBeCloseTo(1 / 8_259_888, 15);
    expect(chanceOf(60, 5, 2) * 8_259_888).toBeCloseTo(4, 6);
    expect(chanceOf(40, 40, 0) * 1.0750720873333e23).toBeCloseTo(1, 6);
  });

  it('never falls when more pairs are against', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (before, after) => {
        let last = 0;
        for (let against = 0; against <= before * after; against++) {
          const chance = chanceOf(before, after, against);
          if (chance < last || chance > 1) return false;
          last = chance;
        }
        return last > 1 - 1e-9;
      }),
      { numRuns: 30 },
    );
  });
});

describe('many questions at once', () => {
  it('are corrected after Holm, in the order in which they were asked', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([])).toEqual([]);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
  });
});

describe('a weighted median', () => {
  it('is the value at which half of the weight is reached', () => {
    expect(
      weightedMedian([
        { value: 9, weight: 1 },
        { value: 1, weight: 1 },
        { value: 5, weight: 1 },
      ]),
    ).toBe(5);
    expect(
      weightedMedian([
        { value: 9, weight: 5 },
        { value: 1, weight: 1 },
        { value: 5, weight: 1 },
      ]),
    ).toBe(9);
    expect(weightedMedian([{ value: 9, weight: 0 }])).toBeUndefined();
  });
});
