/** Scratch memory is empty for each step that takes it, and nobody has what another one still uses. */
import { describe, expect, it } from 'vitest';
import { inScratch } from '../../src/model/column-memory.ts';

/** Long enough to share memory, and not a multiple of anything. */
const LENGTH = 300_001;

describe('columns taken in scratch', () => {
  it('are all 0, whoever had their memory before', () => {
    inScratch(() => {
      inScratch((scratch) => {
        scratch.float64s(LENGTH).fill(7);
        scratch.int32s(LENGTH).fill(7);
        scratch.uint8s(LENGTH).fill(7);
      });
      inScratch((scratch) => {
        expect(scratch.uint8s(LENGTH).every((value) => value === 0)).toBe(true);
        expect(scratch.float64s(2 * LENGTH).every((value) => value === 0)).toBe(true);
        expect(scratch.int32s(LENGTH).every((value) => value === 0)).toBe(true);
      });
    });
  });

  it('are the next step’s when a step has ended', () => {
    inScratch(() => {
      const before = inScratch((scratch) => scratch.float64s(LENGTH));
      const after = inScratch((scratch) => scratch.float64s(LENGTH));
      expect(after.buffer).toBe(before.buffer);
    });
  });

  it('stay apart from those of the steps around', () => {
    inScratch((outer) => {
      const mine = outer.int32s(LENGTH).fill(1);
      inScratch((inner) => inner.int32s(LENGTH).fill(2));
      const another = outer.int32s(LENGTH).fill(3);
      expect(mine.every((value) => value === 1)).toBe(true);
      expect(another.every((value) => value === 3)).toBe(true);
    });
  });

  it('are given back by a step that fails', () => {
    inScratch((scratch) => {
      let taken: ArrayBufferLike | undefined;
      expect(() =>
        inScratch((inner) => {
          taken = inner.float64s(LENGTH).buffer;
          throw new Error('no');
        }),
      ).toThrow('no');
      expect(scratch.float64s(LENGTH).buffer).toBe(taken);
    });
  });

  it('outlive their work as ordinary memory: nobody else gets it', () => {
    const kept = inScratch((scratch) => scratch.float64s(LENGTH).fill(5));
    inScratch((scratch) => scratch.float64s(LENGTH).fill(6));
    expect(kept.every((value) => value === 5)).toBe(true);
  });
});
