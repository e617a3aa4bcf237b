/** An HTTP app on a port of its own, ended without cutting off who is being answered. */
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';

export interface HttpServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** How long requests that are being answered may take to end when the server stops. */
const DRAIN_MS = 1_000;

/** @throws Error (`EADDRINUSE`, …) when the port cannot be had */
export async function startHttp(app: Hono, host: string, port: number): Promise<HttpServer> {
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    stop: () => close(server),
  };
}

/** Requests that are being answered are answered; connections that idle are cut. */
const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
  });
