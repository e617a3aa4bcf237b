/**
 * OTLP over gRPC. Messages pass gRPC as bytes, and the same reader as for HTTP takes them apart. Metrics and logs
 * are accepted and left unread.
 *
 * https://opentelemetry.io/docs/specs/otlp/#otlpgrpc
 */
import {
  type handleUnaryCall,
  logVerbosity,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  setLogVerbosity,
  status,
} from '@grpc/grpc-js';
import { readOtlpProtobuf } from '../import/otlp.ts';
import { exportResponseProtobuf, OTLP_LIMIT_BYTES } from './otlp-response.ts';
import type { Sink } from './sink.ts';

type Export = handleUnaryCall<Buffer, Buffer>;

const SERVICES = {
  trace: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
} as const;
/** How long calls that are being answered may take to end when the receiver stops. */
const DRAIN_MS = 1_000;

export interface GrpcReceiver {
  readonly port: number;
  stop(): Promise<void>;
}

/** @throws Error with gRPC's own words when the port cannot be had */
export async function startOtlpGrpc(sink: Sink, host: string, port: number): Promise<GrpcReceiver> {
  // what fails is told by what we throw; gRPC would print it besides
  if (!process.env.GRPC_VERBOSITY) setLogVerbosity(logVerbosity.NONE);
  const server = new Server({ 'grpc.max_receive_message_length': OTLP_LIMIT_BYTES });
  server.addService(exportService(SERVICES.trace), { Export: exportTraces(sink) });
  const leaveUnread: Export = (_, answer) => answer(null, Buffer.alloc(0));
  server.addService(exportService(SERVICES.metrics), { Export: leaveUnread });
  server.addService(exportService(SERVICES.logs), { Export: leaveUnread });
  const bound = await bind(server, `${host}:${port}`);
  return { port: bound, stop: () => stop(server) };
}

const sameBytes = (bytes: Buffer): Buffer => bytes;

function exportService(service: string): ServiceDefinition {
  const method: MethodDefinition<Buffer, Buffer> = {
    path: `/${service}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: sameBytes,
    requestDeserialize: sameBytes,
    responseSerialize: sameBytes,
    responseDeserialize: sameBytes,
  };
  return { Export: method };
}

const exportTraces =
  (sink: Sink): Export =>
  ({ request }, answer) => {
    const result = readOtlpProtobuf(request);
    if (result.malformed) {
      const details = result.warnings.find(({ code }) => code === 'otlp.malformed')?.message ?? '';
      return answer({ code: status.INVALID_ARGUMENT, details });
    }
    try {
      sink.accept(result);
    } catch (error) {
      const details = `The spans could not be stored, send them again: ${(error as Error).message}`;
      return answer({ code: status.UNAVAILABLE, details });
    }
    answer(null, exportResponseProtobuf(result));
  };

const bind = (server: Server, address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), DRAIN_MS);
    server.tryShutdown(() => {
      clearTimeout(force);
      server.forceShutdown();
      resolve();
    });
  });
