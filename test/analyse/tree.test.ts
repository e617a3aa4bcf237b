/** A trace as stitching made it, and the same read from JSON, copied or cut: the tree answers alike. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import { spansOfType, type Tree, treeOf, typeOf } from '../../src/analyse/tree.ts';
import { SPAN_TYPES } from '../../src/model/attributes.ts';
import { spanTableOf } from '../../src/model/span-table.ts';
import type { Span, Trace } from '../../src/model/trace.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { generateTrace, SHAPES } from '../bench/generate.ts';
import { wholeRequest } from '../stitch/reported.ts';

const readAgain = (trace: Trace): Trace => JSON.parse(JSON.stringify(trace)) as Trace;
const ids = (spans: readonly Span[]): string[] => spans.map(({ spanId }) => spanId);

function answersOf(tree: Tree) {
  return {
    spans: tree.spans.map((span) => ({
      id: span.spanId,
      type: typeOf(span),
      place: tree.placeOf(span),
      parent: tree.parentOf(span)?.spanId,
      children: ids(tree.childrenOf(span)),
    })),
    byType: SPAN_TYPES.map((type) => ids(spansOfType(tree, type))),
  };
}

describe('treeOf', () => {
  it('answers of a stitched trace as of the same trace from JSON', () => {
    const wanted = fc.record({
      spans: fc.integer({ min: 1, max: 400 }),
      shape: fc.constantFrom(...SHAPES),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    fc.assert(
      fc.property(wanted, (given) => {
        const trace = stitch(generateTrace(given))!;
        const again = readAgain(trace);
        expect([spanTableOf(trace), spanTableOf(again)]).toEqual([expect.anything(), undefined]);
        expect(answersOf(treeOf(trace))).toEqual(answersOf(treeOf(again)));
        expect(JSON.stringify(analyse(again))).toBe(JSON.stringify(analyse(trace)));
      }),
      { numRuns: 30 },
    );
  });

  it('finds the place of a copy, in a list that was cut and put together anew', () => {
    const trace = stitch(wholeRequest())!;
    const spans = trace.spans.filter(({ name }) => name !== 'dbserver').map((span) => ({ ...span }));
    const tree = treeOf({ ...trace, spans });
    for (const [place, span] of trace.spans.entries()) {
      const found = spans.findIndex(({ spanId }) => spanId === span.spanId);
      expect(tree.placeOf(span)).toBe(found);
      expect(tree.placeOf({ ...span })).toBe(found);
      expect(treeOf(trace).placeOf({ ...span })).toBe(place);
    }
  });

  it('keeps the originals of a part of a trace apart from their old places', () => {
    const trace = stitch(wholeRequest())!;
    const part = trace.spans.filter((_, i) => i === 0 || i > 2);
    const again = readAgain(trace).spans.filter((_, i) => i === 0 || i > 2);
    expect(answersOf(treeOf({ rootId: trace.rootId, spans: part }))).toEqual(
      answersOf(treeOf({ rootId: trace.rootId, spans: again })),
    );
  });

  it('gives whole spans to whoever writes, compares or copies a trace', () => {
    const trace = stitch(wholeRequest())!;
    const { list } = treeOf(trace);
    const keys = Object.keys(trace.spans[0]!) as (keyof Span)[];
    const looks = trace.spans.map((_, place) => list.at(place)!);
    expect(keys).toContain('rawEndNs');
    expect(looks.map((look) => keys.map((key) => look[key]))).toEqual(
      trace.spans.map((span) => keys.map((key) => span[key])),
    );
    expect({ ...trace }).toEqual(trace);
    expect(structuredClone(trace).spans).toEqual(trace.spans);
    expect(readAgain(trace).spans).toHaveLength(wholeRequest().length + 2);
  });
});
