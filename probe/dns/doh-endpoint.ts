/** A DNS-over-HTTPS endpoint on loopback (RFC 8484, GET and POST), which puts the probe's resolver into the path. */
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Resolver } from './forward-resolver.ts';

export interface DohEndpoint {
  /** URI template for the browser's settings. */
  readonly template: string;
  close(): Promise<void>;
}

const PATH = '/dns-query';
const MESSAGE_TYPE = 'application/dns-message';
/** A DNS message is at most this long (RFC 1035 §4.2.2). */
const MAX_MESSAGE_BYTES = 65_535;

/** `key` and `cert`, PEM, are for 127.0.0.1. */
export async function startDohEndpoint(
  resolve: Resolver,
  { key, cert }: { readonly key: string; readonly cert: string },
): Promise<DohEndpoint> {
  const sockets = new Set<Socket>();
  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    answer(request, response, resolve).catch(() => response.destroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      for (const socket of sockets) socket.destroy();
    });
  return { template: `https://127.0.0.1:${port}${PATH}`, close };
}

async function answer(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  resolve: Resolver,
): Promise<void> {
  const query = await readQuery(request);
  if (!query) {
    response.writeHead(400).end();
    return;
  }
  const message = await resolve(query);
  // The browser's resolver keeps answers by their own TTL; its HTTP cache must not keep them as well.
  response.writeHead(200, { 'content-type': MESSAGE_TYPE, 'cache-control': 'no-store' }).end(message);
}

async function readQuery(request: Http2ServerRequest): Promise<Buffer | undefined> {
  const url = new URL(request.url, 'https://127.0.0.1');
  if (url.pathname !== PATH) return undefined;
  const query =
    request.method === 'POST' ? await readBody(request) : fromParameter(url.searchParams.get('dns'));
  const isMessage = query !== undefined && query.length >= 12 && query.length <= MAX_MESSAGE_BYTES;
  return isMessage ? query : undefined;
}

const fromParameter = (value: string | null): Buffer | undefined =>
  value === null ? undefined : Buffer.from(value, 'base64url');

async function readBody(request: Http2ServerRequest): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_MESSAGE_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
