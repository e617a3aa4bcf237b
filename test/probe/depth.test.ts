import { describe, expect, it } from 'vitest';
import { depthOf } from '../../probe/suite/depth.ts';

describe('the depth of a suite', () => {
  it('is one of two', () => {
    expect([depthOf('whole'), depthOf('requests')]).toEqual(['whole', 'requests']);
  });

  it.each(['request', '', 'toString'])('is not "%s"', (word) => {
    expect(() => depthOf(word)).toThrow(`headwater: depth is whole or requests, not "${word}".`);
  });
});
