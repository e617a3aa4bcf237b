import { afterEach, describe, expect, it, vi } from 'vitest';
import { fitTo, shortestMs } from '../../scenarios/faults/fit.ts';

/** A clock that only what is measured moves on. */
let nowMs = 0;
afterEach(() => vi.restoreAllMocks());
const pretend = () => {
  nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
};

/** A machine on which `amount` takes `msOf(amount)`; the amounts that were tried. */
async function fitted(wantedMs: number, msOf: (amount: number) => number, power: number, most = 1e9) {
  pretend();
  const tried: number[] = [];
  const set = async (amount: number) => {
    tried.push(amount);
  };
  const run = async () => {
    nowMs += msOf(tried.at(-1)!);
  };
  await fitTo({ wantedMs, amount: 1_000, power, most, set, run });
  return tried;
}

describe('fitTo', () => {
  it('finds how much work takes as long as was asked', async () => {
    expect((await fitted(150, (rows) => rows / 100, 1)).at(-1)).toBe(15_000);
  });

  it('knows what grows with the square', async () => {
    expect((await fitted(150, (rows) => (rows / 1_000) ** 2, 2)).at(-1)).toBe(12_247);
  });

  it('looks again when something is always to be paid', async () => {
    const amount = (await fitted(150, (rows) => 20 + rows / 100, 1)).at(-1)!;
    expect(Math.abs(20 + amount / 100 - 150)).toBeLessThan(150 * 0.05);
  });

  it('changes nothing that is right already', async () => {
    expect(await fitted(10, (rows) => rows / 100, 1)).toEqual([1_000]);
  });

  it('stays below the most that makes sense', async () => {
    expect((await fitted(10_000, () => 0.001, 1, 5_000)).at(-1)).toBe(5_000);
  });
});

describe('shortestMs', () => {
  it('is not misled by a machine that is busy at times, nor by the first try', async () => {
    pretend();
    const lengths = [500, 30, 12, 40, 15];
    const run = async () => {
      nowMs += lengths.shift() ?? 99;
    };
    expect(await shortestMs(run)).toBe(12);
  });
});
