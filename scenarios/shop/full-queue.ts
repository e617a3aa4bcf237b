/**
 * A listening socket whose accept queue is full: the kernel drops the first packet of whoever connects (Linux), who
 * sends it again after 1 s. The queue is filled by connections to itself, and the process stands still, so that nobody
 * accepts them.
 */
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';

/** Enough for whatever comes once the queue is emptied; one more connection than this fills it. */
export const BACKLOG = 64;

/**
 * Fills the queue of a server that has just begun to listen with that backlog. Nothing is accepted as long as the
 * caller, in the same turn of the event loop, does not let go: `whenFull` is called in it.
 */
export function fillQueue(server: Server, whenFull: () => void): ReadonlySet<number> {
  const { port, address } = server.address() as AddressInfo;
  const fillers: Socket[] = [];
  // over loopback the kernel makes the connection within the call, before anybody accepts it
  for (let i = 0; i <= BACKLOG; i++) fillers.push(connect(port, address).on('error', () => undefined));
  const ports = new Set<number>();
  process.nextTick(() => {
    for (const { localPort } of fillers) if (localPort) ports.add(localPort);
    whenFull();
  });
  return ports;
}

/** Stands still without using the processor. */
export const standStill = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

/** How often a process that stands still looks whether somebody has come; a look costs 0.2 ms. */
const LOOK_MS = 5;
/**
 * Stands still until a client of this machine has found the port's queue full, and then for another `holdMs`.
 * @returns when it did, on `performance.now()`
 */
export function standUntilAsked(port: number, holdMs: number): number {
  let overflows = listenOverflows();
  for (;;) {
    standStill(LOOK_MS);
    const now = listenOverflows();
    if (now === overflows && now !== undefined) continue;
    overflows = now;
    if (now !== undefined && !hasWaitingClient(port)) continue;
    const askedMs = performance.now();
    standStill(holdMs);
    return askedMs;
  }
}

/** How often a full queue has turned somebody away on this machine; undefined where the system does not count. */
function listenOverflows(): string | undefined {
  const [names, values] = linesOf('/proc/net/netstat').filter((line) => line.startsWith('TcpExt:'));
  return values?.split(' ')[names?.split(' ').indexOf('ListenOverflows') ?? -1];
}

/** Whether somebody on this machine waits for an answer to the first packet for a port of 127.0.0.1. */
function hasWaitingClient(port: number): boolean {
  const wanted = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return linesOf('/proc/net/tcp').some((line) => {
    const [, , remote, state] = line.trim().split(/\s+/);
    return state === SYN_SENT && remote === wanted;
  });
}
const SYN_SENT = '02';

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
