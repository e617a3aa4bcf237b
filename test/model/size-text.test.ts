import { describe, expect, it } from 'vitest';
import { bytesOf, formatBytes } from '../../src/model/size-text.ts';

describe('a size', () => {
  it.each([
    ['5GB', 5e9],
    ['500 MB', 5e8],
    ['1.5gb', 1.5e9],
    ['16000000B', 16e6],
    ['5', undefined],
    ['5 gigs', undefined],
    ['-5GB', undefined],
    ['', undefined],
  ])('%j is %s bytes', (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [4_100, '4.1 KB'],
    [86_700_000, '87 MB'],
    [5e9, '5 GB'],
    [-2_500, '-2.5 KB'],
  ])('of %d bytes is told as %j', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
