/**
 * Everything that listens to servers, as one: OTLP over HTTP and gRPC, HAProxy's syslog, PostgreSQL's log files.
 * All of it on loopback. What was read goes to the sink; what was acknowledged is in it.
 */
import { createServer, type Server } from 'node:http';
import { hostname } from 'node:os';
import { getRequestListener } from '@hono/node-server';
import { readPostgresJsonlog } from '../import/postgres-jsonlog.ts';
import { FileTail } from './file-tail.ts';
import { listenError } from './listen-error.ts';
import { startOtlpGrpc } from './otlp-grpc.ts';
import { otlpHttpApp } from './otlp-http.ts';
import type { Sink } from './sink.ts';
import { startSyslog } from './syslog.ts';

export type { Sink } from './sink.ts';

export interface CollectorOptions {
  readonly sink: Sink;
  readonly host?: '127.0.0.1';
  /** 4318 unless given; 0 is any free port. */
  readonly otlpHttpPort?: number;
  /** 4317 unless given; 0 is any free port. */
  readonly otlpGrpcPort?: number;
  /** UDP, for HAProxy's log; null or absent: none. */
  readonly syslogPort?: number | null;
  /** PostgreSQL jsonlog files, followed from their current end. */
  readonly postgresLogs?: readonly string[];
}

export interface Collector {
  readonly ports: { readonly otlpHttp: number; readonly otlpGrpc: number; readonly syslog: number | null };
  followPostgresLog(path: string): void;
  /** Stores what has arrived at this machine by now, in datagrams and files. */
  flush(): Promise<void>;
  /** Stores what is left and closes everything. */
  stop(): Promise<void>;
}

const OTLP_HTTP_PORT = 4318;
const OTLP_GRPC_PORT = 4317;

/** A part that runs: how to bring in what it still holds, and how to end it. */
interface Part {
  flush?(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws Error that names the port and what to do when one cannot be had; nothing is left open then */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const parts: Part[] = [];
  try {
    const ports = await startReceivers(options, parts);
    const followPostgresLog = (path: string) => void parts.push(followLog(path, options.sink));
    for (const path of options.postgresLogs ?? []) followPostgresLog(path);
    return { ports, followPostgresLog, flush: () => flushAll(parts), stop: () => stopAll(parts) };
  } catch (error) {
    await stopAll(parts);
    throw error;
  }
}

async function startReceivers(options: CollectorOptions, parts: Part[]): Promise<Collector['ports']> {
  const { sink, host = '127.0.0.1', otlpHttpPort = OTLP_HTTP_PORT, otlpGrpcPort = OTLP_GRPC_PORT } = options;
  const http = await startOtlpHttp(sink, host, otlpHttpPort).catch((error) => {
    throw listenError(error, 'OTLP/HTTP', host, otlpHttpPort, 'otlpHttpPort');
  });
  parts.push(http);
  const grpc = await startOtlpGrpc(sink, host, otlpGrpcPort).catch((error) => {
    throw listenError(error, 'OTLP/gRPC', host, otlpGrpcPort, 'otlpGrpcPort');
  });
  parts.push(grpc);
  const syslogPort = options.syslogPort ?? null;
  if (syslogPort === null) return { otlpHttp: http.port, otlpGrpc: grpc.port, syslog: null };
  const onError = (error: Error) => warnSink(sink, 'syslog', error);
  const syslog = await startSyslog(sink, { host, port: syslogPort, clockHost: hostname(), onError }).catch(
    (error) => {
      throw listenError(error, 'syslog (UDP)', host, syslogPort, 'syslogPort');
    },
  );
  parts.push(syslog);
  return { otlpHttp: http.port, otlpGrpc: grpc.port, syslog: syslog.port };
}

async function startOtlpHttp(sink: Sink, host: string, port: number): Promise<Part & { port: number }> {
  const server = createServer(getRequestListener(otlpHttpApp(sink).fetch));
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
    stop: () => closeHttp(server),
  };
}

/** Requests that are being answered are answered; connections that idle are cut. */
const closeHttp = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
  });
const DRAIN_MS = 1_000;

function followLog(path: string, sink: Sink): FileTail {
  return new FileTail(path, {
    onLines: (lines) => {
      const result = readPostgresJsonlog(lines, { host: hostname(), where: path });
      if (result.spans.length || result.warnings.length) sink.accept(result);
    },
    onError: (error) => warnSink(sink, path, error),
  });
}

/** Says that a source has trouble. When the sink itself is the trouble there is nobody left to tell. */
function warnSink(sink: Sink, where: string, error: Error): void {
  try {
    sink.accept({ spans: [], warnings: [{ code: 'collect.failed', where, message: error.message }] });
  } catch {}
}

async function flushAll(parts: readonly Part[]): Promise<void> {
  await Promise.all(parts.map((part) => part.flush?.()));
}

async function stopAll(parts: Part[]): Promise<void> {
  await Promise.all(parts.splice(0).map((part) => part.stop()));
}
