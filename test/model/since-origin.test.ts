/** Times taken apart into halves say what a difference of bigints says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instants, sinceOrigin, type UnixNano } from '../../src/model/time.ts';

function since(origin: UnixNano, instants: readonly UnixNano[]): number[] {
  const all = new Instants(instants.length);
  for (const [i, t] of instants.entries()) all.set(i, t);
  return [...all.since(origin)];
}

describe('Instants', () => {
  it('says for every instant what sinceOrigin says, beyond 64 bits and before 1970 too', () => {
    const instant = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
      fc.constantFrom(0n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 64n - 1n, 2n ** 64n, -1n),
    );
    fc.assert(
      fc.property(instant, fc.array(instant), (origin, instants) => {
        expect(since(origin, instants)).toEqual(instants.map((t) => sinceOrigin(t, origin)));
      }),
    );
  });

  it('is exact to the nanosecond where a run lies', () => {
    const origin = 1_795_333_153_999_999_999n;
    const near = [origin + 86_400_000_000_001n, origin - 1n];
    expect(since(origin, near)).toEqual([86_400_000_000_001, -1]);
  });
});
