import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Span, Trace } from '../../src/model/trace.ts';
import { indexConnections } from '../../viewer/trace/connections.ts';
import { indexMarks } from '../../viewer/trace/marks.ts';
import { OpenRows } from '../../viewer/trace/open-rows.ts';
import { indexPath, piecesBelow, piecesBetween } from '../../viewer/trace/path-index.ts';
import { asReported } from '../../viewer/trace/reported-times.ts';
import { type Row, type RowOptions, RowTree, rowExtent, rowHolds } from '../../viewer/trace/rows.ts';
import { matchesOf } from '../../viewer/trace/search.ts';
import { ancestorsOf, indexTrace, isWithin } from '../../viewer/trace/span-index.ts';
import { spanSet } from '../../viewer/trace/span-set.ts';
import { runView } from '../fixtures/run-view.ts';

const view = runView();
const index = indexTrace(view.trace);
const path = indexPath(view.path, index);
const named = (name: string): number => index.spans.findIndex((span) => span.name === name);

const template = view.trace.spans[0] as Span;
/** A trace from parent numbers; −1 and numbers of later spans name parents that are not there. */
const traceOf = (parents: readonly number[], more: Partial<Span> = {}): Trace => ({
  ...view.trace,
  rootId: 's0',
  spans: parents.map((parent, i) => ({
    ...template,
    attributes: {},
    ...more,
    spanId: `s${i}`,
    parentId: parent < 0 ? null : `s${parent}`,
  })),
});

describe('the span index', () => {
  it('gives every span one place in the tree, whatever its parent is said to be', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 40 }), { minLength: 1, maxLength: 40 }), (parents) => {
        const { entered, left, parent, depth, roots } = indexTrace(traceOf(parents));
        expect([...entered].sort((a, b) => a - b)).toEqual(parents.map((_, i) => i));
        parents.forEach((_, i) => {
          const p = parent[i] ?? -1;
          expect(depth[i]).toBe(p < 0 ? 0 : (depth[p] ?? 0) + 1);
          expect(roots.includes(i)).toBe(p < 0);
          if (p >= 0)
            expect((left[p] ?? 0) >= (left[i] ?? 0) && (entered[p] ?? 0) < (entered[i] ?? 0)).toBe(true);
        });
      }),
    );
  });

  it('walks a chain of 50 000 spans', () => {
    const deep = indexTrace(traceOf(Array.from({ length: 50_000 }, (_, i) => i - 1)));
    expect(deep.depth[49_999]).toBe(49_999);
    expect(ancestorsOf(deep, 49_999)).toHaveLength(49_999);
    expect(isWithin(deep, 49_999, 7)).toBe(true);
    expect(isWithin(deep, 7, 49_999)).toBe(false);
  });
});

describe('the path index', () => {
  it('gives the root the whole wall time, and the scan its own', () => {
    expect(path.subtreeNs[0]).toBe(view.report.wallNs);
    expect(path.ownNs[named('Seq Scan on orders')]).toBe(1_298_400_000);
    expect(piecesBelow(path, index, named('GET /api/recommendations'))).toEqual([]);
  });

  it('finds the pieces of a stretch of time', () => {
    const [first, second] = path.pieces;
    if (!first || !second) throw new Error('the fixture has no path');
    expect(piecesBetween(path, first.startNs, first.endNs)).toEqual([first]);
    expect(piecesBetween(path, first.endNs - 1, first.endNs + 1)).toEqual([first, second]);
    expect(piecesBetween(path, view.report.wallNs, view.report.wallNs + 5)).toEqual([]);
  });
});

