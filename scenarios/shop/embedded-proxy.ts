/**
 * Stands in for HAProxy where there is none: TLS 1.3 and HTTP/2 to browsers, plain HTTP/1.1 to the two web
 * processes in turn, and the same JSON log fields to the same syslog port (see haproxy-config.ts for the instants).
 * It has no queue, no retries and no health checks; what it cannot know is logged as HAProxy logs it, `-` or -1.
 *
 * Environment: SHOP_TLS_KEY, SHOP_TLS_CERT, SHOP_SYSLOG_PORT, SHOP_BACKENDS (JSON). Announces its two ports.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Backend, type Connection, type Exchange, logLine, NO_TLS } from './embedded-proxy-log.ts';
import { announceReady, requiredVariable, whenToldToStop } from './part-process.ts';

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

const backends = JSON.parse(requiredVariable('SHOP_BACKENDS')) as Backend[];
const syslogPort = Number(requiredVariable('SHOP_SYSLOG_PORT'));
const syslog = createSocket('udp4');
const agent = new Agent({ keepAlive: true });
const connectionByPort = new Map<number, Connection>();
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** Belong to one hop (RFC 9110 §7.6.1); HTTP/2 forbids them. */
const HOP_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'proxy-connection']);
let turn = 0;

const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);

/** The traceparent for the backend: the client's trace with a span of ours, or a trace of its own. */
function mintTraceparent(received: string | undefined): string {
  const span = randomBytes(8).toString('hex');
  if (!received || !TRACEPARENT.test(received)) return `00-${randomBytes(16).toString('hex')}-${span}-01`;
  return `${received.slice(0, 36)}${span}${received.slice(52)}`;
}

/** Connections are known by the client's port: HTTP/2's compatibility layer hides the socket itself. */
function watchConnections(server: Server): void {
  server.on('connection', (socket: Socket) => {
    const connection = newConnection(socket);
    connectionByPort.set(connection.clientPort, connection);
    socket.once('close', () => connectionByPort.delete(connection.clientPort));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    const connection = connectionByPort.get(socket.remotePort ?? 0);
    if (!connection) return;
    connection.securedUs = nowUs();
    connection.tls = tlsOf(socket);
  });
}

function newConnection({
  remoteAddress = '-',
  remotePort = 0,
}: Pick<Socket, 'remoteAddress' | 'remotePort'>): Connection {
  const acceptedUs = nowUs();
  const client = { clientAddress: remoteAddress, clientPort: remotePort };
  return { ...client, acceptedUs, securedUs: acceptedUs, tls: NO_TLS, requests: 0 };
}

const tlsOf = (socket: TLSSocket): typeof NO_TLS => ({
  sslv: socket.getProtocol() ?? '-',
  sslc: socket.getCipher().name,
  alpn: socket.alpnProtocol || '-',
  resumed: String(Number(socket.isSessionReused())),
  sni: (socket as TLSSocket & { servername?: string | false }).servername || '-',
});

function exchange(request: Incoming, response: Outgoing, frontend: string): void {
  const traceparent = request.headers.traceparent;
  const received = typeof traceparent === 'string' ? traceparent : undefined;
  const connection = connectionOf(request);
  connection.requests++;
  const backend = backends[turn++ % backends.length];
  if (!backend) throw new Error('SHOP_BACKENDS names no web process.');
  const one: Exchange = {
    connection,
    ordinal: connection.requests,
    backend,
    requestUs: nowUs(),
    traceparentIn: received ?? '-',
    traceparentOut: mintTraceparent(received),
    frontend,
    method: request.method ?? 'GET',
    host: hostOf(request),
    path: request.url ?? '/',
    httpVersion: request.httpVersion,
    responseUs: 0,
    status: 0,
    bytes: 0,
    termination: '----',
    backendPort: 0,
  };
  forward(request, response, one);
}

function connectionOf(request: Incoming): Connection {
  const socket =
    'stream' in request && request.stream.session ? request.stream.session.socket : request.socket;
  return connectionByPort.get(socket.remotePort ?? 0) ?? newConnection(socket);
}

function forward(request: Incoming, response: Outgoing, one: Exchange): void {
  const headers = { ...endToEnd(request.headers), host: hostOf(request), traceparent: one.traceparentOut };
  const upstream = httpRequest(
    { host: '127.0.0.1', port: one.backend.port, method: request.method, path: request.url, headers, agent },
    (answer) => {
      one.responseUs = nowUs();
      one.status = answer.statusCode ?? 502;
      one.backendPort = answer.socket.localPort ?? 0;
      response.writeHead(one.status, endToEnd(answer.headers));
      answer.on('data', (bytes: Buffer) => {
        one.bytes += bytes.length;
      });
      answer.pipe(response as ServerResponse);
    },
  );
  upstream.on('error', () => {
    one.responseUs = nowUs();
    one.status = 503;
    one.termination = 'SC--';
    if (!response.headersSent) response.writeHead(503);
    response.end();
  });
  response.on('close', () => syslog.send(logLine(one, nowUs()), syslogPort, '127.0.0.1'));
  request.pipe(upstream);
}

const hostOf = (request: Incoming): string =>
  String(request.headers[':authority'] ?? request.headers.host ?? '');

function endToEnd(headers: Incoming['headers']): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith(':') && !HOP_HEADERS.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']));
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

const secure = createSecureServer(
  {
    key: requiredVariable('SHOP_TLS_KEY'),
    cert: requiredVariable('SHOP_TLS_CERT'),
    minVersion: 'TLSv1.3',
    allowHTTP1: true,
  },
  (request, response) => exchange(request, response, 'stand-in'),
);
watchConnections(secure);
const plain = createServer((request, response) => exchange(request, response, 'people'));
watchConnections(plain);

whenToldToStop(async () => {
  agent.destroy();
  secure.close();
  plain.close();
});
announceReady({ tlsPort: await listen(secure), plainPort: await listen(plain) });
