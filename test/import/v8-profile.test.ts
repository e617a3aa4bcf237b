import { describe, expect, it } from 'vitest';
import { readV8Profile, type V8Node, type V8Profile } from '../../src/import/v8-profile.ts';

const node = (id: number, functionName: string, rest: Partial<V8Node> = {}): V8Node => ({
  id,
  callFrame: { functionName, url: functionName.startsWith('(') ? '' : 'app.js', lineNumber: id },
  ...rest,
});
const frame = {
  of: 'page' as const,
  thread: 'main',
  fromUnixNano: 1_000_000n,
  toUnixNano: 1_010_000n,
  unixNanoAt: (us: number) => BigInt(us) * 1_000n,
};
const read = (profile: Partial<V8Profile>) =>
  readV8Profile({ nodes: [], startTime: 1_000, samples: [], timeDeltas: [], ...profile }, frame);

describe('a CPU profile of V8', () => {
  it('tells parents as trace events do, and children as the inspector does', () => {
    const byParent = [node(1, '(root)'), node(2, 'a', { parent: 1 }), node(3, 'b', { parent: 2 })];
    const byChildren = [node(1, '(root)', { children: [2] }), node(2, 'a', { children: [3] }), node(3, 'b')];
    const samples = { samples: [3, 2, 3], timeDeltas: [1, 2, 3] };
    const found = read({ nodes: byParent, ...samples });
    expect(read({ nodes: byChildren, ...samples })).toEqual(found);
    expect(found).toMatchObject({
      functions: [
        { name: 'a', url: 'app.js', line: 3 },
        { name: 'b', url: 'app.js', line: 4 },
      ],
      places: [
        [0, -1],
        [1, 0],
      ],
      atNs: [1_000, 3_000, 6_000],
      placeAt: [1, 0, 1],
    });
  });

  it('is cut to the time that is asked for; a thread without work is nowhere', () => {
    const nodes = [node(1, '(root)'), node(2, '(idle)', { parent: 1 }), node(3, 'a', { parent: 1 })];
    const found = read({ nodes, samples: [3, 2, 3, 3], timeDeltas: [-5, 6, 2, 90] });
    expect([found?.atNs, found?.placeAt]).toEqual([
      [1_000, 3_000],
      [-1, 0],
    ]);
    expect(read({ nodes, samples: [3], timeDeltas: [90] })).toBeUndefined();
  });

  it('survives nodes that are missing, name each other, or have no name', () => {
    const round = [node(1, 'a', { parent: 2 }), node(2, 'b', { parent: 1 }), { id: 3, callFrame: {} }];
    const found = read({ nodes: round, samples: [1, 9, 3], timeDeltas: [1, 1, 1] });
    expect(found?.placeAt).toEqual([1, -1, 2]);
    for (const [i, [, caller]] of (found?.places ?? []).entries()) expect(caller).toBeLessThan(i);
    expect(found?.functions.at(-1)).toEqual({ name: '(anonymous)', url: '', line: 0 });
  });

  it('keeps no secret of an address', () => {
    const nodes = [
      { id: 1, callFrame: { functionName: 'f', url: 'https://x.test/a.js?token=abcdef123456' } },
    ];
    expect(JSON.stringify(read({ nodes, samples: [1], timeDeltas: [1] }))).not.toContain('abcdef123456');
  });
});
