/** The table numbers ids as a Map does, whatever they look like and however many there are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdTable } from '../../src/model/id-table.ts';

const hexId = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((id) => id.toString(16).padStart(16, '0'));
/** Upper case, too short, too long, not of hex digits: other ids than the ones they look like. */
const strangeId = fc.oneof(
  hexId.map((id) => id.toUpperCase()),
  hexId.map((id) => id.slice(1)),
  hexId.map((id) => `${id}0`),
  hexId.map((id) => `${id.slice(1)}g`),
  hexId.map((id) => `${id.slice(1)}ā`),
  fc.string(),
);
const id = fc.oneof(hexId, strangeId, fc.constantFrom('0000000000000001', '0000000100000000'));

describe('an id table', () => {
  it('numbers in the order of coming, and finds what was put in and nothing else', () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 100 }), fc.array(id), fc.nat(50), (ids, others, expected) => {
        const table = new IdTable(expected);
        const numbers = new Map<string, number>();
        for (const each of ids) {
          if (!numbers.has(each)) numbers.set(each, numbers.size);
          expect(table.put(each)).toBe(numbers.get(each));
        }
        expect(table.size).toBe(numbers.size);
        for (const each of [...ids, ...others]) expect(table.numberOf(each)).toBe(numbers.get(each) ?? -1);
      }),
    );
  });
});
