/**
 * Every format, by its real capture: any bytes, cut, flipped, NUL, one value for another, hostile keys, 100 000 deep, 100 MB
 * long, 100 000 faults. Readers return, soon, with few warnings, and what they made can be stored, stitched and drawn.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatOf, readAs } from '../../src/import/formats.ts';
import type { ImportResult } from '../../src/model/span.ts';
import { restitch } from '../../src/run/restitch.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { captures } from './format-captures.ts';

function expectWellFormed({ spans, warnings }: ImportResult): void {
  for (const span of spans) expect(typeof span.startUnixNano).toBe('bigint');
  for (const warning of warnings) expect(warning.message).not.toBe('');
}

const CASES = captures().map(({ format, bytes }) => [format.name, format, bytes] as const);
const isText = (bytes: Buffer): boolean => !bytes.includes(0);

describe.each(CASES)('%s', (_, format, capture) => {
  const read = (bytes: Uint8Array) => readAs(format, bytes, { where: 'test' });

  it('reads its capture, which is of no other format', () => {
    expect(formatOf(capture)).toBe(format);
    expect(read(capture).spans.length).toBeGreaterThan(0);
    expectKept(read(capture));
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        formatOf(bytes);
        expectWellFormed(read(bytes));
      }),
    );
  });

  it('survives a capture cut off anywhere', () => {
    fc.assert(fc.property(fc.nat(capture.length), (end) => expectWellFormed(read(capture.subarray(0, end)))));
  });

  it('survives flipped bits', () => {
    const flips = fc.array(fc.tuple(fc.nat(capture.length - 1), fc.nat(7)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(flips, (places) => {
        const bytes = Buffer.from(capture);
        for (const [at, bit] of places) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        expectWellFormed(read(bytes));
      }),
    );
  });

  it('survives NUL bytes, and what it makes of them can be kept', () => {
    const places = fc.array(fc.nat(capture.length - 1), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(places, (at) => {
        const bytes = Buffer.from(capture);
        for (const place of at) bytes[place] = 0;
        expectKept(read(bytes));
      }),
      { numRuns: 20 },
    );
  });

  it('counts the faults of 100 000 lines instead of listing them', () => {
    const firstLine = capture.subarray(0, (capture.indexOf(0x0a) + 1 || capture.length) - 1);
    for (const line of ['x', '{}', '{"k":"haproxy"}', '- - - [] "" 0 ""', '\0']) {
      const lines = Buffer.from(`\n${`${line}\n`.repeat(100_000)}`);
      expect(read(Buffer.concat([firstLine, lines])).warnings.length).toBeLessThan(100);
    }
  });

  it('survives a line of 100 MB', () => {
    const filler = Buffer.alloc(100_000_000, 'a');
    const quote = isText(capture) ? capture.indexOf('":"') + 3 : 12;
    const inside = Buffer.concat([capture.subarray(0, quote), filler, capture.subarray(quote)]);
    expectWellFormed(read(inside));
    expectWellFormed(read(Buffer.concat([capture, filler])));
  });
});

/** Numbers, keys and values of a text, whatever its format, are put in place of each other. */
const TOKEN = /"(?:[^"\\]|\\.)*"\s*:?|-?\d+(?:\.\d+)?/g;
const HOSTILE = [
  ...['1e309', '-1e309', '-1', '0.5', '9'.repeat(400), '18446744073709551616', '9223372036854775807'],
  ...['null', 'true', '[]', '{}', '[[[]]]', '"x"', '""', '"\\u0000"', '"1e400"', '-'],
];
const HOSTILE_KEYS = [
  '"__proto__":',
  '"constructor":',
  '"prototype":',
  '"toString":',
  '"":',
  '"hasOwnProperty":',
];

describe.each(CASES.filter(([, , capture]) => isText(capture)))(
  '%s with one value for another',
  (_, format, capture) => {
    const text = capture.toString();
    const tokens = [...text.matchAll(TOKEN)];
    const swap = fc.tuple(
      fc.nat(tokens.length - 1),
      fc.nat(HOSTILE.length - 1),
      fc.nat(HOSTILE_KEYS.length - 1),
    );

    it('is read, kept and stitched', () => {
      fc.assert(
        fc.property(fc.array(swap, { minLength: 1, maxLength: 6 }), (swaps) => {
          const swapByToken = new Map(swaps.map(([token, ...rest]) => [token, rest]));
          let at = -1;
          const hostile = text.replace(TOKEN, (token) => {
            const [value, key] = swapByToken.get(++at) ?? [];
            if (value === undefined || key === undefined) return token;
            return token.endsWith(':') ? HOSTILE_KEYS[key]! : HOSTILE[value]!;
          });
          expectKept(readAs(format, Buffer.from(hostile), {}));
        }),
        { numRuns: 60 },
      );
      expectUnpolluted();
    });

    it('survives nesting 100 000 deep in any of its values', () => {
      const deep = [
        '['.repeat(100_000) + ']'.repeat(100_000),
        `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      ];
      const values = tokens.filter(([token]) => !token.endsWith(':'));
      for (const [i, { index, 0: token }] of values.entries()) {
        if (i % Math.ceil(values.length / MAX_PLACES)) continue;
        const nested = text.slice(0, index) + deep[i % 2] + text.slice(index + token.length);
        expectWellFormed(readAs(format, Buffer.from(nested), {}));
      }
      for (const all of deep) expectWellFormed(readAs(format, Buffer.from(all), {}));
    });
  },
);

/** Each place costs a reading of a megabyte. */
const MAX_PLACES = 20;

/** Nobody’s object has gained anything. */
function expectUnpolluted(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  const inherited: string[] = [];
  for (const key in {}) inherited.push(key);
  expect(inherited).toEqual([]);
}

/** What was read can be stored, read back, stitched, judged and drawn. */
function expectKept(result: ImportResult): void {
  expectWellFormed(result);
  const store = openStore(':memory:');
  try {
    store.append(result.spans);
    store.warn(null, result.warnings);
    for (const traceId of new Set(result.spans.map((span) => span.traceId))) {
      const view = restitch(traceId, store);
      store.saveRun(view!);
      expect(store.run(traceId)?.report.wallNs).toBe(view!.report.wallNs);
    }
  } finally {
    store.close();
  }
}
