/**
 * Syslog over UDP, for load balancers' logs (HAProxy, nginx, Caddy): one datagram a line, in any framing that the
 * importers know.
 *
 * Nobody waits for an answer to a datagram, so lines are gathered for a moment and stored together: a disk flush a
 * line would cost the machine that is being measured.
 */
import { createSocket, type Socket } from 'node:dgram';
import { readProxyLog } from '../import/proxy-log.ts';
import type { Sink } from './sink.ts';

/** Long enough to gather a page's worth of requests, far shorter than a person notices. */
const GATHER_MS = 20;
/** Kernel's buffer for datagrams that we have not read yet; asked for, not guaranteed. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export interface SyslogReceiver {
  readonly port: number;
  /** Stores what has arrived by now. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export interface SyslogOptions {
  readonly host: string;
  readonly port: number;
  /** Names the load balancer's clock. */
  readonly clockHost: string;
  readonly onError: (error: Error) => void;
}

/** @throws Error (`EADDRINUSE`, …) when the port cannot be had */
export async function startSyslog(sink: Sink, options: SyslogOptions): Promise<SyslogReceiver> {
  const socket = createSocket('udp4');
  const gathered = new Gathered((log) => {
    sink.accept(readProxyLog(log, { host: options.clockHost, where: 'syslog' }));
  }, options.onError);
  socket.on('message', (datagram) => gathered.add(datagram.toString()));
  await bind(socket, options.host, options.port);
  socket.on('error', options.onError);
  growBuffer(socket);
  return {
    port: socket.address().port,
    flush: () => gathered.drain(),
    stop: async () => {
      await gathered.drain();
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
}

class Gathered {
  readonly #keep: (log: string) => void;
  readonly #onError: (error: Error) => void;
  #lines: string[] = [];
  #arrived = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(keep: (log: string) => void, onError: (error: Error) => void) {
    this.#keep = keep;
    this.#onError = onError;
  }

  add(line: string): void {
    this.#arrived++;
    this.#lines.push(line);
    this.#timer ??= setTimeout(() => this.#store(), GATHER_MS);
  }

  /** Datagrams may still stand in the kernel's buffer: turn the event loop until none comes any more. */
  async drain(): Promise<void> {
    for (let before = -1; before !== this.#arrived; ) {
      before = this.#arrived;
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    }
    this.#store();
  }

  /** Lines that could not be stored are kept and tried again with the next ones. */
  #store(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    if (!lines.length) return;
    this.#lines = [];
    try {
      this.#keep(lines.join('\n'));
    } catch (error) {
      this.#lines = [...lines, ...this.#lines];
      this.#onError(error as Error);
    }
  }
}

const bind = (socket: Socket, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.removeListener('error', reject);
      resolve();
    });
  });

function growBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // the system's default is what we have then
  }
}
