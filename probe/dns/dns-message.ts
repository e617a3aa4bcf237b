/**
 * Small readings of DNS messages on top of dns-packet, which knows no type 65: it calls it `UNKNOWN_65` and, asked to
 * encode `HTTPS`, silently writes type 0. Names and types follow RFC 1035 and RFC 9460.
 */
import dnsPacket, { type Answer, type DecodedPacket, type RecordType, type StringAnswer } from 'dns-packet';
import type { DnsAnswer } from './dns-query.ts';

export interface DnsQuestion {
  readonly name: string;
  /** dns-packet's name of the type. */
  readonly type: RecordType;
}

const NAME_BY_WIRE_TYPE: Readonly<Record<string, string>> = { UNKNOWN_64: 'SVCB', UNKNOWN_65: 'HTTPS' };

/** A type as people write it. */
export const typeName = (type: string): string => NAME_BY_WIRE_TYPE[type] ?? type;

/** A type as dns-packet can encode it. */
export const wireType = (type: string): RecordType => {
  const wire = Object.entries(NAME_BY_WIRE_TYPE).find(([, name]) => name === type)?.[0];
  return (wire ?? type) as RecordType;
};

/** The first question of a message; throws when there is none. */
export function questionOf(message: Buffer): DnsQuestion {
  const question = dnsPacket.decode(message).questions?.[0];
  if (!question) throw new Error('The DNS message asks nothing.');
  return question;
}

/** A message of at least a header, or undefined for what cannot be read as one. */
export function decodeOrNothing(message: Buffer): DecodedPacket | undefined {
  try {
    return message.length < HEADER_BYTES ? undefined : dnsPacket.decode(message);
  } catch {
    return undefined;
  }
}
const HEADER_BYTES = 12;

/** `A 192.0.2.1`: the type and the value, cut where a value is too long to read. */
export function answerText(answer: Answer): string {
  const data: unknown = 'data' in answer ? answer.data : undefined;
  const value = Buffer.isBuffer(data)
    ? `0x${data.toString('hex')}`
    : typeof data === 'string'
      ? data
      : JSON.stringify(data);
  return `${typeName(answer.type)} ${(value ?? '').slice(0, 120)}`;
}

/** The address records among answers. */
export const addressesOf = (answers: readonly Answer[], type: 'A' | 'AAAA' = 'A'): string[] =>
  answers.flatMap((answer) => (answer.type === type && typeof answer.data === 'string' ? [answer.data] : []));

export const sameName = (a: string, b: string): boolean => normalName(a) === normalName(b);
export const normalName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** Enough to read; an answer of 64 KiB holds a few thousand. */
const MAX_RECORDS_KEPT = 64;

/** What is worth keeping of an answer. */
export function readAnswer(packet: DecodedPacket, bytes: number): DnsAnswer {
  const answers = (packet.answers ?? []).filter((answer) => answer.type !== 'OPT');
  const ttls = answers.flatMap((answer) => ('ttl' in answer && answer.ttl !== undefined ? [answer.ttl] : []));
  const kept = answers.slice(0, MAX_RECORDS_KEPT);
  const referral = answers.length === 0 ? (packet.authorities ?? []).find(isNameServer)?.name : undefined;
  return {
    rcode: rcodeName(packet),
    bytes,
    isAuthoritative: packet.flag_aa,
    isTruncated: packet.flag_tc,
    ednsBytes: ednsBytesOf(packet),
    answerCount: answers.length,
    records: kept.map(answerText),
    addresses: [...addressesOf(kept), ...addressesOf(kept, 'AAAA')],
    aliases: aliasesFrom(packet.questions?.[0]?.name ?? '', kept),
    ...(ttls.length > 0 && { ttlSeconds: Math.min(...ttls) }),
    ...(referral !== undefined && { referral: `${normalName(referral)}.` }),
  };
}

/** Targets of aliases from a name on, in order; a loop ends where it closes. */
export function aliasesFrom(name: string, answers: readonly Answer[]): string[] {
  const targetByName = new Map(answers.filter(isAlias).map((a) => [normalName(a.name), normalName(a.data)]));
  const aliases: string[] = [];
  let target = targetByName.get(normalName(name));
  while (target !== undefined && !aliases.includes(target)) {
    aliases.push(target);
    target = targetByName.get(target);
  }
  return aliases;
}

const isAlias = (record: Answer): record is StringAnswer =>
  record.type === 'CNAME' && typeof record.data === 'string';
export const isNameServer = (record: Answer): record is StringAnswer =>
  record.type === 'NS' && typeof record.data === 'string';

/** What a UDP answer to this message's sender may measure; undefined without EDNS. */
export function ednsBytesOf(packet: DecodedPacket): number | undefined {
  const opt = packet.additionals?.find((record) => record.type === 'OPT');
  return opt?.type === 'OPT' ? opt.udpPayloadSize : undefined;
}

/** `RCODE` by number, RFC 1035 §4.1.1. */
export const RCODE = { noError: 0, serverFailure: 2, nameError: 3, refused: 5 } as const;
export const rcodeOf = (packet: DecodedPacket): number => (packet.flags ?? 0) & 0xf;
const rcodeName = (packet: DecodedPacket): string => (packet as DecodedPacket & { rcode: string }).rcode;

const RESPONSE_FLAGS = dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE;

/** An answer to `query` with the same id and question. */
export function respond(query: Buffer, rcode: number, answers: readonly Answer[] = []): Buffer {
  const { id, questions } = dnsPacket.decode(query);
  return dnsPacket.encode({
    type: 'response',
    id,
    flags: RESPONSE_FLAGS | rcode,
    questions,
    answers: [...answers],
  });
}
