/** Sampled functions under the pieces of the ledger that they explain. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hotPieces } from '../../src/analyse/hot-functions.ts';
import type { CpuProfile } from '../../src/model/cpu-profile.ts';
import type { PathPiece } from '../../src/model/report.ts';

const ORIGIN = 1_795_000_000_000_000_000n;
const MS = 1e6;

const piece = (layer: 'browser' | 'network', cause: string, fromMs: number, toMs: number): PathPiece => ({
  startNs: fromMs * MS,
  endNs: toMs * MS,
  layer,
  component: 'main thread',
  cause,
  evidence: 'measured',
  spanId: '00000000000000aa',
});

/** `a` calls `b` calls `b`: one sample a letter and millisecond; a dot is idle. */
function sampled(text: string, fromMs: number): CpuProfile {
  const places = { a: 0, b: 1, B: 2 } as const;
  return {
    version: 1,
    of: 'page',
    thread: 'main thread of the page',
    functions: [
      { name: 'a', url: 'https://site.example/a.js', line: 3 },
      { name: 'b', url: '', line: 0 },
    ],
    places: [
      [0, -1],
      [1, 0],
      [1, 1],
    ],
    fromUnixNano: String(ORIGIN + BigInt(fromMs * MS)),
    atNs: [...text].map((_, i) => i * MS),
    placeAt: [...text].map((letter) => places[letter as 'a'] ?? -1),
  };
}

const hot = (path: readonly PathPiece[], profile: CpuProfile, offsetNs = 0) =>
  hotPieces(path, [{ profile, isOf: ({ layer }) => layer === 'browser', offsetNs }], ORIGIN);

describe('hot functions', () => {
  const path = [
    piece('browser', 'browser.script', 0, 10),
    piece('network', 'network.unexplained', 10, 20),
    piece('browser', 'browser.long_task', 20, 40),
  ];

  it('explain the piece under which they ran, by own time and with what they called', () => {
    const found = hot(path, sampled('....................aaaaabbbbbbbbbBBBB..x', 0));
    expect(found).toEqual([
      {
        layer: 'browser',
        component: 'main thread',
        cause: 'browser.long_task',
        thread: 'main thread of the page',
        ns: 20 * MS,
        sampledNs: 18 * MS,
        functions: [
          // b inside b is counted once
          { name: 'b', url: '', line: 0, selfNs: 13 * MS, totalNs: 13 * MS },
          { name: 'a', url: 'https://site.example/a.js', line: 3, selfNs: 5 * MS, totalNs: 18 * MS },
        ],
      },
    ]);
  });

  it('are cut where their piece ends, and moved by their clock’s offset', () => {
    const [script, task] = hot(path, sampled('a'.repeat(60), 0)).sort((x, y) => x.ns - y.ns);
    expect([script?.sampledNs, task?.sampledNs]).toEqual([10 * MS, 20 * MS]);
    expect(hot(path, sampled(`${'b'.repeat(20)}x`, 0), 20 * MS).map(({ cause }) => cause)).toEqual([
      'browser.long_task',
    ]);
  });

  it('go on no longer than 5 ms without a new sample', () => {
    const gap = { ...sampled('ab', 20), atNs: [0, 19 * MS] };
    expect(hot(path, gap)).toMatchObject([{ sampledNs: 5 * MS }]);
  });

  it('never have more time than their piece, wherever samples and pieces lie', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(
        cuts,
        fc.string({ unit: fc.constantFrom('a', 'b', 'B', '.'), maxLength: 90 }),
        (at, text) => {
          const bounds = [...new Set(at)].sort((x, y) => x - y);
          const pieces = bounds
            .slice(1)
            .map((to, i) => piece(i % 3 === 1 ? 'network' : 'browser', 'browser.script', bounds[i]!, to));
          const before = structuredClone(pieces);
          for (const { ns, sampledNs, functions } of hot(pieces, sampled(text, 0))) {
            expect(sampledNs).toBeLessThanOrEqual(ns);
            expect(functions.reduce((sum, { selfNs }) => sum + selfNs, 0)).toBe(sampledNs);
            for (const { selfNs, totalNs } of functions) expect(totalNs).toBeGreaterThanOrEqual(selfNs);
          }
          expect(pieces).toEqual(before);
        },
      ),
    );
  });
});
