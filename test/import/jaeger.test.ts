import { describe, expect, it } from 'vitest';
import { formatOf, readAs } from '../../src/import/formats.ts';
import { readJaegerJson } from '../../src/import/jaeger-json.ts';
import { readJaegerThrift } from '../../src/import/jaeger-thrift.ts';
import { readThriftStruct } from '../../src/import/thrift-binary.ts';
import { redactSpan } from '../../src/model/redact.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { checkImport, fixture, fixturesOf } from './check-import.ts';

const read = (name: string) => {
  const bytes = fixture('jaeger', name);
  return name.endsWith('.thrift') ? readJaegerThrift(bytes) : readJaegerJson(bytes.toString());
};

describe.each(fixturesOf('jaeger'))('%s', (name) => {
  it('is read', () => checkImport('jaeger', name, read(name)));
  it('is recognised without its name', () => {
    const bytes = fixture('jaeger', name);
    const format = formatOf(bytes);
    expect(format?.name).toBe(name.endsWith('.thrift') ? 'Jaeger Thrift' : 'Jaeger JSON');
    expect(readAs(format!, bytes, {})).toEqual(read(name));
  });
});

const bySpanId = (spans: readonly ReportedSpan[]) =>
  new Map(
    spans.map(({ attributes: { '@jaeger@format': _, ...attributes }, ...span }) => [
      span.spanId,
      { ...span, attributes },
    ]),
  );

describe('one trace', () => {
  it('is the same by Thrift as in Jaeger’s own answer', () => {
    const asked = read('jaeger-1.76.json');
    expect(asked.spans).toHaveLength(2);
    expect(bySpanId(asked.spans)).toEqual(bySpanId(read('opentelemetry-js-2.11.thrift').spans));
  });

  it('has kinds, status, scope, clock and links, whichever way it went', () => {
    for (const name of fixturesOf('jaeger').filter((file) => /^(jaeger-1|opentelemetry)/.test(file))) {
      const [client, server] = ['client', 'server'].map((kind) =>
        read(name).spans.find((span) => span.kind === kind),
      );
      expect(server, name).toMatchObject({
        name: 'POST /cart',
        status: { code: 'error', message: 'out of stock' },
        startUnixNano: 1795333153872950000n,
        endUnixNano: 1795333153892000000n,
        scope: 'shop@1.2.3',
        clock: 'checkout@web-1/4242',
        source: 'jaeger',
        precisionNs: 1_000_000,
        links: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }],
        events: [{ name: 'exception', timeUnixNano: 1795333153891500000n }],
        resource: { 'service.name': 'checkout' },
      });
      expect(client?.parentSpanId).toBe(server?.spanId);
      expect(client && redactSpan(client).attributes['db.statement']).toBe(
        "SELECT * FROM orders WHERE mail = '?'",
      );
    }
  });
});

describe('Jaeger JSON', () => {
  const span = (fields: object) =>
    readJaegerJson(
      JSON.stringify({
        traceID: 'ab',
        spans: [{ spanID: '1', startTime: 1795333153872950, duration: 5, ...fields }],
      }),
    );

  it('reads a trace by itself, pads ids, and knows a process that stands in its span', () => {
    const process = { serviceName: 'shop', tags: [{ key: 'hostname', type: 'string', value: 'web-1' }] };
    expect(span({ process }).spans).toMatchObject([
      { traceId: `${'0'.repeat(30)}ab`, spanId: '0000000000000001', clock: 'shop@web-1' },
    ]);
  });

  it('prefers CHILD_OF as the parent; references that are not parents are links', () => {
    const references = [
      { refType: 'FOLLOWS_FROM', traceID: 'ab', spanID: '7' },
      { refType: 'CHILD_OF', traceID: 'ab', spanID: '8' },
    ];
    const [made] = span({ references }).spans;
    expect(made?.parentSpanId).toBe('0000000000000008');
    expect(made?.links).toMatchObject([
      { spanId: '0000000000000007', attributes: { 'opentracing.ref_type': 'follows_from' } },
    ]);
  });

  it('keeps an int64 that a double cannot hold', () => {
    const text = `{"traceID":"ab","spans":[{"spanID":"1","startTime":1795333153872950,"duration":5,
      "tags":[{"key":"big","type":"int64","value":9223372036854775807}]}],"processes":{}}`;
    expect(readJaegerJson(text).spans[0]?.attributes.big).toBe('9223372036854775807');
  });

  it('passes on what Jaeger warns of', () => {
    expect(span({ warnings: ['clock skew adjustment disabled'] }).warnings).toEqual([
      {
        code: 'jaeger.warning',
        where: '0000000000000001',
        message: 'Jaeger says: clock skew adjustment disabled',
      },
    ]);
  });
});

describe('Thrift', () => {
  const list = (count: number) =>
    Buffer.from([0x0f, 0, 1, 0x0a, ...[24, 16, 8, 0].map((shift) => (count >> shift) & 255)]);

  it('believes no count that the bytes cannot hold', () => {
    expect(() => readThriftStruct(list(0x7fffffff))).toThrow(/list of 2147483647 elements/);
    expect(() => readThriftStruct(list(-1))).toThrow(/list of -1 elements/);
  });

  it('ends at structs without end', () => {
    const deep = Buffer.from(Array.from({ length: 100_000 }, () => [0x0c, 0, 1]).flat());
    expect(() => readThriftStruct(deep)).toThrow('structs nest too deep');
    expect(readJaegerThrift(deep)).toMatchObject({ malformed: true, spans: [] });
  });

  it('passes over what it does not know', () => {
    // a map<string, i32> of one entry as field 9, then i16 5 as field 2
    const map = [0x0d, 0, 9, 0x0b, 0x08, 0, 0, 0, 1, 0, 0, 0, 1, 0x6b, 0, 0, 0, 7];
    expect(readThriftStruct(Buffer.from([...map, 0x06, 0, 2, 0, 5, 0])).get(2)).toBe(5);
  });
});
