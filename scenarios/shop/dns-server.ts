/**
 * The private DNS: the root, the top-level domain and the shop's own name server, each on its own loopback address,
 * all on one port, UDP and TCP, in one process.
 *
 * ```
 * 127.53.0.1  a.root-servers.test   .               → test. is at 127.53.0.2
 * 127.53.0.2  ns.nic.test           test.           → headwater.test. is at 127.53.0.3
 * 127.53.0.3  ns1.headwater.test    headwater.test. → shop, static.shop (alias of assets)
 * ```
 * Systems that only have 127.0.0.1 (macOS) get one server there that answers for all three zones.
 *
 * Argument: a JSON `DnsServerOptions`. Announces `DnsServerReady`.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import * as dns from 'dns-packet';
import { answerFrom, type Zone } from './dns-zone.ts';
import { ASSETS_HOST, SHOP_HOST, STATIC_HOST } from './names.ts';
import { announceReady, whenToldToStop } from './part-process.ts';

/** A server that thinks before it answers this question. */
export interface AnswerDelay {
  readonly name: string;
  readonly type: string;
  readonly delayMs: number;
}

export interface DnsServerOptions {
  readonly delays: readonly AnswerDelay[];
}

export interface NameServer {
  readonly name: string;
  readonly address: string;
}

export interface DnsServerReady {
  readonly port: number;
  readonly root: NameServer;
  readonly servers: readonly NameServer[];
}

const OWN_ADDRESSES = ['127.53.0.1', '127.53.0.2', '127.53.0.3'] as const;
const ONE_ADDRESS = ['127.0.0.1', '127.0.0.1', '127.0.0.1'] as const;
/** TCP gives a port that UDP or another address may have in use; another try gets another one. */
const PORT_TRIES = 20;
/** What fits a UDP answer when the client does not say (RFC 1035 §4.2.1). */
const PLAIN_UDP_BYTES = 512;
/** Timers fire up to a millisecond off; the rest of a delay is waited for by looking at the clock. */
const TIMER_MARGIN_MS = 2;

function zonesAt([root, tld, own]: readonly [string, string, string]): Zone[] {
  const toShop = { ttl: 60, type: 'A', data: '127.0.0.1' } as const;
  return [
    zone('', 'a.root-servers.test', [], [{ zone: 'test', nameServer: 'ns.nic.test', address: tld }]),
    zone(
      'test',
      'ns.nic.test',
      [
        { name: 'a.root-servers.test', type: 'A', ttl: 300, data: root },
        { name: 'ns.nic.test', type: 'A', ttl: 300, data: tld },
      ],
      [{ zone: 'headwater.test', nameServer: 'ns1.headwater.test', address: own }],
    ),
    zone('headwater.test', 'ns1.headwater.test', [
      { name: 'ns1.headwater.test', type: 'A', ttl: 300, data: own },
      { name: SHOP_HOST, ...toShop },
      { name: ASSETS_HOST, ...toShop },
      { name: STATIC_HOST, type: 'CNAME', ttl: 300, data: ASSETS_HOST },
    ]),
  ];
}

const zone = (
  origin: string,
  nameServer: string,
  records: Zone['records'],
  delegations: Zone['delegations'] = [],
): Zone => ({ origin, nameServer, records, delegations });

/** The answer to one packet; undefined when it is not a question. */
function respond(
  query: Buffer,
  zones: readonly Zone[],
): { packet: dns.Packet; udpBytes: number } | undefined {
  const asked = decode(query);
  const [question] = asked?.questions ?? [];
  if (!asked || !question || asked.type !== 'query') return undefined;
  const said = answerFrom(zones, question.name, question.type);
  const edns = asked.additionals?.find((record) => record.type === 'OPT');
  const udpBytes = edns?.type === 'OPT' ? Math.max(edns.udpPayloadSize, PLAIN_UDP_BYTES) : PLAIN_UDP_BYTES;
  const { rcode, authoritative, ...sections } = said;
  const packet: dns.Packet = {
    type: 'response',
    id: asked.id ?? 0,
    flags: (authoritative ? dns.AUTHORITATIVE_ANSWER : 0) | RCODES[rcode],
    questions: [question],
    ...sections,
  };
  return { packet, udpBytes };
}

