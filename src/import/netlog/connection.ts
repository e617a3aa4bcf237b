/** A socket of the browser and what setting it up took, as NetLog tells of it. */

import type { Http2Session } from './http2-sessions.ts';
import type { Interval } from './interval.ts';
import type { TlsHandshake } from './tls-handshake.ts';

export interface ConnectAttempt extends Interval {
  /** `192.0.2.1:443` */
  readonly address: string;
}
export interface DnsTransaction extends Interval {
  readonly name: string;
  /** IANA number of the record type: 1 A, 28 AAAA, 65 HTTPS. */
  readonly queryType: number;
}
export interface DnsJob extends Interval {
  readonly sourceId: number;
  /** `https://example.com:8443`, the default port left out. */
  readonly origin: string;
  readonly transactions: readonly DnsTransaction[];
}
export interface Connection {
  /** Source id of the socket. */
  readonly sourceId: number;
  /** The connect job that opened it; sockets that raced for one connection (RFC 8305) share it. */
  readonly jobId?: number;
  readonly origin: string;
  readonly transport: 'tcp' | 'quic';
  /** On QUIC, which has no TCP, the instant at which it began. */
  readonly tcp: Interval;
  readonly attempts: readonly ConnectAttempt[];
  readonly localAddress?: string;
  readonly remoteAddress?: string;
  readonly tls?: TlsHandshake;
  readonly dns?: DnsJob;
  readonly http2?: Http2Session;
  readonly quic?: { readonly streams: number; readonly packetsLost: number };
  /** Missing when it was still open when the log ended. */
  readonly closedUnixMs?: number;
  /** Chromium's words. */
  readonly closedBecause?: string;
  /** The last time that bytes went over it, or anything else was said of it. */
  readonly lastActUnixMs: number;
  /** On the wire: TLS records and all. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
}
