import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ComparableRun, compare } from '../../../src/analyse/compare/compare.ts';
import type { Change, Comparison, SpanChange } from '../../../src/model/comparison.ts';
import type { RunView } from '../../../src/model/report.ts';
import type { Span } from '../../../src/model/trace.ts';
import { randomRun } from '../../fixtures/random-run.ts';
import { runView } from '../../fixtures/run-view.ts';

const sum = (changes: readonly Pick<Change, 'deltaNs'>[]): number =>
  changes.reduce((total, { deltaNs }) => total + deltaNs, 0);
const spansOf = ({ spans }: Comparison): readonly SpanChange[] => spans ?? [];
const pairs = (comparison: Comparison): string[] =>
  spansOf(comparison).map(({ a, b }) => `${a?.spanId ?? '—'} ${b?.spanId ?? '—'}`);

const ms = (n: number): number => n * 1e6;
const view = runView();

/** The run with other spans; path and ledger stay. */
const withSpans = (change: (spans: readonly Span[]) => readonly Span[], from: RunView = view): RunView => ({
  ...from,
  trace: { ...from.trace, spans: change(from.trace.spans) },
});

describe('for any two runs', () => {
  it('what layers, parts and steps gained is what the wall time gained, to the nanosecond', () => {
    fc.assert(
      fc.property(randomRun, randomRun, (a, b) => {
        const comparison = compare(a, b);
        const delta = a.report.wallNs - b.report.wallNs;
        expect(comparison.deltaNs).toBe(delta);
        expect(sum(comparison.layers)).toBe(delta);
        expect(sum(comparison.parts)).toBe(delta);
        expect(sum(comparison.steps)).toBe(delta);
        expect(comparison.restNs).toBe(0);
        for (const step of comparison.steps) expect(sum(step.layers)).toBe(step.deltaNs);
      }),
    );
  });

  it('a run differs in nothing from itself', () => {
    fc.assert(
      fc.property(randomRun, (run) => {
        const comparison = compare(run, run);
        expect(comparison.sentence).toMatch(/^Nothing differs/);
        for (const span of spansOf(comparison)) {
          expect(span.kind).toBe('both');
          expect(span.a).toEqual(span.b);
          expect(span.otherComponent).toBeUndefined();
          expect([span.deltaNs, span.ownDeltaNs]).toEqual([0, 0]);
        }
        for (const change of [...comparison.layers, ...comparison.parts, ...comparison.steps])
          expect(change.deltaNs).toBe(0);
        expect(comparison.connections).toEqual([]);
        expect(comparison.notes).toEqual([]);
      }),
    );
  });

  it('the other way round it says the opposite', () => {
    fc.assert(
      fc.property(randomRun, randomRun, (a, b) => {
        const [there, back] = [compare(a, b), compare(b, a)];
        const turned = back.parts.map((part) => [part.layer, part.cause, part.component, 0 - part.deltaNs]);
        expect(there.parts.map((p) => [p.layer, p.cause, p.component, 0 + p.deltaNs])).toEqual(
          turned.map((part) => part.map((value) => (value === 0 ? 0 : value))),
        );
        const backwards = spansOf(back).map(({ a: x, b: y }) => `${y?.spanId ?? '—'} ${x?.spanId ?? '—'}`);
        expect(pairs(there).sort()).toEqual(backwards.sort());
        expect(sum(spansOf(there)) + sum(spansOf(back))).toBe(0);
      }),
    );
  });

  it('has every span of both exactly once, parents before children, and changes neither run', () => {
    fc.assert(
      fc.property(randomRun, randomRun, (a, b) => {
        const before = JSON.stringify([a, b]);
        const spans = spansOf(compare(a, b));
        expect(JSON.stringify([a, b])).toBe(before);
        const once = (side: 'a' | 'b') => spans.flatMap((span) => span[side]?.spanId ?? []);
        const isSocket = ({ attributes }: Span) => /connection/.test(String(attributes['headwater.type']));
        for (const [run, side] of [
          [a, 'a'],
          [b, 'b'],
        ] as const) {
          const ids = once(side);
          expect(new Set(ids).size).toBe(ids.length);
          if (!run.trace.spans.some(isSocket)) expect(ids.length).toBe(run.trace.spans.length);
        }
        for (const [place, span] of spans.entries()) expect(span.parent).toBeLessThan(place);
      }),
    );
  });
});