const RCODES = { NOERROR: 0, NXDOMAIN: 3, REFUSED: 5 } as const;

function decode(packet: Buffer): dns.DecodedPacket | undefined {
  try {
    return dns.decode(packet);
  } catch {
    return undefined;
  }
}

/** Answers a packet after the delay that its question asks for. */
function answer(query: Buffer, zones: readonly Zone[], delays: readonly AnswerDelay[], send: Send): void {
  const receivedMs = performance.now();
  const response = respond(query, zones);
  if (!response) return;
  const [question] = response.packet.questions ?? [];
  const delay = delays.find((d) => d.name === question?.name.toLowerCase() && d.type === question.type);
  at(receivedMs + (delay?.delayMs ?? 0), () => send(response.packet, response.udpBytes));
}

type Send = (packet: dns.Packet, udpBytes: number) => void;

/** Runs `act` at the instant, on the clock of `performance.now()`, to a few microseconds. */
function at(instantMs: number, act: () => void): void {
  const leftMs = instantMs - performance.now();
  if (leftMs <= 0) act();
  else if (leftMs > TIMER_MARGIN_MS) setTimeout(at, leftMs - TIMER_MARGIN_MS, instantMs, act);
  else setImmediate(at, instantMs, act);
}

function udpServer(zones: readonly Zone[], delays: readonly AnswerDelay[]): UdpSocket {
  const socket = createSocket('udp4');
  return socket.on('message', (query, client) => {
    answer(query, zones, delays, (packet, udpBytes) => {
      const whole = dns.encode(packet);
      const fits = whole.length <= udpBytes ? whole : dns.encode(truncated(packet));
      socket.send(fits, client.port, client.address);
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

interface Listener {
  readonly tcp: Server;
  readonly udp: UdpSocket;
}

/** One server an address, all on the port that the first one got. */
async function listen(
  addresses: readonly string[],
  zonesFor: (address: string) => Zone[],
  delays: AnswerDelay[],
) {
  for (let tries = 1; ; tries++) {
    const listeners: Listener[] = [];
    try {
      let port = 0;
      for (const address of new Set(addresses)) {
        const listener = {
          tcp: tcpServer(zonesFor(address), delays),
          udp: udpServer(zonesFor(address), delays),
        };
        listeners.push(listener);
        port = await bind(listener, address, port);
      }
      return { port, listeners };
    } catch (error) {
      listeners.forEach(close);
      if (tries >= PORT_TRIES || !isPortTaken(error)) throw error;
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

function close({ tcp, udp }: Listener): void {
  tcp.close();
  try {
    udp.close();
  } catch {
    // Was never bound.
  }
}

const isPortTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
const isNoSuchAddress = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL';

async function serve({ delays }: DnsServerOptions): Promise<void> {
  const start = async (addresses: readonly [string, string, string]) => {
    const zones = zonesAt(addresses);
    const zonesFor = (address: string) => zones.filter((_, i) => addresses[i] === address);
    const { port, listeners } = await listen(addresses, zonesFor, [...delays]);
    const servers = zones.map((z, i) => ({ name: z.nameServer, address: addresses[i] ?? '127.0.0.1' }));
    return { port, listeners, servers };
  };
  const { port, listeners, servers } = await start(OWN_ADDRESSES).catch((error: unknown) => {
    if (isNoSuchAddress(error)) return start(ONE_ADDRESS);
    throw error;
  });
  whenToldToStop(async () => listeners.forEach(close));
  announceReady({ port, root: servers[0], servers });
}

await serve(JSON.parse(process.argv[2] ?? '{"delays":[]}') as DnsServerOptions);
