import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../src/analyse/columns/columns-of.ts';
import { packColumns, unpackColumns } from '../../src/analyse/columns/packed.ts';
import { attributeOf, viewOf } from '../../src/analyse/columns/span-at.ts';
import type { RunView } from '../../src/model/report.ts';
import type { AttributeValue } from '../../src/model/span.ts';
import type { Span } from '../../src/model/trace.ts';
import { runView } from '../fixtures/run-view.ts';

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const there = (view: RunView): Uint8Array => joined(packColumns(columnsOf(view)));
const thereAndBack = (view: RunView): RunView => viewOf(unpackColumns(there(view)));
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '\ufeffmarked', '\0', 'true', '7', '["a"]', '<b>'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
  fc.boolean(),
  fc.array(fc.string({ unit: 'grapheme' })),
  fc.array(fc.integer()),
);
const attributes = fc.dictionary(fc.string({ unit: 'grapheme' }), value);

const view = runView();
const template = view.trace.spans[0] as Span;
const span = (i: number): fc.Arbitrary<Span> =>
  fc.record({
    ...(Object.fromEntries(Object.entries(template).map(([k, v]) => [k, fc.constant(v)])) as {
      [K in keyof Span]: fc.Arbitrary<Span[K]>;
    }),
    spanId: fc.constant(i.toString(16).padStart(16, '0')),
    parentId: i === 0 ? fc.constant(null) : fc.nat(i - 1).map((p) => p.toString(16).padStart(16, '0')),
    name: fc.string({ unit: 'grapheme' }),
    startNs: fc.integer(),
    rawStartNs: fc.integer(),
    attributes,
    events: fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), timeNs: fc.integer(), attributes })),
    links: fc.array(fc.record({ traceId: fc.string(), spanId: fc.string() })),
    placed: fc.array(fc.string({ unit: 'grapheme' })),
    status: fc.constantFrom<Span['status']>(
      { code: 'ok' },
      { code: 'error', message: 'it broke' },
      { code: 'error', message: '' },
    ),
    osProcess: fc.constantFrom(undefined, { pid: 7 }, { pid: 2 ** 40, host: 'a' }),
  }) as fc.Arbitrary<Span>;
const spans = fc
  .integer({ min: 1, max: 12 })
  .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => span(i))));

describe('columns', () => {
  it('bring a whole run back as it was', () => {
    const back = thereAndBack(view);
    expect(plain(back.trace)).toEqual(plain(view.trace));
    expect(plain(back.path)).toEqual(plain(view.path));
    expect(plain(back.report)).toEqual(plain(view.report));
  });

  it('bring back whatever a span may hold', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const trace = { ...view.trace, rootId: list[0]?.spanId ?? '', spans: list };
        expect(plain(thereAndBack({ ...view, trace }).trace.spans)).toEqual(plain(list));
      }),
      { numRuns: 30 },
    );
  });

  it('keep ids that are no hex digits, and pieces of the path whose span is missing', () => {
    const list = view.trace.spans.map((one, i) => (i === 3 ? { ...one, spanId: 'made up' } : one));
    const path = view.path.map((piece, i) => (i === 2 ? { ...piece, spanId: 'nobody' } : piece));
    const back = thereAndBack({ ...view, path, trace: { ...view.trace, spans: list } });
    expect(back.trace.spans.map(({ spanId }) => spanId)).toEqual(list.map(({ spanId }) => spanId));
    expect(back.path[2]?.spanId).toBe('nobody');
  });

  it('name some spans of a long ledger, and keep its sums', () => {
    const spanIds = Array.from({ length: 5_000 }, (_, i) => `s${i}`);
    const ledger = view.report.ledger.map((entry) => ({ ...entry, spanIds }));
    const { report } = thereAndBack({ ...view, report: { ...view.report, ledger } });
    expect(report.ledger.map(({ ns }) => ns)).toEqual(ledger.map(({ ns }) => ns));
    for (const entry of report.ledger) expect(entry.spanIds).toEqual(spanIds.slice(0, 10));
  });

  it('tell one attribute without the others', () => {
    const columns = unpackColumns(there(view));
    view.trace.spans.forEach((one, i) => {
      for (const name of ['url.full', 'http.response.status_code', 'no such name'])
        expect(attributeOf(columns, i, name)).toEqual(one.attributes[name]);
    });
  });

  it('hold a run without any span', () => {
    const back = thereAndBack({ ...view, path: [], trace: { ...view.trace, spans: [] } });
    expect(back.trace.spans).toEqual([]);
  });

  it('refuse what is cut off, or something else', () => {
    const bytes = there(view);
    for (const length of [0, 4, 11, 200, bytes.length >> 1, bytes.length - 8])
      expect(() => unpackColumns(bytes.subarray(0, length)), String(length)).toThrow(/no columns|cut off/);
    expect(() => unpackColumns(new TextEncoder().encode('{"error":"no"}'))).toThrow(/no columns/);
  });
});
