/**
 * Starts a real Zipkin or Jaeger on free ports of loopback, where one is to be had: `HEADWATER_TEST_ZIPKIN_JAR` names
 * Zipkin's `…-exec.jar`, `HEADWATER_TEST_JAEGER` Jaeger's all-in-one program (version 1).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

export const ZIPKIN_JAR = process.env.HEADWATER_TEST_ZIPKIN_JAR;
export const JAEGER = process.env.HEADWATER_TEST_JAEGER;

export interface TraceBackend {
  /** Where traces are asked for. */
  readonly url: string;
  /** Where OTLP/HTTP is taken; Zipkin takes none. */
  readonly otlpUrl?: string;
  /** Where Jaeger's Thrift is taken. */
  readonly thriftUrl?: string;
  stop(): Promise<void>;
}

/** A Java program on a busy machine takes its time. */
const START_MS = 90_000;

export async function startZipkin(jar: string): Promise<TraceBackend> {
  const port = await freePort();
  const env = {
    ...process.env,
    QUERY_PORT: String(port),
    JAVA_OPTS: '-Xmx256m',
    SELF_TRACING_ENABLED: 'false',
  };
  const child = spawn('java', ['-Xmx256m', `-Darmeria.preferredIpV4Addresses=127.0.0.1/32`, '-jar', jar], {
    env,
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(`${url}/health`, child);
  return { url, stop: () => end(child) };
}

export async function startJaeger(program: string): Promise<TraceBackend> {
  const [query, thrift, otlp, ...others] = await Promise.all(Array.from({ length: 7 }, freePort));
  const at = (port: number | undefined) => `127.0.0.1:${port}`;
  const child = spawn(
    program,
    [
      `--query.http-server.host-port=${at(query)}`,
      `--collector.http-server.host-port=${at(thrift)}`,
      `--collector.otlp.http.host-port=${at(otlp)}`,
      `--query.grpc-server.host-port=${at(others[0])}`,
      `--collector.grpc-server.host-port=${at(others[1])}`,
      `--collector.otlp.grpc.host-port=${at(others[2])}`,
      `--admin.http.host-port=${at(others[3])}`,
    ],
    { stdio: 'ignore' },
  );
  await answering(`http://${at(query)}/api/services`, child);
  return {
    url: `http://${at(query)}`,
    otlpUrl: `http://${at(otlp)}/v1/traces`,
    thriftUrl: `http://${at(thrift)}/api/traces`,
    stop: () => end(child),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  const giveUpMs = Date.now() + START_MS;
  while (child.exitCode === null && Date.now() < giveUpMs) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  child.kill('SIGKILL');
  throw new Error(`nothing answers at ${url}`);
}

const end = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('close', () => resolve());
    child.kill('SIGKILL');
  });
