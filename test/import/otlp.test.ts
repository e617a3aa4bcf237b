import { describe, expect, it } from 'vitest';
import { readOtlpJson, readOtlpProtobuf } from '../../src/import/otlp.ts';
import { isOtlpProtobuf } from '../../src/import/otlp-protobuf.ts';
import { checkImport, fixture } from './check-import.ts';
import {
  bytes,
  fixed64,
  keyValue,
  message,
  nested,
  request,
  SPAN_ID,
  START,
  span,
  TRACE_ID,
  text,
  varint,
} from './otlp-request.ts';

const protobuf = () => readOtlpProtobuf(fixture('otlp', 'opentelemetry-js.pb'));
const json = () => readOtlpJson(fixture('otlp', 'opentelemetry-js.json').toString());
const first = (request: Uint8Array) => readOtlpProtobuf(request).spans[0];
const jsonSpan = (span: object, resource: object = {}) =>
  readOtlpJson({
    resourceSpans: [{ resource, scopeSpans: [{ spans: [{ traceId: TRACE_ID, spanId: SPAN_ID, ...span }] }] }],
  });

describe('what OpenTelemetry’s own exporters send', () => {
  it('protobuf', () => checkImport('otlp', 'opentelemetry-js.pb', protobuf()));
  it('JSON', () => checkImport('otlp', 'opentelemetry-js.json', json()));
  it('is the same in both', () => expect(json()).toEqual(protobuf()));
  it('names the clock after the process', () =>
    expect(protobuf().spans[0]?.clock).toBe('checkout@web-1/4242'));
});

describe('protobuf', () => {
  it('keeps every nanosecond', () => {
    expect(first(request(span()))).toMatchObject({ startUnixNano: START, endUnixNano: START + 1n });
  });

  it('reads a resource that comes after its spans, and skips what it does not know', () => {
    const late = message(
      nested(
        1,
        nested(2, span(text(99, 'future'), varint(100, 7))),
        nested(1, keyValue(1, 'service.name', text(1, 'late'))),
      ),
      text(77, 'future'),
    );
    expect(first(late)).toMatchObject({ name: 'work', resource: { 'service.name': 'late' }, clock: 'late' });
  });

  it('reads every kind of attribute value', () => {
    const list = nested(5, nested(1, text(1, 'a')), nested(1, varint(3, 1)));
    const map = nested(6, keyValue(1, 'inner', varint(2, 1)));
    const all = span(
      keyValue(9, 'int', varint(3, -5)),
      keyValue(9, 'beyond', (pbf) => pbf.writeBytesField(7, Buffer.from([0xff, 0x00]))),
      keyValue(9, 'mixed', list),
      keyValue(9, 'map', map),
      nested(9, text(1, 'empty')),
      keyValue(9, '__proto__', text(1, 'own')),
    );
    expect(Object.entries(first(request(all))?.attributes ?? {})).toEqual([
      ['int', -5],
      ['beyond', '/wA='],
      ['mixed', '["a",1]'],
      ['map', '{"inner":true}'],
      ['empty', ''],
      ['__proto__', 'own'],
    ]);
    expect(({} as Record<string, unknown>).own).toBeUndefined();
  });

  it('keeps int64 beyond 2^53 as digits', () => {
    const beyond = span(
      keyValue(9, 'max', (pbf) => {
        pbf.writeTag(3, 0);
        pbf.realloc(10);
        pbf.buf.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], pbf.pos);
        pbf.pos += 9;
      }),
    );
    expect(first(request(beyond))?.attributes.max).toBe('9223372036854775807');
  });

  it('cuts values nested deeper than anyone reads', () => {
    let deep = text(1, 'bottom');
    for (let i = 0; i < 200; i++) deep = nested(5, nested(1, deep));
    expect(first(request(span(keyValue(9, 'deep', deep))))?.attributes.deep).toContain('[nested too deep]');
  });

  it('leaves out spans without valid ids, and says how many', () => {
    const result = readOtlpProtobuf(request(span(), span(bytes(1, '00'.repeat(16))), span(bytes(2, 'ff'))));
    expect(result.spans).toHaveLength(1);
    expect(result).toMatchObject({ rejected: 2, malformed: false });
    expect(result.warnings.map(({ code }) => code)).toEqual(['otlp.bad_id', 'otlp.bad_id']);
  });

  it('keeps a span that ends before it starts, with a warning', () => {
    const result = readOtlpProtobuf(request(span(fixed64(8, START - 9n))));
    expect(result.spans[0]).toMatchObject({ endUnixNano: START - 9n });
    expect(result.warnings).toMatchObject([{ code: 'otlp.end_before_start' }]);
  });

  it('counts a flood of faults instead of listing it', () => {
    const result = readOtlpProtobuf(request(...Array.from({ length: 500 }, () => span(bytes(2, 'ff')))));
    expect(result.rejected).toBe(500);
    expect(result.warnings).toHaveLength(21);
    expect(result.warnings.at(-1)?.message).toContain('480 more');
  });

  it('reads the same from a piece of a larger buffer that is written again afterwards', () => {
    const bytes = request(span());
    const pool = Buffer.alloc(bytes.length + 64);
    pool.set(bytes, 32);
    const piece = pool.subarray(32, 32 + bytes.length);
    const before = readOtlpProtobuf(piece);
    pool.fill(0x61);
    expect(readOtlpProtobuf(bytes)).toEqual(before);
  });
});

