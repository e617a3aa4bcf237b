/** Name servers on UDP and TCP: packets in, what the zones say out, late where a delay asks for it. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import * as dns from 'dns-packet';
import { answerFrom, type Zone, type ZoneReply } from './dns-zone.ts';

/** A server that thinks before it answers this question, or answers it badly. */
export interface AnswerDelay {
  readonly name: string;
  /** As dns-packet names it: `A`, `AAAA`, `UNKNOWN_65`. */
  readonly type: string;
  readonly delayMs: number;
  /** What it does in place of a good answer; `truncated` only over UDP. */
  readonly mishap?: 'silent' | 'SERVFAIL' | 'REFUSED' | 'truncated';
  /** How often the mishap happens before all is well; always when missing. */
  readonly times?: number;
}

export interface Listener {
  readonly tcp: Server;
  readonly udp: UdpSocket;
}

/** TCP gives a port that UDP or another address may have in use; another try gets another one. */
const PORT_TRIES = 20;
/** What fits a UDP answer when the client does not say (RFC 1035 §4.2.1). */
const PLAIN_UDP_BYTES = 512;
/** Timers fire up to a millisecond off; the rest of a delay is waited for by looking at the clock. */
const TIMER_MARGIN_MS = 2;
const RCODES = { NOERROR: 0, NXDOMAIN: 3, REFUSED: 5 } as const;
const SERVFAIL = 2;

/** One server an address, all on one port. Throws what the system says when an address cannot be had. */
export async function listenOn(
  addresses: readonly string[],
  zonesFor: (address: string) => readonly Zone[],
  delays: readonly AnswerDelay[],
): Promise<{ port: number; listeners: Listener[] }> {
  for (let tries = 1; ; tries++) {
    const listeners: Listener[] = [];
    try {
      let port = 0;
      for (const address of new Set(addresses)) {
        const zones = zonesFor(address);
        const listener = { tcp: tcpServer(zones, delays), udp: udpServer(zones, delays) };
        listeners.push(listener);
        port = await bind(listener, address, port);
      }
      return { port, listeners };
    } catch (error) {
      listeners.forEach(closeListener);
      if (tries >= PORT_TRIES || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

async function bind({ tcp, udp }: Listener, address: string, wantedPort: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(wantedPort, address, resolve);
  });
  const bound = tcp.address();
  const port = typeof bound === 'object' && bound ? bound.port : wantedPort;
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind(port, address, resolve);
  });
  return port;
}

export function closeListener({ tcp, udp }: Listener): void {
  tcp.close();
  try {
    udp.close();
  } catch {
    // Was never bound.
  }
}

function udpServer(zones: readonly Zone[], delays: readonly AnswerDelay[]): UdpSocket {
  const socket = createSocket('udp4');
  return socket.on('message', (query, client) => {
    answer(query, zones, delays, (packet, udpBytes) => {
      const whole = dns.encode(packet);
      const fitting = whole.length <= udpBytes ? whole : dns.encode(truncated(packet));
      socket.send(fitting, client.port, client.address);
    });
  });
}

const truncated = (packet: dns.Packet): dns.Packet => ({
  ...packet,
  flags: (packet.flags ?? 0) | dns.TRUNCATED_RESPONSE,
  answers: [],
  authorities: [],
  additionals: [],
});

/** TCP: each message has its length before it (RFC 1035 §4.2.2). */
function tcpServer(zones: readonly Zone[], delays: readonly AnswerDelay[]): Server {
  return createServer((socket: Socket) => {
    let unread = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      while (unread.length >= 2 && unread.length >= 2 + unread.readUInt16BE(0)) {
        const end = 2 + unread.readUInt16BE(0);
        answer(unread.subarray(2, end), zones, delays, (packet) => socket.write(dns.streamEncode(packet)));
        unread = unread.subarray(end);
      }
    });
  });
}

type Send = (packet: dns.Packet, udpBytes: number) => void;

/**
 * Answers a packet, late where a delay asks for it: only the server that knows the answer is slow, not those that
 * refer to it. What is not a question gets no answer.
 */
function answer(query: Buffer, zones: readonly Zone[], delays: readonly AnswerDelay[], send: Send): void {
  const receivedMs = performance.now();
  const asked = decode(query);
  const [question] = asked?.questions ?? [];
  if (!asked || !question || asked.type !== 'query') return;
  const reply = answerFrom(zones, question.name, question.type);
  const delay = delays.find((d) => d.name === question.name.toLowerCase() && d.type === question.type);
  if (!delay || !reply.authoritative) {
    send(responseTo(asked, question, reply), udpBytesFor(asked));
    return;
  }
  const mishap = nextMishap(delay);
  if (mishap === 'silent') return;
  const packet = spoilt(responseTo(asked, question, reply), mishap);
  at(receivedMs + delay.delayMs, () => send(packet, mishap === 'truncated' ? 0 : udpBytesFor(asked)));
}

const happenedByDelay = new WeakMap<AnswerDelay, number>();

function nextMishap(delay: AnswerDelay): AnswerDelay['mishap'] {
  const happened = happenedByDelay.get(delay) ?? 0;
  happenedByDelay.set(delay, happened + 1);
  return happened < (delay.times ?? Number.POSITIVE_INFINITY) ? delay.mishap : undefined;
}

/** The same answer without its records, under the failure's code. */
function spoilt(packet: dns.Packet, mishap: AnswerDelay['mishap']): dns.Packet {
  if (mishap !== 'SERVFAIL' && mishap !== 'REFUSED') return packet;
  const rcode = mishap === 'SERVFAIL' ? SERVFAIL : RCODES.REFUSED;
  return { ...packet, flags: rcode, answers: [], authorities: [], additionals: [] };
}

function decode(packet: Buffer): dns.DecodedPacket | undefined {
  try {
    return dns.decode(packet);
  } catch {
    return undefined;
  }
}

function responseTo(asked: dns.DecodedPacket, question: dns.Question, reply: ZoneReply): dns.Packet {
  const { rcode, authoritative, ...sections } = reply;
  const flags = (authoritative ? dns.AUTHORITATIVE_ANSWER : 0) | RCODES[rcode];
  return { type: 'response', id: asked.id ?? 0, flags, questions: [question], ...sections };
}

function udpBytesFor(asked: dns.DecodedPacket): number {
  const edns = asked.additionals?.find((record) => record.type === 'OPT');
  return edns?.type === 'OPT' ? Math.max(edns.udpPayloadSize, PLAIN_UDP_BYTES) : PLAIN_UDP_BYTES;
}

/** Runs `act` at the instant, on the clock of `performance.now()`, to a few microseconds. */
function at(instantMs: number, act: () => void): void {
  const leftMs = instantMs - performance.now();
  if (leftMs <= 0) act();
  else if (leftMs > TIMER_MARGIN_MS) setTimeout(at, leftMs - TIMER_MARGIN_MS, instantMs, act);
  else setImmediate(at, instantMs, act);
}
