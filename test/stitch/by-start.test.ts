/** The order by buckets is the order by comparison, however the starts lie. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReportedSpan } from '../../src/model/span.ts';
import { sinceOrigin } from '../../src/model/time.ts';
import { orderByStart } from '../../src/stitch/by-start.ts';
import { ORIGIN, reported } from './reported.ts';

const at = (startUnixNano: bigint, i: number): ReportedSpan => ({
  ...reported(`span ${i}`, undefined, 0, 1),
  startUnixNano,
  endUnixNano: startUnixNano,
});

function byComparison(spans: readonly ReportedSpan[]): ReportedSpan[] {
  return [...spans].sort((a, b) =>
    a.startUnixNano !== b.startUnixNano
      ? a.startUnixNano < b.startUnixNano
        ? -1
        : 1
      : a.spanId < b.spanId
        ? -1
        : 1,
  );
}

const ordered = (spans: readonly ReportedSpan[]): ReportedSpan[] =>
  Array.from(orderByStart(spans, startsOf(spans)), (i) => spans[i]!);

const startsOf = (spans: readonly ReportedSpan[]): Float64Array =>
  Float64Array.from(spans, ({ startUnixNano }) => sinceOrigin(startUnixNano, ORIGIN));

describe('orderByStart', () => {
  it('orders as a comparison of all with all does', () => {
    const near = fc.bigInt({ min: 0n, max: 50n });
    const run = fc.bigInt({ min: 0n, max: 60_000_000_000n });
    const far = fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n });
    fc.assert(
      fc.property(fc.array(fc.oneof(near, run, far), { maxLength: 200 }), (starts) => {
        const spans = starts.map((ns, i) => at(ORIGIN + ns, i));
        expect(ordered(spans)).toEqual(byComparison(spans));
      }),
    );
  });

  it('orders many that share a bucket because one lies far out', () => {
    const spans = Array.from({ length: 500 }, (_, i) => at(ORIGIN + BigInt((i * 7_919) % 500), i));
    spans.push(at(ORIGIN + 2n ** 60n, 500));
    expect(ordered(spans)).toEqual(byComparison(spans));
  });

  it('has nothing to order in nothing, one, and equals', () => {
    expect(ordered([])).toEqual([]);
    const [a, b] = [at(ORIGIN, 1), at(ORIGIN, 2)];
    expect(ordered([a])).toEqual([a]);
    expect(ordered([b, a])).toEqual(byComparison([a, b]));
  });
});
