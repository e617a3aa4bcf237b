/**
 * Everything that listens to servers, as one: OTLP over HTTP and gRPC, Zipkin's and Jaeger's HTTP, load balancers'
 * syslog, log files of any known format.
 * All of it on loopback. What was read goes to the sink; what was acknowledged is in it.
 */
import { hostname } from 'node:os';
import type { Hono } from 'hono';
import { startHttp } from './http-server.ts';
import { listenError } from './listen-error.ts';
import { LogFollower } from './log-follower.ts';
import { startOtlpGrpc } from './otlp-grpc.ts';
import { otlpHttpApp } from './otlp-http.ts';
import type { Sink } from './sink.ts';
import { StatementJoiner } from './statement-joiner.ts';
import { startSyslog } from './syslog.ts';
import { jaegerHttpApp, zipkinHttpApp } from './trace-http.ts';

export type { Sink } from './sink.ts';

export interface CollectorOptions {
  readonly sink: Sink;
  readonly host?: '127.0.0.1';
  /** 4318 unless given; 0 is any free port. */
  readonly otlpHttpPort?: number;
  /** 4317 unless given; 0 is any free port. */
  readonly otlpGrpcPort?: number;
  /** For what speaks Zipkin (9411 by custom) or Jaeger's Thrift (14268); absent: none. Optional: see `notes`. */
  readonly zipkinPort?: number | undefined;
  readonly jaegerPort?: number | undefined;
  /** UDP, for load balancers' logs; null or absent: none. */
  readonly syslogPort?: number | null;
  /** Log files, followed from their current end; their format shows itself. */
  readonly logs?: readonly string[];
}

export interface CollectorPorts {
  readonly otlpHttp: number;
  readonly otlpGrpc: number;
  readonly zipkin: number | null;
  readonly jaeger: number | null;
  readonly syslog: number | null;
}

export interface Collector {
  readonly ports: CollectorPorts;
  /** Why an optional receiver is not there, in sentences. */
  readonly notes: readonly string[];
  followLog(path: string): void;
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
    const notes: string[] = [];
    const sink = new StatementJoiner(options.sink);
    const ports = await startReceivers({ ...options, sink }, parts, notes);
    const followLog = (path: string) => {
      sink.begin();
      parts.push(new LogFollower(path, sink, (error) => warnSink(sink, path, error)));
    };
    for (const path of options.logs ?? []) followLog(path);
    return { ports, notes, followLog, flush: () => flushAll(parts), stop: () => stopAll(parts) };
  } catch (error) {
    await stopAll(parts);
    throw error;
  }
}

async function startReceivers(
  options: CollectorOptions,
  parts: Part[],
  notes: string[],
): Promise<CollectorPorts> {
  const { sink, host = '127.0.0.1', otlpHttpPort = OTLP_HTTP_PORT, otlpGrpcPort = OTLP_GRPC_PORT } = options;
  const http = await startHttp(otlpHttpApp(sink), host, otlpHttpPort).catch((error) => {
    throw listenError(error, 'OTLP/HTTP', host, otlpHttpPort, 'otlpHttpPort');
  });
  parts.push(http);
  const grpc = await startOtlpGrpc(sink, host, otlpGrpcPort).catch((error) => {
    throw listenError(error, 'OTLP/gRPC', host, otlpGrpcPort, 'otlpGrpcPort');
  });
  parts.push(grpc);
  const optional = (app: Hono, port: number | undefined, what: string, option: string) =>
    startOptional({ app, host, port, what, option }, parts, notes);
  const zipkin = await optional(zipkinHttpApp(sink), options.zipkinPort, 'Zipkin spans', 'zipkinPort');
  const jaeger = await optional(jaegerHttpApp(sink), options.jaegerPort, 'Jaeger Thrift', 'jaegerPort');
  const ports = { otlpHttp: http.port, otlpGrpc: grpc.port, zipkin, jaeger };
  const syslogPort = options.syslogPort ?? null;
  if (syslogPort === null) return { ...ports, syslog: null };
  const onError = (error: Error) => warnSink(sink, 'syslog', error);
  const syslog = await startSyslog(sink, { host, port: syslogPort, clockHost: hostname(), onError }).catch(
    (error) => {
      throw listenError(error, 'syslog (UDP)', host, syslogPort, 'syslogPort');
    },
  );
  parts.push(syslog);
  return { ...ports, syslog: syslog.port };
}

interface OptionalReceiver {
  readonly app: Hono;
  readonly host: string;
  readonly port: number | undefined;
  readonly what: string;
  readonly option: string;
}

/** Most machines that hold 9411 or 14268 run a Zipkin or a Jaeger there: that is a note, not a failure. */
async function startOptional(
  { app, host, port, what, option }: OptionalReceiver,
  parts: Part[],
  notes: string[],
): Promise<number | null> {
  if (port === undefined) return null;
  try {
    const server = await startHttp(app, host, port);
    parts.push(server);
    return server.port;
  } catch (error) {
    notes.push(listenError(error, what, host, port, option).message);
    return null;
  }
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
