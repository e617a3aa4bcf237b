/**
 * One question to one name server, timed: UDP first, TCP when the answer was truncated (RFC 1035 §4.2, RFC 7766).
 * Every attempt leaves a record, the unanswered ones too.
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import dnsPacket, { type DecodedPacket } from 'dns-packet';
import type { UnixNano } from '../../src/model/time.ts';
import { LoopLag } from '../loop-lag.ts';
import type { UnixClock } from '../unix-clock.ts';
import { answerText, questionOf, typeName } from './dns-message.ts';

export interface NameServer {
  /** Host name of the server where one is known, else its address. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export interface DnsQuery {
  /** The name that the browser asked for; aliases and name servers on the way to it have names of their own. */
  readonly askedFor: string;
  readonly server: NameServer;
  readonly transport: 'udp' | 'tcp';
  readonly name: string;
  /** `A`, `AAAA`, `HTTPS`, … */
  readonly type: string;
  readonly startUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
  /** The answer may have come this much before it was noticed, ms. */
  readonly noticedLateMs: number;
  /** `NOERROR`, `NXDOMAIN`, …; missing when nothing came back. */
  readonly rcode?: string;
  /** `A 192.0.2.1`, `CNAME web.example.com` */
  readonly answers: readonly string[];
  /** Smallest of the answers, seconds. */
  readonly ttlSeconds?: number;
  readonly truncated: boolean;
  /** 1 for the first try of this question at any server. */
  readonly attempt: number;
  /** `timeout`, or the socket's error code: `ECONNREFUSED`. */
  readonly error?: string;
  /** The zone that the server was asked for, when walking from the roots. */
  readonly zone?: string;
}

export interface QueryContext {
  readonly clock: UnixClock;
  readonly record: (query: DnsQuery) => void;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly askedFor: string;
  readonly zone?: string;
}

/** The server's answer as bytes (with the id of `message`), or undefined when it gave none in time. */
export async function askServer(
  message: Buffer,
  server: NameServer,
  context: QueryContext,
): Promise<Buffer | undefined> {
  const overUdp = await timed('udp', sendUdp, message, server, context);
  if (!overUdp || !dnsPacket.decode(overUdp).flag_tc) return overUdp;
  return timed('tcp', sendTcp, message, server, context);
}

type Send = (message: Buffer, server: NameServer, timeoutMs: number, onSent: () => void) => Promise<Buffer>;

/** One process has one event loop. */
const loopLag = new LoopLag();

async function timed(
  transport: DnsQuery['transport'],
  send: Send,
  message: Buffer,
  server: NameServer,
  { clock, record, attempt, timeoutMs, askedFor, zone }: QueryContext,
): Promise<Buffer | undefined> {
  const question = questionOf(message);
  const asked = {
    askedFor,
    server,
    transport,
    name: question.name,
    type: typeName(question.type),
    attempt,
    zone,
  };
  let startUnixNano = clock.now();
  const times = () => ({ startUnixNano, endUnixNano: clock.now(), noticedLateMs: loopLag.boundMs() });
  loopLag.start();
  try {
    const response = await send(message, server, timeoutMs, () => {
      startUnixNano = clock.now();
    });
    record({ ...asked, ...times(), ...outcomeOf(dnsPacket.decode(response)) });
    return response;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'bad_answer';
    record({ ...asked, ...times(), answers: [], truncated: false, error: code });
    return undefined;
  } finally {
    loopLag.stop();
  }
}

function outcomeOf(packet: DecodedPacket): Pick<DnsQuery, 'rcode' | 'answers' | 'ttlSeconds' | 'truncated'> {
  const answers = (packet.answers ?? []).filter((answer) => answer.type !== 'OPT');
  const ttls = answers.flatMap((answer) => ('ttl' in answer && answer.ttl !== undefined ? [answer.ttl] : []));
  return {
    rcode: (packet as DecodedPacket & { rcode: string }).rcode,
    answers: answers.map(answerText),
    ...(ttls.length > 0 && { ttlSeconds: Math.min(...ttls) }),
    truncated: packet.flag_tc,
  };
}

const timeoutError = () => Object.assign(new Error('no answer in time'), { code: 'timeout' });

/** A new socket for every query: its random port and a random id are what a forged answer has to guess. */
function sendUdp(
  message: Buffer,
  server: NameServer,
  timeoutMs: number,
  onSent: () => void,
): Promise<Buffer> {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  const wireId = randomInt(0x10000);
  let timer: NodeJS.Timeout | undefined;
  return new Promise<Buffer>((resolve, reject) => {
    timer = setTimeout(() => reject(timeoutError()), timeoutMs);
    socket.on('error', reject);
    socket.on('message', (response) => {
      if (response.length < 12 || response.readUInt16BE(0) !== wireId) return;
      resolve(withId(response, message.readUInt16BE(0)));
    });
    // A connected socket hears of a port that nobody listens on at once.
    socket.connect(server.port, server.address, () => {
      onSent();
      socket.send(withId(message, wireId));
    });
  }).finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

function sendTcp(message: Buffer, server: NameServer, timeoutMs: number): Promise<Buffer> {
  const socket = connect(server.port, server.address);
  return new Promise<Buffer>((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.setTimeout(timeoutMs, () => reject(timeoutError()));
    socket.on('error', reject);
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      resolve(received.subarray(2, 2 + received.readUInt16BE(0)));
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
  }).finally(() => socket.destroy());
}

function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id);
  return copy;
}
