/**
 * Asks the kernel for its TCP sockets through `ss` (netlink is out of Node's reach): a list now and then, and, from one
 * process that stays, each socket's last numbers when it is taken down.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as timeout } from 'node:timers/promises';
import { readSsLine, type TcpSocket } from './ss-line.ts';

/** All but those in TIME-WAIT and SYN-RECV, which are no sockets yet or any more and may be many thousands. */
const SNAPSHOT = ['ss', '-tinOH', 'state', 'big'] as const;
/** `ss` fills a block before it writes to a pipe; `stdbuf` has it write line by line, so that the time is right. */
const EVENTS = ['stdbuf', '-oL', 'ss', '-tinOHE'] as const;

/** Thousands of sockets take `ss` tens of ms; what hangs is ended. */
const SNAPSHOT_LIMIT_MS = 2_000;
/** A busy machine's news are late; beyond this they are not waited for. */
const CATCH_UP_LIMIT_MS = 1_000;
/** A host with more sockets than this is not looked at whole. */
const MAX_SOCKETS = 20_000;

/** @returns undefined when `ss` is not there or fails */
export function listSockets(): Promise<TcpSocket[] | undefined> {
  return new Promise((resolve) => {
    const child = start(SNAPSHOT);
    const sockets: TcpSocket[] = [];
    const limit = setTimeout(() => child.kill('SIGKILL'), SNAPSHOT_LIMIT_MS);
    eachSocket(child, (socket) => {
      if (sockets.length < MAX_SOCKETS) sockets.push(socket);
    });
    child.once('error', () => {
      clearTimeout(limit);
      resolve(undefined);
    });
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve(code === 0 ? sockets : undefined);
    });
  });
}

export interface SocketEvents {
  /** Resolves when the ends that lie behind have been told, as far as that can be found out. */
  caughtUp(): Promise<void>;
  /** Resolves when the process is gone. Idempotent. */
  stop(): Promise<void>;
}

/** @param onFault told once when there will be no events: no `stdbuf`, an `ss` without `--events`, no rights */
export function watchEndedSockets(onEnded: (socket: TcpSocket) => void, onFault: () => void): SocketEvents {
  const child = start(EVENTS);
  let isStopping = false;
  const heard = new EventEmitter();
  eachSocket(child, (socket) => {
    onEnded(socket);
    heard.emit('end', socket.local.port);
  });
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  void gone.then(() => {
    if (!isStopping) onFault();
  });
  return {
    async caughtUp() {
      if (child.exitCode !== null || child.pid === undefined) return;
      await Promise.race([endOfOwnSocket(heard), gone, timeout(CATCH_UP_LIMIT_MS)]);
    },
    stop() {
      isStopping = true;
      child.kill('SIGTERM');
      return gone;
    },
  };
}

/**
 * The kernel tells of ends in their order: when that of a socket of our own has come, those before it have too.
 * On a network without loopback there is no such socket, and the limit ends the wait.
 */
async function endOfOwnSocket(heard: EventEmitter): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  const port = await new Promise<number>((resolve) => {
    server.once('error', () => undefined);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  const told = new Promise<void>((resolve) => {
    heard.on('end', function onEnd(localPort: number) {
      if (localPort !== port) return;
      heard.off('end', onEnd);
      resolve();
    });
  });
  connect(port, '127.0.0.1')
    .on('error', () => undefined)
    .resume();
  await told;
  server.close();
}

const start = ([command, ...args]: readonly [string, ...string[]]): ChildProcess =>
  spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });

function eachSocket(child: ChildProcess, onSocket: (socket: TcpSocket) => void): void {
  if (!child.stdout) return;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const socket = readSsLine(line);
    if (socket) onSocket(socket);
  });
}