describe('the rows', () => {
  const tree = new RowTree(index, path, (span) => index.spans[span]?.status.code === 'error');
  const opened = (keys: Iterable<string>): OpenRows => new OpenRows(index.size, keys);
  const rowsOf = (options: RowOptions): Row[] => [...tree.rows(options)];
  const all = rowsOf({ open: opened(tree.everyKey()), criticalOnly: false });

  it('show each span once when everything is open', () => {
    const spans = all.flatMap((row) => (row.kind === 'span' ? [row.span] : []));
    expect([...spans].sort((a, b) => a - b)).toEqual([...index.spans.keys()]);
  });

  it('stand for each span exactly once, whatever is open', () => {
    const keys = [...tree.everyKey()];
    fc.assert(
      fc.property(fc.subarray(keys), (open) => {
        const rows = rowsOf({ open: opened(open), criticalOnly: false });
        const holders = (span: number): Row[] => rows.filter((row) => rowHolds(row, index, span));
        for (const span of [0, 5, 40, 100, index.spans.length - 1]) expect(holders(span)).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });

  it('keep together what is alike, and apart what failed', () => {
    const assets = all.find((row) => row.kind === 'group');
    expect(assets?.kind === 'group' && assets.group).toMatchObject({ title: 'GET /assets/…' });
    expect(assets?.kind === 'group' && assets.group.members).toHaveLength(30);
    expect(assets && rowExtent(assets, index)).toEqual({ startNs: 305e6, endNs: 442e6 });

    const request = { [HEADWATER.type]: 'request', 'url.full': 'https://a.example/x.js' };
    const trace = traceOf([-1, 0, 0, 0, 0, 0, 0], { name: 'GET /x.js', attributes: request });
    const spans = trace.spans.map((span, i) =>
      i === 3 ? { ...span, status: { code: 'error' as const } } : span,
    );
    const alike = indexTrace({ ...trace, spans });
    const own = new RowTree(alike, indexPath([], alike), (i) => alike.spans[i]?.status.code === 'error');
    const rows = [...own.rows({ open: new OpenRows(alike.size, ['s0']), criticalOnly: false })];
    expect(rows.map((row) => row.key)).toEqual(['s0', 'g1', 's3']);
  });

  it('open all that is above a span', () => {
    const asset = named('GET /assets/vendor-5.js');
    const rows = rowsOf({ open: opened(tree.keysAbove(asset)), criticalOnly: false });
    expect(rows.some((row) => row.kind === 'span' && row.span === asset)).toBe(true);
  });

  it('leave out what the critical path never touched', () => {
    const critical = rowsOf({ open: opened(tree.everyKey()), criticalOnly: true });
    expect(critical.length).toBeLessThan(all.length);
    expect(critical.filter((row) => row.kind === 'span' && path.subtreeNs[row.span] === 0)).toEqual([]);
  });
});

it('a span set counts what is below, as a filter would', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: index.spans.length - 1 })), (chosen) => {
      const set = spanSet(index, chosen);
      expect(set.size).toBe(chosen.length);
      for (const span of [0, 3, 60, index.spans.length - 1]) {
        expect(set.within(span)).toBe(chosen.filter((c) => isWithin(index, c, span)).length);
        expect(set.has(span)).toBe(chosen.includes(span));
      }
    }),
  );
});

describe('search', () => {
  const found = (query: string): number =>
    matchesOf(index, query)?.filter((match) => match === 1).length ?? 0;
  it('wants every word, anywhere, in any case', () => {
    expect(found('SEQ scan ORDERS')).toBe(1);
    expect(found('212477')).toBe(1);
    expect(found('no server took')).toBe(1);
    expect(found('cart validated')).toBe(1);
    expect(found('seq nothing')).toBe(0);
    expect(matchesOf(index, '   ')).toBeUndefined();
  });
});

it('stands as reported where each source said, and has no critical path there', () => {
  const view = runView();
  const index = indexTrace(view.trace);
  const path = indexPath(view.path, index);
  const drawn = asReported({ index, path, connections: indexConnections(index), marks: indexMarks(index) });
  const { spans } = view.trace;
  expect(spans.filter((span) => span.startNs !== span.rawStartNs).length).toBeGreaterThan(0);
  expect([...drawn.index.startNs]).toEqual(spans.map((span) => span.rawStartNs));
  expect([...drawn.index.endNs]).toEqual(spans.map((span) => span.rawEndNs));
  expect([...index.startNs]).toEqual(spans.map((span) => span.startNs));
  expect(drawn.path.pieces).toHaveLength(0);
});
