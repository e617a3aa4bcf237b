import {
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GrpcReceiver, startOtlpGrpc } from '../../src/collect/otlp-grpc.ts';
import { fixture } from '../import/check-import.ts';
import { bytes, request, span } from '../import/otlp-request.ts';
import { MemorySink } from './memory-sink.ts';

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const capture = fixture('otlp', 'opentelemetry-js.pb');
let sink: MemorySink;
let receiver: GrpcReceiver;
let client: Client;

beforeEach(async () => {
  sink = new MemorySink();
  receiver = await startOtlpGrpc(sink, '127.0.0.1', 0);
  client = connect();
});
afterEach(async () => {
  client.close();
  await receiver.stop();
});

const connect = (options = {}) =>
  new Client(`127.0.0.1:${receiver.port}`, credentials.createInsecure(), options);
const same = (message: Uint8Array) => Buffer.from(message);
const call = (body: Uint8Array, path = TRACES, by = client): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    by.makeUnaryRequest(
      path,
      same,
      same,
      body,
      new Metadata(),
      (error: ServiceError | null, answer?: Buffer) => {
        if (error) reject(error);
        else resolve(answer ?? Buffer.alloc(0));
      },
    );
  });

describe('OTLP over gRPC', () => {
  it('stores, then acknowledges', async () => {
    expect(await call(capture)).toHaveLength(0);
    expect(sink.spans.map(({ name }) => name)).toEqual(['POST /cart', 'quiet']);
  });

  it('reads gzip', async () => {
    const gzipping = connect({ 'grpc.default_compression_algorithm': compressionAlgorithms.gzip });
    await call(capture, TRACES, gzipping);
    gzipping.close();
    expect(sink.spans).toHaveLength(2);
  });

  it('names what it left out', async () => {
    const answer = await call(request(span(), span(bytes(2, 'ff'))));
    expect(answer.toString()).toContain('must be 32 and 16 hex digits');
    expect(sink.spans).toHaveLength(1);
  });

  it('takes metrics and logs unread', async () => {
    await call(capture, '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export');
    await call(capture, '/opentelemetry.proto.collector.logs.v1.LogsService/Export');
    expect(sink.accepted).toBe(0);
  });

  it('refuses a broken message for good, of which nothing is kept', async () => {
    await expect(call(capture.subarray(0, 300))).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('broken at byte'),
    });
    expect(sink.accepted).toBe(0);
  });

  it('asks to try again when the spans could not be stored', async () => {
    sink.isBroken = true;
    await expect(call(capture)).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('disk full'),
    });
  });
});
