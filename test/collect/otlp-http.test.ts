import { gzipSync } from 'node:zlib';
import { PbfReader } from 'pbf';
import { beforeEach, describe, expect, it } from 'vitest';
import { otlpHttpApp } from '../../src/collect/otlp-http.ts';
import { fixture } from '../import/check-import.ts';
import { bytes, request, span } from '../import/otlp-request.ts';
import { MemorySink } from './memory-sink.ts';

const PROTOBUF = 'application/x-protobuf';
const protobuf = fixture('otlp', 'opentelemetry-js.pb');
const json = fixture('otlp', 'opentelemetry-js.json');
let sink: MemorySink;
let app: ReturnType<typeof otlpHttpApp>;
beforeEach(() => {
  sink = new MemorySink();
  app = otlpHttpApp(sink, 100_000);
});

const post = (body: Uint8Array, headers: Record<string, string>, path = '/v1/traces') =>
  app.request(path, { method: 'POST', headers, body: new Uint8Array(body) });
/** `google.rpc.Status` or `ExportTraceServiceResponse`, as the fields they hold. */
async function fieldsOf(response: Response): Promise<Record<number, unknown>> {
  return new PbfReader(await response.arrayBuffer()).readFields<Record<number, unknown>>((tag, into, pbf) => {
    into[tag] = pbf.type === 0 ? pbf.readVarint() : pbf.readString();
  }, {});
}

describe('what exporters send', () => {
  it.each([
    ['protobuf', protobuf, { 'content-type': PROTOBUF }],
    ['JSON', json, { 'content-type': 'application/json; charset=utf-8' }],
    ['gzipped protobuf', gzipSync(protobuf), { 'content-type': PROTOBUF, 'content-encoding': 'gzip' }],
    ['gzipped JSON', gzipSync(json), { 'content-type': 'application/json', 'content-encoding': 'GZIP' }],
  ])('%s is stored, then acknowledged in kind', async (_, body, headers) => {
    const response = await post(body, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(headers['content-type'].split(';')[0]);
    expect(await response.text()).toBe(headers['content-type'] === PROTOBUF ? '' : '{}');
    expect(sink.spans.map(({ name }) => name)).toEqual(['POST /cart', 'quiet']);
  });

  it.each(['metrics', 'logs'])('%s are accepted unread', async (signal) => {
    const response = await post(Buffer.from('anything'), { 'content-type': PROTOBUF }, `/v1/${signal}`);
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(sink.accepted).toBe(0);
  });
});

describe('partial success', () => {
  const body = request(span(), span(bytes(2, 'ff')), span(bytes(1, '')));

  it('counts the spans that were left out, in protobuf', async () => {
    const response = await post(body, { 'content-type': PROTOBUF });
    expect(response.status).toBe(200);
    const partial = new PbfReader(await response.arrayBuffer()).readFields<Record<string, unknown>>(
      (tag, into, pbf) => {
        expect(tag).toBe(1);
        pbf.readMessage((inner) => {
          into[inner] = inner === 1 ? pbf.readVarint() : pbf.readString();
        }, into);
      },
      {},
    );
    expect(partial).toEqual({ 1: 2, 2: expect.stringContaining('must be 32 and 16 hex digits') });
    expect(sink.spans).toHaveLength(1);
  });

  it('counts them in JSON', async () => {
    const broken = json.toString().replace(/"spanId":"\w+"/, '"spanId":"no"');
    const response = await post(Buffer.from(broken), { 'content-type': 'application/json' });
    expect(await response.json()).toEqual({
      partialSuccess: {
        rejectedSpans: '1',
        errorMessage: expect.stringContaining('span "POST /cart" was left out'),
      },
    });
  });
});

describe('refusals', () => {
  it.each([
    [415, 'another content type', protobuf, { 'content-type': 'text/plain' }, /send application\/x-protobuf/],
    [
      415,
      'another encoding',
      protobuf,
      { 'content-type': 'application/json', 'content-encoding': 'br' },
      /send gzip or none/,
    ],
    [
      400,
      'gzip that is none',
      protobuf,
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      /says it is gzip, but is not/,
    ],
    [400, 'broken JSON', Buffer.from('{'), { 'content-type': 'application/json' }, /not JSON/],
    [
      413,
      'a large body',
      Buffer.alloc(100_001),
      { 'content-type': 'application/json' },
      /larger than 100000 bytes/,
    ],
    [
      413,
      'a body that grows large',
      gzipSync(Buffer.alloc(100_001)),
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      /larger than 100000 bytes/,
    ],
  ])('%i for %s', async (status, _, body, headers, sentence) => {
    const response = await post(body, headers as unknown as Record<string, string>);
    expect(response.status).toBe(status);
    expect(((await response.json()) as { message: string }).message).toMatch(sentence);
    expect(sink.accepted).toBe(0);
  });

  it('400 in protobuf for a message that is cut off, of which nothing is kept', async () => {
    const response = await post(protobuf.subarray(0, 300), { 'content-type': PROTOBUF });
    expect(response.status).toBe(400);
    expect(await fieldsOf(response)).toEqual({ 1: 3, 2: expect.stringContaining('broken at byte') });
    expect(sink.accepted).toBe(0);
  });

  it('503, so that the exporter tries again, when the spans could not be stored', async () => {
    sink.isBroken = true;
    const response = await post(protobuf, { 'content-type': PROTOBUF });
    expect(response.status).toBe(503);
    expect(await fieldsOf(response)).toEqual({
      1: 14,
      2: 'The spans could not be stored, send them again: disk full',
    });
  });

  it('404 elsewhere says where', async () => {
    const response = await app.request('/');
    expect([response.status, await response.text()]).toEqual([
      404,
      expect.stringContaining('POST /v1/traces'),
    ]);
  });
});
