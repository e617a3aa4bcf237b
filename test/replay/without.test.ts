import { describe, expect, it } from 'vitest';
import { withoutCondition } from '../../src/replay/without.ts';

const network = { latencyMs: 100, downloadBytesPerS: 1_000, uploadBytesPerS: 1_000 };
const slow = { network, cpuSlowdown: 4, cache: 'cold' } as const;

describe('a condition taken away', () => {
  it.each([
    ['dns', { ...slow, addressByHost: { a: '192.0.2.1' } }],
    ['cold-start', { ...slow, cache: 'warm', connections: 'warm' }],
    ['cache', { ...slow, cache: 'off' }],
    ['third-party', { ...slow, thirdParties: 'blocked' }],
    ['throttling', { cache: 'cold' }],
    ['network', { cache: 'cold', cpuSlowdown: 4 }],
    ['cpu', { cache: 'cold', network }],
  ] as const)('%s', (condition, left) => {
    expect(withoutCondition(slow, condition, { a: '192.0.2.1' })).toEqual(left);
  });

  it.each(['dns', 'throttling', 'network', 'cpu'] as const)('%s is not there to take away', (condition) => {
    expect(withoutCondition({}, condition, {})).toBeUndefined();
  });
});
