/**
 * Small readings of DNS messages on top of dns-packet, which knows no type 65: it calls it `UNKNOWN_65` and, asked to
 * encode `HTTPS`, silently writes type 0. Names and types follow RFC 1035 and RFC 9460.
 */
import dnsPacket, { type Answer, type RecordType } from 'dns-packet';

export interface DnsQuestion {
  readonly name: string;
  /** dns-packet's name of the type. */
  readonly type: RecordType;
}

const NAME_BY_WIRE_TYPE: Readonly<Record<string, string>> = { UNKNOWN_64: 'SVCB', UNKNOWN_65: 'HTTPS' };

/** A type as people write it. */
export const typeName = (type: string): string => NAME_BY_WIRE_TYPE[type] ?? type;

/** The first question of a message; throws when there is none. */
export function questionOf(message: Buffer): DnsQuestion {
  const question = dnsPacket.decode(message).questions?.[0];
  if (!question) throw new Error('The DNS message asks nothing.');
  return question;
}

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

/** `RCODE` by number, RFC 1035 §4.1.1. */
export const RCODE = { noError: 0, serverFailure: 2, nameError: 3, refused: 5 } as const;

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
