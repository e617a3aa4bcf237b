/**
 * OTLP over HTTP: `POST /v1/traces` in protobuf or JSON, plain or gzipped. Metrics and logs are accepted and left
 * unread, so that an exporter that is set up for all three signals does not complain.
 *
 * A web page cannot reach it: both content types need a CORS preflight, which is not answered.
 *
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { gunzip, inflate } from 'node:zlib';
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type OtlpResult, readOtlpJson, readOtlpProtobuf } from '../import/otlp.ts';
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

/** A refusal with its HTTP status and a sentence for whoever set the exporter up. */
class Refusal extends Error {
  readonly status: ContentfulStatusCode;
  constructor(status: ContentfulStatusCode, message: string) {
    super(message);
    this.status = status;
  }
}

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
  const body = await decompress(await readBody(c, limitBytes), c.req.header('content-encoding'), limitBytes);
  const result = type === PROTOBUF ? readOtlpProtobuf(body) : readOtlpJson(body.toString());
  if (result.malformed) throw new Refusal(400, reasonOf(result));
  keep(sink, result);
  return type === PROTOBUF
    ? bytes(c, 200, exportResponseProtobuf(result))
    : c.json(exportResponseJson(result));
}

const reasonOf = ({ warnings }: OtlpResult): string =>
  warnings.find(({ code }) => code === 'otlp.malformed')?.message ?? 'The message could not be read.';

function keep(sink: Sink, result: OtlpResult): void {
  try {
    sink.accept(result);
  } catch (error) {
    throw new Refusal(503, `The spans could not be stored, send them again: ${(error as Error).message}`);
  }
}

const contentType = (c: Context): string =>
  (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

async function readBody(c: Context, limitBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of c.req.raw.body ?? []) {
    size += piece.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

const tooLarge = (limitBytes: number): Refusal =>
  new Refusal(413, `The message is larger than ${limitBytes} bytes: let the exporter send smaller batches.`);

async function decompress(body: Buffer, encoding = 'identity', limitBytes: number): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  const inflater = { gzip: gunzip, deflate: inflate }[name];
  if (!inflater) throw new Refusal(415, `Content encoding "${name}" is not understood: send gzip or none.`);
  return new Promise((resolve, reject) => {
    inflater(body, { maxOutputLength: limitBytes }, (error, plain) => {
      if (!error) resolve(plain);
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') reject(tooLarge(limitBytes));
      else reject(new Refusal(400, `The body says it is ${name}, but is not: ${error.message}.`));
    });
  });
}

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
