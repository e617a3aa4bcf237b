/** Name servers on UDP and TCP: packets in, what the zones say out, late where a delay asks for it. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import * as dns from 'dns-packet';
import { type AnswerDelay, Mishaps, type Transport } from './dns-mishaps.ts';
import { answerFrom, type Zone, type ZoneReply, zoneOf } from './dns-zone.ts';

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
  const mishaps = new Mishaps(delays);
  for (let tries = 1; ; tries++) {
    const listeners: Listener[] = [];
    try {
      let port = 0;
      for (const address of new Set(addresses)) {
        const zones = zonesFor(address);
        const listener = { tcp: tcpServer(zones, mishaps), udp: udpServer(zones, mishaps) };
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

function udpServer(zones: readonly Zone[], mishaps: Mishaps): UdpSocket {
  const socket = createSocket('udp4');
  return socket.on('message', (query, client) => {
    answer(query, 'udp', zones, mishaps, (packet, udpBytes) => {
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
function tcpServer(zones: readonly Zone[], mishaps: Mishaps): Server {
  return createServer((socket: Socket) => {
    let unread = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      while (unread.length >= 2 && unread.length >= 2 + unread.readUInt16BE(0)) {
        const end = 2 + unread.readUInt16BE(0);
        answer(unread.subarray(2, end), 'tcp', zones, mishaps, (packet) =>
          socket.write(dns.streamEncode(packet)),
        );
        unread = unread.subarray(end);
      }
    });
  });
}

type Send = (packet: dns.Packet, udpBytes: number) => void;

/** Answers a packet, late or badly where a mishap asks for it. What is not a question gets no answer. */
function answer(
  query: Buffer,
  transport: Transport,
  zones: readonly Zone[],
  mishaps: Mishaps,
  send: Send,
): void {
  const receivedMs = performance.now();
  const asked = decode(query);
  const [question] = asked?.questions ?? [];
  if (!asked || !question || asked.type !== 'query') return;
  const { type } = question;
  const name = question.name.toLowerCase();
  const reply = answerFrom(zones, name, type);
  const server = zoneOf(zones, name)?.nameServer ?? '';
  const { authoritative } = reply;
  const treatment = mishaps.treat({ name, type, server, authoritative, transport, receivedMs });
  if (treatment.mishap === 'silent') return;
  const packet = spoilt(responseTo(asked, question, reply), treatment.mishap);
  at(receivedMs + treatment.delayMs, () => {
    send(packet, treatment.mishap === 'truncated' ? 0 : udpBytesFor(asked));
    treatment.sent();
  });
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
