/** Small real servers for the probe's tests: a site over HTTP/2, another origin beside it, and a name server. */
import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type SecureServerOptions } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import dnsPacket, { type Answer, type DecodedPacket } from 'dns-packet';
import { makeCertificate } from '../../probe/certificate.ts';

export interface Hit {
  readonly method: string;
  readonly path: string;
  readonly traceparent?: string;
}
export interface Site {
  readonly port: number;
  readonly pin: string;
  readonly hits: readonly Hit[];
  /** Forgets the hits so far. */
  clear(): void;
  close(): Promise<void>;
}
type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const asSite = async (server: Server, pin: string, hits: Hit[]): Promise<Site> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    pin,
    hits,
    clear: () => hits.splice(0),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

function counting(hits: Hit[], handler: Handler): Handler {
  return (request, response) => {
    const traceparent = request.headers.traceparent;
    hits.push({
      method: request.method ?? '',
      path: request.url ?? '',
      ...(traceparent && { traceparent: String(traceparent) }),
    });
    handler(request, response);
  };
}

export async function secureSite(
  names: readonly string[],
  handler: Handler,
  options: SecureServerOptions = {},
): Promise<Site> {
  const { key, cert, pin } = await makeCertificate(names);
  const hits: Hit[] = [];
  const server = createSecureServer({ key, cert, allowHTTP1: true, ...options });
  server.on('request', counting(hits, handler) as never);
  return asSite(server as unknown as Server, pin, hits);
}

/** The same, in a server that knows HTTP/1.1 only; `options` are those of its TLS. */
export async function http1Site(
  names: readonly string[],
  handler: Handler,
  options: TlsOptions = {},
): Promise<Site> {
  const { key, cert, pin } = await makeCertificate(names);
  const hits: Hit[] = [];
  return asSite(createHttpsServer({ key, cert, ...options }, counting(hits, handler)), pin, hits);
}

export async function plainSite(handler: Handler): Promise<Site> {
  const hits: Hit[] = [];
  return asSite(createServer(counting(hits, handler)), '', hits);
}

/** Answers with `body`, cacheable or not, readable from every origin. */
export function send(
  response: ServerResponse,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*', ...headers });
  response.end(body);
}
export const CACHEABLE = { 'cache-control': 'max-age=600' };

export interface TestNameServer {
  readonly address: string;
  readonly port: number;
  readonly asked: readonly string[];
  close(): Promise<void>;
}
export type Zone = (name: string, type: string, packet: DecodedPacket) => Partial<DecodedPacket> | 'silent';

/** A name server on UDP and TCP of one port; `zone` says what it answers. */
export async function nameServer(zone: Zone, address = '127.0.0.1', port = 0): Promise<TestNameServer> {
  const { createServer: createTcpServer } = await import('node:net');
  const asked: string[] = [];
  const answer = (message: Buffer, overUdp: boolean): Buffer | undefined => {
    const query = dnsPacket.decode(message);
    const question = query.questions?.[0];
    if (!question) return undefined;
    asked.push(`${overUdp ? 'udp' : 'tcp'} ${question.type} ${question.name}`);
    const said = zone(question.name, question.type, query);
    if (said === 'silent') return undefined;
    const flags = (said.flags ?? 0) & ~(overUdp ? 0 : dnsPacket.TRUNCATED_RESPONSE);
    const isCut = (flags & dnsPacket.TRUNCATED_RESPONSE) !== 0;
    return dnsPacket.encode({
      type: 'response',
      id: query.id,
      questions: query.questions,
      ...said,
      flags: flags | 0x400,
      answers: isCut ? [] : said.answers,
    });
  };
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => {
    const response = answer(message, true);
    if (response) udp.send(response, from.port, from.address);
  });
  await new Promise<void>((done) => udp.bind(port, address, done));
  const bound = udp.address().port;
  const tcp = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    let message = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      // Length and message may come in pieces.
      message = Buffer.concat([message, chunk]);
      if (message.length < 2 || message.length < 2 + message.readUInt16BE(0)) return;
      const response = answer(message.subarray(2), false);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(response?.length ?? 0);
      if (response) socket.write(Buffer.concat([length, response]));
    });
  });
  const isListening = await new Promise<boolean>((done) => {
    tcp.once('error', () => done(false));
    tcp.listen(bound, address, () => done(true));
  });
  if (!isListening) {
    // Another program has this port on TCP: UDP gets another one.
    await new Promise<void>((done) => udp.close(() => done()));
    if (port !== 0) throw new Error(`Port ${port} of ${address} is in use.`);
    return nameServer(zone, address);
  }
  return {
    address,
    port: bound,
    asked,
    close: async () => {
      await new Promise<void>((done) => udp.close(() => done()));
      await new Promise<void>((done) => tcp.close(() => done()));
    },
  };
}

export const a = (name: string, data: string): Answer => ({ type: 'A', name, ttl: 60, data });
export const ns = (name: string, data: string): Answer => ({ type: 'NS', name, ttl: 60, data });
export const NXDOMAIN = { flags: 3 };
