/**
 * A TCP relay on the wire between two parts: it passes bytes on, late or slowly as its rules say. What it carries
 * (TLS, HTTP, PostgreSQL's protocol) it neither knows nor changes.
 *
 * In front of a load balancer it says first who the client is (PROXY protocol, version 1:
 * https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt), so that the balancer's log names the browser's port.
 *
 * Argument: a JSON `RelayOptions`. Announces `{ port }`.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { BACKLOG, fillQueue, standUntilAsked } from './full-queue.ts';
import { noteInjected } from './injected.ts';
import { announceReady, whenToldToStop } from './part-process.ts';
import { holdsOf, type Piece, type Rule } from './relay-holds.ts';

export interface RelayOptions {
  readonly port: number;
  readonly tellsClient: boolean;
  readonly rules: readonly Rule[];
}

const { port, tellsClient, rules } = JSON.parse(process.argv[2] ?? '') as RelayOptions;
const open = new Set<Socket>();
/** The slowest of the rules'. */
const pace = rules.reduce<Pace>(
  (slowest, { bytesPerSecond = Infinity, burstBytes = 0 }) =>
    bytesPerSecond < slowest.bytesPerSecond ? { bytesPerSecond, burstBytes } : slowest,
  { bytesPerSecond: Infinity, burstBytes: 0 },
);
const allWaysMs = rules.reduce((sum, { oneWayMs = 0 }) => sum + oneWayMs, 0);
const holds = holdsOf(rules);
const losses = rules.flatMap(({ lost }) => (lost ? [{ ...lost }] : []));
let isFirstClient = true;
/** Local ports of the connections that filled the queue: nobody's. */
let fillers: ReadonlySet<number> = new Set();
let onFirstClient = () => {};

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  if (fillers.has(client.remotePort ?? 0)) return client.destroy();
  if (isFirstClient) onFirstClient();
  isFirstClient = false;
  const upstream = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const hold = holds.connection();
  const note = wayNoter();
  if (tellsClient) upstream.write(proxyLine(client));
  pass(client, upstream, allWaysMs, (bytes) => {
    hold.clientSpoke(bytes);
    return isLost(bytes) ? [] : note('client', [{ bytes, heldMs: 0 }]);
  });
  const passed = (bytes: Buffer) => note('server', hold.serverSpoke(bytes));
  pass(upstream, client, allWaysMs, passed, pace);
  client.once('close', () => hold.closed());
  upstream.once('end', () => {
    if (!client.readableEnded) holds.serverClosed();
  });
});

/**
 * A message may come in several pieces, and is late once: the first piece after one of the other side's tells. It is
 * noted by how long it really was here; of that, each fault has its share.
 */
function wayNoter(): (speaker: 'client' | 'server', pieces: Piece[]) => Piece[] {
  const waitedFor = rules.filter((rule) => rule.isWaitedFor);
  let last: string | undefined;
  return (speaker, pieces) => {
    const [first, ...others] = pieces;
    if (speaker === last || !first || waitedFor.length === 0) return pieces;
    last = speaker;
    const arrivedMs = performance.now();
    const left = () => {
      const lateMs = performance.now() - arrivedMs;
      for (const { fault, oneWayMs = 0 } of waitedFor) noteInjected(fault, (lateMs * oneWayMs) / allWaysMs);
      first.left?.();
    };
    return [{ ...first, left }, ...others];
  };
}

const proxyLine = (client: Socket): string =>
  `PROXY TCP4 ${client.remoteAddress} ${client.localAddress} ${client.remotePort} ${client.localPort}\r\n`;

function isLost(bytes: Buffer): boolean {
  const loss = losses.find(({ text, times }) => times > 0 && bytes.indexOf(text) === 0);
  if (loss) loss.times--;
  return loss !== undefined;
}

interface Pace {
  readonly bytesPerSecond: number;
  readonly burstBytes: number;
}

const UNHURRIED: Pace = { bytesPerSecond: Infinity, burstBytes: 0 };
/** What may wait here before the sender has to: about what a socket's buffer holds. */
const MOST_WAITING_BYTES = 128 * 1024;

/** Data keeps its order: each piece leaves when its own delay is over and all before it have left. */
function pass(
  from: Socket,
  to: Socket,
  wayMs: number,
  cut: (bytes: Buffer) => Piece[],
  pace: Pace = UNHURRIED,
): void {
  open.add(from);
  let queue = Promise.resolve();
  let freeAtMs = 0;
  let waitingBytes = 0;
  const later = (act: () => void, bytes: number, heldMs = 0) => {
    const nowMs = performance.now();
    const savedMs = (pace.burstBytes / pace.bytesPerSecond) * 1_000;
    freeAtMs = Math.max(freeAtMs, nowMs - savedMs) + (bytes / pace.bytesPerSecond) * 1_000;
    const dueMs = Math.max(freeAtMs, nowMs + wayMs + heldMs);
    queue = queue.then(() => until(dueMs)).then(act);
  };
  const passOn = ({ bytes, heldMs, left }: Piece) => {
    waitingBytes += bytes.length;
    if (waitingBytes > MOST_WAITING_BYTES) from.pause();
    const leave = () => {
      waitingBytes -= bytes.length;
      if (waitingBytes <= MOST_WAITING_BYTES) from.resume();
      if (to.writable) to.write(bytes);
      left?.();
    };
    later(leave, bytes.length, heldMs);
  };
  from.on('data', (bytes: Buffer) => cut(bytes).forEach(passOn));
  from.once('end', () => later(() => to.end(), 0));
  from.once('error', () => to.destroy());
  from.once('close', () => {
    open.delete(from);
    queue.then(() => to.destroySoon());
  });
}

/** Timers fire up to a millisecond off; the rest of a delay is waited for by looking at the clock. */
const TIMER_MARGIN_MS = 2;

async function until(dueMs: number): Promise<void> {
  const leftMs = dueMs - performance.now();
  if (leftMs > TIMER_MARGIN_MS) await new Promise((resolve) => setTimeout(resolve, leftMs - TIMER_MARGIN_MS));
  while (performance.now() < dueMs) await new Promise((resolve) => setImmediate(resolve));
}

const announce = () => announceReady({ port: (server.address() as AddressInfo).port });
const stop = async () => {
  for (const socket of open) socket.destroy();
  server.close();
};

/** Told to stop while it stands still, the process is ended by the signal itself. */
function beginWithFullQueue(fault: string, holdMs: number): void {
  fillers = fillQueue(server, () => {
    announce();
    const askedMs = standUntilAsked((server.address() as AddressInfo).port, holdMs);
    whenToldToStop(stop);
    onFirstClient = () => noteInjected(fault, performance.now() - askedMs);
  });
}

const [full] = rules
  .filter(({ fullQueueMs }) => fullQueueMs !== undefined)
  .sort((a, b) => (b.fullQueueMs ?? 0) - (a.fullQueueMs ?? 0));
if (full) {
  const begin = () => beginWithFullQueue(full.fault, full.fullQueueMs ?? 0);
  server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, begin);
} else {
  server.listen(0, '127.0.0.1', announce);
  whenToldToStop(stop);
}
