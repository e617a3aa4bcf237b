/**
 * One question to one name server, timed: UDP first, TCP when the answer was truncated (RFC 1035 §4.2, RFC 7766).
 * Every try leaves a record, the unanswered ones too.
 */
import dnsPacket, { type DecodedPacket } from 'dns-packet';
import type { UnixNano } from '../../src/model/time.ts';
import { LoopLag } from '../loop-lag.ts';
import type { UnixClock } from '../unix-clock.ts';
import { ednsBytesOf, questionOf, readAnswer, typeName } from './dns-message.ts';
import type { DnsQuery, Follows, NameServer, StrayPacket } from './dns-query.ts';
import { type Send, sendTcp, sendUdp } from './transport.ts';

export type { DnsQuery, NameServer } from './dns-query.ts';

export interface QueryContext {
  readonly clock: UnixClock;
  readonly record: (query: DnsQuery) => void;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly askedFor: string;
  readonly follows?: Follows;
  readonly aliasDepth?: number;
  readonly forNameServer?: string;
  readonly zone?: string;
  readonly zoneFromCache?: boolean;
  /** True for an answer that shows the server not to know the zone. */
  readonly isLame?: (packet: DecodedPacket) => boolean;
}

export interface Outcome {
  readonly query: DnsQuery;
  /** The server's answer as bytes, with the id of the question. */
  readonly response?: Buffer;
  readonly packet?: DecodedPacket;
}

/** How the question fared: over UDP, or over TCP where UDP was too small for the answer. */
export async function askServer(
  message: Buffer,
  server: NameServer,
  context: QueryContext,
): Promise<Outcome> {
  const overUdp = await timed('udp', sendUdp, message, server, context);
  if (!overUdp.packet?.flag_tc) return overUdp;
  const follows = { id: overUdp.query.id, why: 'truncated' };
  return timed('tcp', sendTcp, message, server, { ...context, follows });
}

/** One thread has one event loop. */
const loopLag = new LoopLag();
let lastId = 0;

async function timed(
  transport: DnsQuery['transport'],
  send: Send,
  message: Buffer,
  server: NameServer,
  context: QueryContext,
): Promise<Outcome> {
  const { clock, timeoutMs } = context;
  const strays: StrayPacket[] = [];
  const asked = { ...askedOf(message, context), id: ++lastId, server, transport, strays };
  const seen: { startUnixNano: UnixNano; connectedUnixNano?: UnixNano; localPort?: number } = {
    startUnixNano: clock.now(),
  };
  const times = () => ({ ...seen, endUnixNano: clock.now(), noticedLateMs: loopLag.boundMs() });
  const finish = (query: DnsQuery) => {
    context.record(query);
    return query;
  };
  loopLag.start();
  try {
    const response = await send(message, {
      server,
      timeoutMs,
      onSent: (localPort) => Object.assign(seen, { startUnixNano: clock.now(), localPort }),
      onConnected: () => Object.assign(seen, { connectedUnixNano: clock.now() }),
      onStray: (what) => strays.push({ what, unixNano: clock.now() }),
    });
    const ended = times();
    const packet = dnsPacket.decode(response);
    const isLame = context.isLame?.(packet) === true;
    const answer = readAnswer(packet, response.length);
    return { response, packet, query: finish({ ...asked, ...ended, answer, ...(isLame && { isLame }) }) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'bad_answer';
    return { query: finish({ ...asked, ...times(), error: code }) };
  } finally {
    loopLag.stop();
  }
}

function askedOf(message: Buffer, context: QueryContext) {
  const packet = dnsPacket.decode(message);
  const { name, type } = questionOf(message);
  const { askedFor, attempt, follows, aliasDepth = 0, forNameServer, zone, zoneFromCache } = context;
  return {
    askedFor,
    name,
    type: typeName(type),
    attempt,
    aliasDepth,
    ednsBytes: ednsBytesOf(packet),
    ...(follows && { follows }),
    ...(forNameServer && { forNameServer }),
    ...(zone !== undefined && { zone }),
    ...(zoneFromCache && { zoneFromCache }),
  };
}

/** Why a question has to be asked once more after this try; undefined when its answer stands. */
export function reasonToAskAgain({ answer, error, isLame }: DnsQuery): string | undefined {
  if (error) return error;
  if (isLame) return 'lame';
  // A refusal or a failure is this server's trouble, not the name's: ask the next one.
  return answer && (answer.rcode === 'NOERROR' || answer.rcode === 'NXDOMAIN') ? undefined : answer?.rcode;
}
