import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TextCollector } from '../../src/analyse/columns/texts.ts';
import { textsWith } from '../../viewer/trace/text-search.ts';

const collect = (list: readonly string[]) => {
  const texts = new TextCollector();
  for (const text of list) texts.code(text);
  return texts.done();
};

it('finds the texts that a search one by one would find', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'B', 'b', ' ', 'É', 'é', 'İ', '😀'), maxLength: 6 });
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.uniqueArray(letters), word, (list, wanted) => {
      const found = textsWith(collect(list), wanted);
      expect([...found]).toEqual(list.map((text) => (text.toLowerCase().includes(wanted) ? 1 : 0)));
    }),
  );
});

it('takes no match that runs from one text into the next', () => {
  expect([...textsWith(collect(['xab', 'cab', 'c', 'abc']), 'abc')]).toEqual([0, 0, 0, 1]);
});

it('finds in every block of many texts', () => {
  const list = Array.from({ length: 10_000 }, (_, i) => `text ${i}${i === 4_100 ? ' é' : ''}`);
  const found = textsWith(collect(list), '99');
  expect(list.filter((_, i) => found[i] === 1)).toEqual(list.filter((text) => text.includes('99')));
});