describe('bytes that only begin like a message', () => {
  it.each([
    ['a length without an end', [0x0a, 0x80, 0x80, 0x80]],
    ['a length of eleven bytes', [0x0a, ...new Array(11).fill(0xff)]],
    ['more than is there', [0x0a, 0x7f, 0x00, 0x00]],
  ])('%s: no OTLP', (_, bytes) => {
    expect(isOtlpProtobuf(Uint8Array.from(bytes))).toBe(false);
    expect(readOtlpProtobuf(Uint8Array.from(bytes)).spans).toEqual([]);
  });
});

describe('spans of Headwater’s own probe', () => {
  it('come back with their source, clock, evidence and precision', () => {
    const own = {
      'headwater.source': 'netlog',
      'headwater.clock': 'browser',
      'headwater.evidence': 'inferred',
      'headwater.type': 'phase',
    };
    const attributes = Object.entries(own).map(([key, stringValue]) => ({ key, value: { stringValue } }));
    attributes.push({ key: 'headwater.precision_ns', value: { intValue: 1_000_000 } } as never);
    expect(jsonSpan({ attributes }).spans[0]).toMatchObject({
      source: 'netlog',
      clock: 'browser',
      evidence: 'inferred',
      precisionNs: 1_000_000,
      attributes: { 'headwater.type': 'phase' },
    });
    expect(Object.keys(jsonSpan({ attributes }).spans[0]?.attributes ?? {})).toEqual(['headwater.type']);
  });

  it('do not change what makes no sense', () => {
    const attributes = [{ key: 'headwater.evidence', value: { stringValue: 'guessed' } }];
    expect(jsonSpan({ attributes }).spans[0]).toMatchObject({
      evidence: 'measured',
      attributes: { 'headwater.evidence': 'guessed' },
    });
  });
});

describe('JSON', () => {
  it.each([
    ['text', '"1795333153872950123"'],
    ['a bare number', '1795333153872950123'],
  ])('keeps every nanosecond of a time that is %s', (_, time) => {
    const request = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${TRACE_ID}","spanId":"${SPAN_ID}","name":"a \\" 1795333153872950123","startTimeUnixNano":${time},"endTimeUnixNano":${time},"attributes":[{"key":"d","value":{"doubleValue":0.1234567890123456789}},{"key":"i","value":{"intValue":-9223372036854775808}}]}]}]}]}`;
    expect(readOtlpJson(request).spans[0]).toMatchObject({
      name: 'a " 1795333153872950123',
      startUnixNano: 1795333153872950123n,
      attributes: { d: 0.12345678901234568, i: '-9223372036854775808' },
    });
  });

  it.each([
    [3, 'client'],
    ['SPAN_KIND_CLIENT', 'client'],
    ['SPAN_KIND_NEW', 'internal'],
    [undefined, 'internal'],
  ])('kind %s is %s', (kind, expected) => expect(jsonSpan({ kind }).spans[0]?.kind).toBe(expected));

  it('takes ids in capitals and enums by name', () => {
    const result = jsonSpan({
      traceId: TRACE_ID.toUpperCase(),
      status: { code: 'STATUS_CODE_ERROR', message: 'no' },
    });
    expect(result.spans[0]).toMatchObject({ traceId: TRACE_ID, status: { code: 'error', message: 'no' } });
  });

  it('leaves out a span whose times are no numbers', () => {
    expect(jsonSpan({ startTimeUnixNano: 'noon' })).toMatchObject({ spans: [], rejected: 1 });
  });

  it.each(['', '{', '[]', '"text"', '{"resourceSpans":7}'])('%j is malformed', (body) => {
    expect(readOtlpJson(body)).toMatchObject({
      spans: [],
      malformed: true,
      warnings: [{ code: 'otlp.malformed' }],
    });
  });

  it('makes nothing of nothing', () => {
    expect(readOtlpJson('{}')).toMatchObject({ spans: [], warnings: [], malformed: false });
  });
});
