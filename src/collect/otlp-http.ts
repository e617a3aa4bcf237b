/**
 * OTLP over HTTP: `POST /v1/traces` in protobuf or JSON, plain or gzipped. Metrics and logs are accepted and left
 * unread, so that an exporter that is set up for all three signals does not complain.
 *
 * A web page cannot reach it: both content types need a CORS preflight, which is not answered.
 *
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type OtlpResult, readOtlpJson, readOtlpProtobuf } from '../import/otlp.ts';
import { contentType, keep, Refusal, receivedBody } from './http-body.ts';
import {
  exportResponseJson,
  exportResponseProtobuf,
  OTLP_LIMIT_BYTES,
  rpcStatusProtobuf,
} from './otlp-response.ts';
import type { Sink } from './sink.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
/** gRPC's numbers for the body of an error, by HTTP status. */
const RPC_CODE: Readonly<Record<number, number>> = { 400: 3, 413: 8, 415: 3, 503: 14 };

/** The receiver as an app that needs no port to be tested. */
export function otlpHttpApp(sink: Sink, limitBytes: number = OTLP_LIMIT_BYTES): Hono {
  const app = new Hono();
  app.post('/v1/traces', (c) => receiveTraces(c, sink, limitBytes).catch((error) => refuse(c, error)));
  for (const signal of ['metrics', 'logs']) app.post(`/v1/${signal}`, async (c) => acceptUnread(c));
  app.notFound((c) => c.text('OTLP/HTTP is received at POST /v1/traces.\n', 404));
  return app;
}

async function receiveTraces(c: Context, sink: Sink, limitBytes: number): Promise<Response> {
  const type = contentType(c);
  if (type !== PROTOBUF && type !== JSON_TYPE) {
    throw new Refusal(415, `Content type "${type}" is not OTLP: send ${PROTOBUF} or ${JSON_TYPE}.`);
  }
  const body = await receivedBody(c, limitBytes);
  const result = type === PROTOBUF ? readOtlpProtobuf(body) : readOtlpJson(body.toString());
  if (result.malformed) throw new Refusal(400, reasonOf(result));
  keep(sink, result);
  return type === PROTOBUF
    ? bytes(c, 200, exportResponseProtobuf(result))
    : c.json(exportResponseJson(result));
}

const reasonOf = ({ warnings }: OtlpResult): string =>
  warnings.find(({ code }) => code === 'otlp.malformed')?.message ?? 'The message could not be read.';

async function acceptUnread(c: Context): Promise<Response> {
  for await (const _ of c.req.raw.body ?? []);
  return contentType(c) === JSON_TYPE ? c.json({}) : bytes(c, 200, Buffer.alloc(0));
}

function refuse(c: Context, error: unknown): Response {
  const status = error instanceof Refusal ? error.status : 400;
  const message = error instanceof Error ? error.message : String(error);
  const code = RPC_CODE[status] ?? 3;
  if (contentType(c) === PROTOBUF) return bytes(c, status, rpcStatusProtobuf(code, message));
  return c.json({ code, message }, status);
}

const bytes = (c: Context, status: ContentfulStatusCode, body: Buffer): Response =>
  c.body(new Uint8Array(body), status, { 'content-type': PROTOBUF });
