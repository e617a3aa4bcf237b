/** A small JSON-and-HTML server and client on instrumented `http`: routes that are plain functions. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trace } from '@opentelemetry/api';
import { announceReady, whenToldToStop } from '../part-process.ts';
import { type ServiceTools, withMischief } from './mischief/deeds.ts';
import { instrumentedHttp } from './telemetry.ts';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  /** The named parts of the route's path. */
  readonly params: Readonly<Record<string, string>>;
  /** The JSON body, if there was one. */
  readonly body: unknown;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or bytes as they are, anything else as JSON. */
  readonly body: unknown;
}

/** `METHOD /path/:name` → what answers it. */
export type Routes = Readonly<Record<string, (asked: Asked) => Promise<Reply> | Reply>>;

/** An answer other than 200, with a sentence for the person who reads it. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const MAX_BODY_BYTES = 100_000;

export interface HttpService {
  readonly port: number;
  close(): Promise<void>;
}

export type FailurePage = (status: number, message: string, asked: { path: string }) => Reply;

/** Starts serving on a free loopback port, announces it, and stops with the shop. */
export async function serve(
  routes: Routes,
  failure: FailurePage,
  stopTelemetry: () => Promise<void>,
  stopOwn: () => Promise<void> = async () => {},
  tools: ServiceTools = {},
): Promise<void> {
  const server = instrumentedHttp().createServer(listener(withMischief(routes, tools), failure));
  server.keepAliveTimeout = 65_000; // longer than any client's, so that no request meets a closing socket
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenToldToStop(async () => {
    server.close();
    server.closeAllConnections();
    await Promise.allSettled([stopOwn(), stopTelemetry()]);
  });
  announceReady({ port: (server.address() as AddressInfo).port });
}

function listener(routes: Routes, failure: FailurePage): RequestListener {
  const table = Object.entries(routes).map(([route, handle]) => ({ ...compile(route), handle }));
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://shop.internal');
    try {
      const entry = table.find((one) => one.method === request.method && one.pattern.test(url.pathname));
      if (!entry) throw new Refusal(404, `There is no page at ${url.pathname}.`);
      nameSpan(entry.method, entry.path);
      const params = entry.pattern.exec(url.pathname)?.groups ?? {};
      const body = await readBody(request);
      send(
        response,
        await entry.handle({ method: entry.method, url, headers: request.headers, params, body }),
      );
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500;
      if (status === 500) noteError(error);
      send(response, failure(status, (error as Error).message, { path: url.pathname }));
    }
  };
}

function compile(route: string): { method: string; path: string; pattern: RegExp } {
  const [method = 'GET', path = '/'] = route.split(' ');
  return { method, path, pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`) };
}

/** The instrumentation cannot know the route; semantic conventions want it in the span's name. */
function nameSpan(method: string, path: string): void {
  const span = trace.getActiveSpan();
  span?.updateName(`${method} ${path}`);
  span?.setAttribute('http.route', path);
}

function noteError(error: unknown): void {
  trace.getActiveSpan()?.recordException(error as Error);
  process.stderr.write(`${(error as Error).stack}\n`);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new Refusal(413, 'That is more than the shop can read at once.');
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || 'null');
  } catch {
    throw new Refusal(400, 'The request body is not JSON.');
  }
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const bytes = Buffer.from(raw ? body : JSON.stringify(body));
  const type = raw ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

export const jsonFailure: FailurePage = (status, message) => ({ status, body: { error: message } });
