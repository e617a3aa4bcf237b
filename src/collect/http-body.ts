/**
 * What every receiver over HTTP does with a request: read its body up to a limit, unpack it, keep what was read before
 * it is acknowledged, and refuse with a sentence for whoever set the sender up.
 */
import { gunzip, inflate } from 'node:zlib';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ImportResult } from '../model/span.ts';
import type { Sink } from './sink.ts';

/** A refusal with its HTTP status and a sentence for whoever set the exporter up. */
export class Refusal extends Error {
  readonly status: ContentfulStatusCode;
  constructor(status: ContentfulStatusCode, message: string) {
    super(message);
    this.status = status;
  }
}

/** The body, unpacked. @throws Refusal */
export const receivedBody = async (c: Context, limitBytes: number): Promise<Buffer> =>
  decompress(await readBody(c, limitBytes), c.req.header('content-encoding'), limitBytes);

/** @throws Refusal that makes the sender try again */
export function keep(sink: Sink, result: ImportResult): void {
  try {
    sink.accept(result);
  } catch (error) {
    throw new Refusal(503, `The spans could not be stored, send them again: ${(error as Error).message}`);
  }
}

export const contentType = (c: Context): string =>
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
