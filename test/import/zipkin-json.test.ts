import { describe, expect, it } from 'vitest';
import { formatOf, readAs } from '../../src/import/formats.ts';
import { readZipkinJson } from '../../src/import/zipkin-json.ts';
import { redactSpan } from '../../src/model/redact.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { checkImport, fixture, fixturesOf } from './check-import.ts';

const read = (name: string) => readZipkinJson(fixture('zipkin', name).toString());
const GOOD = {
  traceId: '86154a4ba6e91385',
  id: '4d1e00c0db9010db',
  name: 'get',
  timestamp: 1795333153872950,
  duration: 207000,
};
const readOne = (span: object) => readZipkinJson(JSON.stringify([{ ...GOOD, ...span }]));

describe.each(fixturesOf('zipkin'))('%s', (name) => {
  it('is read', () => checkImport('zipkin', name, read(name)));
  it('is recognised without its name', () => {
    const bytes = fixture('zipkin', name);
    const format = formatOf(bytes);
    expect(format?.name).toBe('Zipkin v2 JSON');
    expect(readAs(format!, bytes, {})).toEqual(read(name));
  });
});

describe('what Zipkin answers', () => {
  it('is the same as a trace and as a list of traces', () => {
    expect(read('zipkin-3.5-traces.json')).toEqual(read('zipkin-3.5.json'));
  });

  it('is stitched into one tree, both halves of the shared span in it', () => {
    const trace = stitch(read('zipkin-3.5.json').spans)!;
    const parentOf = (name: string) => {
      const { parentId } = trace.spans.find((span) => span.name === name)!;
      return trace.spans.find(({ spanId }) => spanId === parentId)?.name;
    };
    expect(['query', 'get /api', 'get', 'get /'].map(parentOf)).toEqual([
      'get /api',
      'get',
      'get /',
      undefined,
    ]);
    expect(trace.warnings).toEqual([]);
  });

  it('has Brave’s SQL masked when it is stored', () => {
    const query = read('zipkin-3.5.json').spans.find(({ name }) => name === 'query')!;
    expect(redactSpan(query).attributes['db.query.text']).toBe("select * from orders where mail = '?'");
  });
});

describe('fields', () => {
  it('pads ids on the left', () => {
    const [span] = readOne({ traceId: 'abc', id: '1', parentId: '2' }).spans;
    expect(span).toMatchObject({
      traceId: '00000000000000000000000000000abc',
      spanId: '0000000000000001',
      parentSpanId: '0000000000000002',
    });
  });

  it.each([
    [{ error: '' }, { code: 'error' }],
    [{ error: 'true' }, { code: 'error' }],
    [{ error: 'it broke' }, { code: 'error', message: 'it broke' }],
    [{ 'otel.status_code': 'OK' }, { code: 'ok' }],
    [{ 'otel.status_code': 'ERROR', error: 'why' }, { code: 'error' }],
    [{}, { code: 'unset' }],
  ])('status from %j', (tags, status) => {
    expect(readOne({ tags }).spans[0]?.status).toEqual(status);
  });

  it('puts what OpenTelemetry’s exporter says of process and scope where they belong', () => {
    const tags = {
      'telemetry.sdk.language': 'nodejs',
      'process.pid': '7',
      'otel.scope.name': 'http',
      'otel.scope.version': '2',
      'http.method': 'GET',
    };
    expect(readOne({ tags, localEndpoint: { serviceName: 'shop' } }).spans[0]).toMatchObject({
      resource: { 'service.name': 'shop', 'telemetry.sdk.language': 'nodejs', 'process.pid': '7' },
      scope: 'http@2',
      clock: 'shop/7',
      precisionNs: 1_000_000,
      attributes: { 'http.method': 'GET' },
    });
  });

  it('keeps a span without duration as an instant, and says so', () => {
    const result = readOne({ duration: undefined });
    expect(result.spans[0]?.endUnixNano).toBe(result.spans[0]?.startUnixNano);
    expect(result.warnings).toMatchObject([{ code: 'zipkin.no_duration' }]);
  });

  it('leaves a span without timestamp out, and says so', () => {
    expect(readOne({ timestamp: 0 })).toMatchObject({
      spans: [],
      rejected: 1,
      warnings: [{ code: 'zipkin.bad_id' }],
    });
  });
});
