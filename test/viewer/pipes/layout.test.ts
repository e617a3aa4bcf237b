import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LayoutPipe, layOut } from '../../../viewer/pipes/layout.ts';

const SIZES = { breadth: 90, gap: 30, passage: 40 };
const pipesOf = (...ways: string[]): LayoutPipe[] =>
  ways.map((way) => {
    const [from = '', to = ''] = way.split('>');
    return { id: way, from, to };
  });
const ranks = (ids: string, ...ways: string[]): Record<string, number> => {
  const { spots } = layOut([...ids], pipesOf(...ways), ids[0] ?? '', SIZES);
  return Object.fromEntries([...spots].map(([id, { rank }]) => [id, rank]));
};

describe('the layout of stations', () => {
  it('puts each as far from the source as its longest way is', () => {
    expect(ranks('abcd', 'a>b', 'b>c', 'a>c', 'c>d')).toEqual({ a: 0, b: 1, c: 2, d: 3 });
  });

  it('bears circles, and calls of oneself', () => {
    expect(ranks('abc', 'a>b', 'b>c', 'c>a', 'b>b')).toEqual({ a: 0, b: 1, c: 2 });
  });

  it('puts what nobody called beside what the source called', () => {
    expect(ranks('abc', 'a>b')).toEqual({ a: 0, b: 1, c: 1 });
  });

  it('lets a long pipe go round the stations that it passes', () => {
    const { passages, spots } = layOut([...'abc'], pipesOf('a>b', 'b>c', 'a>c'), 'a', SIZES);
    const passed = passages.get('a>c')?.[0];
    expect(passed?.rank).toBe(1);
    expect(Math.abs((passed?.offset ?? 0) - (spots.get('b')?.offset ?? 0))).toBeGreaterThanOrEqual(
      SIZES.breadth / 2 + SIZES.gap + SIZES.passage / 2 - 1e-6,
    );
  });

  it('does not cross pipes that need not cross', () => {
    const { spots } = layOut([...'abcde'], pipesOf('a>b', 'a>c', 'b>e', 'c>d'), 'a', SIZES);
    const offset = (id: string): number => spots.get(id)?.offset ?? 0;
    expect(Math.sign(offset('b') - offset('c'))).toBe(Math.sign(offset('e') - offset('d')));
  });

  it('keeps stations apart and inside the breadth, and every pipe but those of a circle going forward', () => {
    const graph = fc.record({
      count: fc.integer({ min: 1, max: 14 }),
      ways: fc.array(fc.tuple(fc.nat(13), fc.nat(13)), { maxLength: 30 }),
    });
    fc.assert(
      fc.property(graph, ({ count, ways }) => {
        const ids = Array.from({ length: count }, (_, i) => `s${i}`);
        // Only from a lower to a higher number: no circle.
        const pipes = ways
          .map(([a, b]) => [Math.min(a % count, b % count), Math.max(a % count, b % count)] as const)
          .filter(([a, b]) => a < b)
          .map(([a, b], i) => ({ id: `p${i}`, from: `s${a}`, to: `s${b}` }));
        const { spots, breadth } = layOut(ids, pipes, 's0', SIZES);
        expect([...spots.keys()].sort()).toEqual([...ids].sort());
        for (const { from, to } of pipes) expect(spots.get(from)!.rank).toBeLessThan(spots.get(to)!.rank);
        const all = [...spots.values()];
        for (const one of all) {
          expect(one.offset).toBeGreaterThanOrEqual(SIZES.breadth / 2 - 1e-6);
          expect(one.offset).toBeLessThanOrEqual(breadth - SIZES.breadth / 2 + 1e-6);
          for (const other of all)
            if (one !== other && one.rank === other.rank)
              expect(Math.abs(one.offset - other.offset)).toBeGreaterThanOrEqual(
                SIZES.breadth + SIZES.gap - 1e-6,
              );
        }
      }),
    );
  });
});
