import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerTiming } from '../../src/import/server-timing.ts';

describe('Server-Timing', () => {
  it('reads names, durations and descriptions', () => {
    expect(readServerTiming('db;dur=53.2;desc="orders, all", cache;desc=HIT, miss, app;dur=0')).toEqual([
      { name: 'db', durationMs: 53.2, description: 'orders, all' },
      { name: 'cache', description: 'HIT' },
      { name: 'miss' },
      { name: 'app', durationMs: 0 },
    ]);
  });

  it('joins several headers', () => {
    expect(readServerTiming('lb;dur=8.7, lbq;dur=0\napp;dur=3').map((m) => m.name)).toEqual([
      'lb',
      'lbq',
      'app',
    ]);
  });

  it('takes the first of a repeated parameter, and knows them in any case', () => {
    expect(readServerTiming('a;DUR=1;dur=2;Desc=x')).toEqual([
      { name: 'a', durationMs: 1, description: 'x' },
    ]);
  });

  it.each([
    ['negative', 'lbc;dur=-1'],
    ['no number', 'a;dur=abc'],
    ['infinite', 'a;dur=1e999'],
    ['longer than a day', 'a;dur=99999999999'],
    ['not a number', 'a;dur=NaN'],
    ['empty', 'a;dur='],
    ['hexadecimal', 'a;dur=0x10'],
  ])('refuses a duration that is %s', (_fault, header) => {
    expect(readServerTiming(header)).toEqual([{ name: header.split(';')[0] }]);
  });

  it('passes over what it cannot read', () => {
    expect(readServerTiming('"x", ;dur=1, (a), ok;dur=2').map((m) => m.name)).toEqual(['ok']);
    expect(readServerTiming('a;desc="open to the end, b;dur=1')).toHaveLength(1);
    expect(readServerTiming('__proto__;dur=1')).toEqual([{ name: '__proto__', durationMs: 1 }]);
    expect(readServerTiming('')).toEqual([]);
  });

  it('never throws, and never says more than a few metrics', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab;,="\\ \t\n-1.eé\0'), maxLength: 400 }), (text) => {
        for (const metric of readServerTiming(text.repeat(20)))
          expect(metric.durationMs ?? 0).toBeGreaterThanOrEqual(0);
        expect(readServerTiming(text.repeat(20)).length).toBeLessThanOrEqual(50);
      }),
    );
  });
});
