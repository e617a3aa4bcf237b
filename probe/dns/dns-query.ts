/**
 * What is kept of one try of one question at one name server.
 *
 * ```
 * try 1  |------ timeout ------|. . . . late answer      both tries are kept;
 * try 2                        |---|                     the second says which one it follows, and why
 * ```
 */
import type { UnixNano } from '../../src/model/time.ts';

export interface NameServer {
  /** Host name of the server where one is known, else its address. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** A packet that came to a query's socket and was not its answer, or came too late to be. */
export interface StrayPacket {
  readonly what: 'wrong id' | 'wrong question' | 'late answer';
  readonly unixNano: UnixNano;
}

/** Why a question is asked once more: the try before was `timeout`, `truncated`, `lame`, an rcode or a socket's error. */
export interface Follows {
  /** `id` of the try before. */
  readonly id: number;
  readonly why: string;
}

export interface DnsQuery {
  /** Its own among the queries of one resolver. */
  readonly id: number;
  readonly follows?: Follows;
  /** The name that the browser asked for; aliases and name servers on the way to it have names of their own. */
  readonly askedFor: string;
  readonly server: NameServer;
  readonly transport: 'udp' | 'tcp';
  readonly name: string;
  /** `A`, `AAAA`, `HTTPS`, … */
  readonly type: string;
  /** When the question was sent; for TCP, when the connection was begun. */
  readonly startUnixNano: UnixNano;
  readonly connectedUnixNano?: UnixNano;
  readonly endUnixNano: UnixNano;
  /** The answer may have come this much before it was noticed, ms. */
  readonly noticedLateMs: number;
  /** Local port of the socket. */
  readonly localPort?: number;
  /** 1 for the first try of this question at any server. */
  readonly attempt: number;
  /** How many aliases were followed to come from `askedFor` to `name`. */
  readonly aliasDepth: number;
  /** The name server whose address is looked for, because its referral came without (no glue). */
  readonly forNameServer?: string;
  /** The zone that the server was asked for, when walking from the roots. */
  readonly zone?: string;
  /** The zone's servers were known from an earlier question of this run. */
  readonly zoneFromCache?: boolean;
  /** What a UDP answer may measure, bytes, as the question said (EDNS, RFC 6891). */
  readonly ednsBytes?: number;
  /** Missing when nothing usable came back. */
  readonly answer?: DnsAnswer;
  /** `timeout`, `bad_answer`, or the socket's error code: `ECONNREFUSED`. */
  readonly error?: string;
  /** The server does not know the zone that it was asked for (RFC 8499: lame delegation). */
  readonly isLame?: boolean;
  /** Grows after the query has ended: a late answer is one. */
  readonly strays: StrayPacket[];
}

export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, … */
  readonly rcode: string;
  readonly bytes: number;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  /** What a UDP question may measure, bytes, as the server says. */
  readonly ednsBytes?: number;
  readonly answerCount: number;
  /** The first of them: `A 192.0.2.1`, `CNAME web.example.com` */
  readonly records: readonly string[];
  readonly addresses: readonly string[];
  /** Targets of the aliases, in the order in which they lead on. */
  readonly aliases: readonly string[];
  /** Smallest of the records, seconds. */
  readonly ttlSeconds?: number;
  /** The zone that the server refers to. */
  readonly referral?: string;
}
