/**
 * Could anybody hear what the servers report of a test? Without a receiver of traces on this machine `traceparent` is
 * of no use to it, and costs each page some milliseconds.
 */
import { connect } from 'node:net';
import { DEFAULT_VIEWER_PORT } from '../../src/serve/viewer-port.ts';

/** OTLP's own (gRPC, HTTP), at which `headwater serve`, a collector or another backend listens. */
const OTLP_PORTS = [4317, 4318];
/** Whoever exports traces by these knows of a backend, wherever it is. */
const ENDPOINT_VARIABLES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
/** On loopback one answers, or refuses, within a millisecond. */
const PATIENCE_MS = 250;

/** @param servePort of the `headwater serve` that may be up */
export const portsOfListeners = (servePort = DEFAULT_VIEWER_PORT): number[] => [servePort, ...OTLP_PORTS];

/** @param ports on loopback */
export async function somebodyListens(ports: readonly number[]): Promise<boolean> {
  if (ENDPOINT_VARIABLES.some((name) => process.env[name])) return true;
  const answers = await Promise.all(ports.map(listens));
  return answers.includes(true);
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: PATIENCE_MS });
    const answer = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