describe('spans find each other by what they are', () => {
  it('not by their ids, and not by their place', () => {
    const renamed = withSpans((spans) =>
      spans.map((span) => ({
        ...span,
        spanId: `f${span.spanId.slice(1)}`,
        parentId: span.parentId && `f${span.parentId.slice(1)}`,
      })),
    );
    const trace = { ...renamed.trace, rootId: `f${view.trace.rootId.slice(1)}` };
    const spans = spansOf(compare(view, { ...renamed, trace }));
    expect(spans.length).toBeGreaterThan(100);
    expect(spans.filter(({ kind }) => kind !== 'both')).toEqual([]);
    for (const { a, b } of spans) expect(b?.spanId.slice(1)).toBe(a?.spanId.slice(1));
  });

  it('a request in the middle that only one run has is the one that is added', () => {
    const requests = view.trace.spans.filter(({ attributes }) => attributes['headwater.type'] === 'request');
    const gone = requests[3]!;
    const inside = new Set([gone.spanId]);
    for (const span of view.trace.spans) if (inside.has(span.parentId ?? '')) inside.add(span.spanId);
    const without = withSpans((spans) => spans.filter(({ spanId }) => !inside.has(spanId)));
    const added = spansOf(compare(view, without)).filter(({ kind }) => kind !== 'both');
    expect(added.map(({ a }) => a?.spanId).sort()).toEqual([...inside].sort());
    expect(new Set(added.map(({ kind }) => kind))).toEqual(new Set(['added']));
    const removed = spansOf(compare(without, view)).filter(({ kind }) => kind !== 'both');
    expect(new Set(removed.map(({ kind }) => kind))).toEqual(new Set(['removed']));
  });

  it('another server of several is the same part, and said', () => {
    const moved = withSpans((spans) =>
      spans.map((span) => (span.component === 'web-1' ? { ...span, component: 'web-9' } : span)),
    );
    const spans = spansOf(compare(view, moved));
    expect(spans.filter(({ kind }) => kind !== 'both')).toEqual([]);
    const elsewhere = spans.filter(({ otherComponent }) => otherComponent !== undefined);
    expect(elsewhere.length).toBeGreaterThan(0);
    for (const span of elsewhere) expect([span.component, span.otherComponent]).toEqual(['web-1', 'web-9']);
  });

  it('in a loop, the first belongs to the first', () => {
    const root = view.trace.spans[0]!;
    const query = (spanId: string, startMs: number, value: number): Span => ({
      ...root,
      spanId,
      parentId: root.spanId,
      name: 'query',
      attributes: { 'db.query.text': `select * from t where id = ${value}` },
      startNs: ms(startMs),
      endNs: ms(startMs + 1),
    });
    const run = (spans: readonly Span[]): ComparableRun => ({
      ...view,
      path: [],
      trace: { ...view.trace, spans: [root, ...spans] },
    });
    const a = run([query('a3', 30, 9), query('a1', 10, 7), query('a2', 20, 8)]);
    const b = run([query('b1', 5, 1), query('b2', 300, 2)]);
    expect(pairs(compare(a, b)).slice(1).sort()).toEqual(['a1 b1', 'a2 b2', 'a3 —']);
  });

  it('tens of thousands of one parent, and as many below each other', () => {
    const wide = runView({ spans: 20_000 });
    const spans = spansOf(compare(wide, wide));
    expect(spans.length).toBeGreaterThan(19_000);
    expect(spans.every(({ kind, deltaNs }) => kind === 'both' && deltaNs === 0)).toBe(true);
    const root = view.trace.spans[0]!;
    const chain = Array.from(
      { length: 20_000 },
      (_, i): Span => ({
        ...root,
        spanId: `c${i}`,
        parentId: i === 0 ? null : `c${i - 1}`,
      }),
    );
    const deep = { ...view, path: [], trace: { spans: chain, rootId: 'c0' } };
    expect(spansOf(compare(deep, deep)).length).toBe(20_000);
  });
});

describe('the sentence', () => {
  /** The same run without the sequential scan: its piece of the path is an instant. */
  const quick: RunView = (() => {
    const scan = view.report.ledger.find(({ cause }) => cause === 'db.seq_scan')!;
    const ledger = view.report.ledger.filter((entry) => entry !== scan);
    return {
      ...view,
      report: { ...view.report, traceId: 'f'.repeat(32), wallNs: view.report.wallNs - scan.ns, ledger },
    };
  })();

  it('says by how much, by what, and how much of the shift that is', () => {
    expect(compare(view, quick).sentence).toBe(
      'This run took 2.61 s, 1.30 s slower than run ffffffff (1.31 s): +1.30 s seq scan in postgresql; 100 % of the shift.',
    );
    expect(compare(quick, view).sentence).toBe(
      'This run took 1.31 s, 1.30 s faster than run 4bf92f35 (2.61 s): −1.30 s seq scan in postgresql; 100 % of the shift.',
    );
  });

  it('tells a failed run from a quick one', () => {
    const failed = { ...quick, report: { ...quick.report, status: 'failed' as const } };
    const comparison = compare(failed, view);
    expect(comparison.sentence).toMatch(
      /^This run failed after 1\.31 s, run 4bf92f35 took 2\.61 s \(−1\.30 s\)/,
    );
    expect(comparison.notes.join()).toContain('This run failed and the other did not');
  });

  it('does not call chance a shift, and still says what gave and took', () => {
    const scan = view.report.ledger.findIndex(({ cause }) => cause === 'db.seq_scan');
    const ledger = view.report.ledger.map((entry, i) =>
      i === scan ? { ...entry, cause: 'db.lock_wait' } : entry,
    );
    const { sentence } = compare({ ...view, report: { ...view.report, ledger } }, view);
    expect(sentence).toContain('as long as run 4bf92f35 (0 ms), though its parts moved: ');
    expect(sentence).toContain('+1.30 s lock wait in postgresql');
    expect(sentence).toContain('−1.30 s seq scan in postgresql');
  });
});

describe('connections', () => {
  it('tells by host what was paid for, and what was not', () => {
    const warm = withSpans((spans) =>
      spans.filter(
        ({ attributes, name }) => attributes['headwater.type'] !== 'phase' || !/DNS|connect|TLS/.test(name),
      ),
    );
    const { connections } = compare(view, warm);
    const phases = connections.filter(({ host }) => host === 'shop.example').map(({ phase }) => phase);
    expect(phases).toEqual(expect.arrayContaining(['dns', 'tcp', 'tls']));
    for (const { a, b } of connections) expect([a.times > 0, b.times]).toEqual([true, 0]);
  });
});
