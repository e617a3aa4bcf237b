/** Puts the app on a loopback port. */
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type AppOptions, createApp } from './app.ts';
import { DEFAULT_VIEWER_PORT } from './viewer-port.ts';

const LOOPBACK = '127.0.0.1';

export interface ServerOptions extends AppOptions {
  /** 0 takes any free port. Default 4319. */
  readonly port?: number;
}

export interface RunningServer {
  /** `http://127.0.0.1:4319`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Resolves when the port answers. Throws an Error that names the port when it cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const wanted = options.port ?? DEFAULT_VIEWER_PORT;
  const server = createAdaptorServer({ fetch: createApp(options).fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(wanted, error)));
    server.listen(wanted, LOOPBACK, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${LOOPBACK}:${port}`, port, stop: () => stop(server) };
}

function stop(server: ReturnType<typeof createAdaptorServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Keep-alive connections of an open viewer would hold the port for their whole timeout.
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
}

function portError(port: number, error: NodeJS.ErrnoException): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(
      `Port ${port} on ${LOOPBACK} is in use. Stop what listens there, or choose another with --port (0 takes any free one).`,
    );
  }
  if (error.code === 'EACCES') {
    return new Error(
      `Port ${port} on ${LOOPBACK} needs more rights than this user has. Choose one above 1023.`,
    );
  }
  return new Error(`Cannot listen on ${LOOPBACK}:${port}: ${error.message}`);
}
