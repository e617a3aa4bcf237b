/**
 * What services that do not speak OTLP send: Zipkin's `POST /api/v2/spans` (JSON) and Jaeger's `POST /api/traces`
 * (Thrift). Both plain or gzipped, both answered 202 as the originals do, once the spans are stored.
 *
 * A web page cannot reach them: the content types need a CORS preflight, which is not answered.
 *
 * https://zipkin.io/zipkin-api/#/default/post_spans · https://www.jaegertracing.io/docs/1.76/apis/#thrift-over-http
 */
import { type Context, Hono } from 'hono';
import { readJaegerThrift } from '../import/jaeger-thrift.ts';
import type { BatchResult } from '../import/span-batch.ts';
import { readZipkinJson } from '../import/zipkin-json.ts';
import { contentType, keep, Refusal, receivedBody } from './http-body.ts';
import { OTLP_LIMIT_BYTES } from './otlp-response.ts';
import type { Sink } from './sink.ts';

interface Protocol {
  readonly path: string;
  readonly types: readonly string[];
  read(body: Buffer): BatchResult;
  /** What to do about another content type. */
  readonly advice: string;
}

const ZIPKIN: Protocol = {
  path: '/api/v2/spans',
  types: ['application/json'],
  read: (body) => readZipkinJson(body.toString()),
  advice: 'is not read: let the reporter send JSON v2 (application/json).',
};

const JAEGER: Protocol = {
  path: '/api/traces',
  types: ['application/x-thrift', 'application/vnd.apache.thrift.binary'],
  read: readJaegerThrift,
  advice: 'is not Thrift: send application/x-thrift.',
};

/** The receivers as apps that need no port to be tested. */
export const zipkinHttpApp = (sink: Sink, limitBytes?: number): Hono => receiverApp(ZIPKIN, sink, limitBytes);
export const jaegerHttpApp = (sink: Sink, limitBytes?: number): Hono => receiverApp(JAEGER, sink, limitBytes);

function receiverApp(protocol: Protocol, sink: Sink, limitBytes = OTLP_LIMIT_BYTES): Hono {
  const app = new Hono();
  app.post(protocol.path, (c) =>
    receive(c, protocol, sink, limitBytes).catch((error: unknown) => refuse(c, error)),
  );
  app.notFound((c) => c.text(`Spans are received at POST ${protocol.path}.\n`, 404));
  return app;
}

async function receive(c: Context, protocol: Protocol, sink: Sink, limitBytes: number): Promise<Response> {
  const type = contentType(c);
  if (!protocol.types.includes(type)) throw new Refusal(415, `Content type "${type}" ${protocol.advice}`);
  const result = protocol.read(await receivedBody(c, limitBytes));
  if (result.malformed)
    throw new Refusal(400, result.warnings[0]?.message ?? 'The message could not be read.');
  keep(sink, result);
  return c.body(null, 202);
}

function refuse(c: Context, error: unknown): Response {
  const status = error instanceof Refusal ? error.status : 400;
  return c.text(`${error instanceof Error ? error.message : String(error)}\n`, status);
}
