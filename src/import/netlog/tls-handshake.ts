/**
 * The TLS handshake of one socket, message by message.
 *
 * ```
 * SSL_CONNECT                     |----------------------------------|
 * SSL_HANDSHAKE_MESSAGE_SENT       | ClientHello                   | Finished
 * SSL_HANDSHAKE_MESSAGE_RECEIVED          | ServerHello … Finished
 * CERT_VERIFIER_REQUEST                             |--------|
 * ```
 * NetLog's default mode has each message's bytes. Only their length and, of a ServerHello, its random are looked at: a
 * HelloRetryRequest is a ServerHello with one fixed random (RFC 8446 §4.1.3). Nothing of a key or a ticket is kept.
 */
import { type NetLogEvent, numberOf, textOf } from './events.ts';
import { beginOf, type Interval, interval } from './interval.ts';

/** Handshake types (RFC 8446 §4) that other parts ask for. */
export const HANDSHAKE = {
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  certificate: 11,
  serverKeyExchange: 12,
  serverHelloDone: 14,
  certificateVerify: 15,
  finished: 20,
} as const;

export interface TlsMessage {
  readonly direction: 'sent' | 'received';
  /** Handshake type of RFC 8446 §4: 1 ClientHello, 2 ServerHello, 11 Certificate, 20 Finished. */
  readonly type: number;
  readonly unixMs: number;
  /** Length of the message with its header of 4 bytes. */
  readonly bytes: number;
  /** A ServerHello that asks for another ClientHello: one round trip more. */
  readonly isRetryRequest: boolean;
}
export interface TlsAlert {
  readonly direction: 'sent' | 'received';
  /** Number of RFC 8446 §6: 40 handshake_failure, 46 certificate_unknown. */
  readonly description: number;
}
export interface TlsHandshake extends Interval {
  readonly version?: string;
  /** IANA number of the cipher suite. */
  readonly cipherSuite?: number;
  /** IANA number of the key exchange group: 29 is X25519. */
  readonly group?: number;
  readonly alpn?: string;
  readonly isResumed?: boolean;
  /** The server's name was hidden from the network. */
  readonly isEncryptedHello?: boolean;
  /** In the order of the log; those after the handshake (tickets) are left out. */
  readonly messages: readonly TlsMessage[];
  /** The server's certificates, PEM, its own first. A resumed session repeats those of the first. */
  readonly certificates: readonly string[];
  /** The browser's own check of the chain; missing when it was trusted at once (a pin, a resumed session). */
  readonly verification?: Interval;
  readonly alert?: TlsAlert;
}

/** A chain longer than this is a mistake or an attack; the rest is counted by nobody. */
const MAX_CERTIFICATES = 16;

export function readTls(events: readonly NetLogEvent[]): TlsHandshake | undefined {
  const begin = beginOf(events, 'SSL_CONNECT');
  if (!begin) return undefined;
  const at = events.indexOf(begin);
  const endAt = events.findIndex((e, i) => i > at && e.type === 'SSL_CONNECT' && e.phase === 'end');
  const during = events.slice(at, endAt < 0 ? undefined : endAt + 1);
  const params = endAt < 0 ? {} : (events[endAt]?.params ?? {});
  const verifying = beginOf(during, 'CERT_VERIFIER_REQUEST');
  return {
    ...interval(during, 'SSL_CONNECT', begin.unixMs),
    version: textOf(params.version),
    cipherSuite: numberOf(params.cipher_suite),
    group: numberOf(params.key_exchange_group) || undefined,
    alpn: textOf(params.next_proto),
    isResumed: booleanOf(params.is_resumed),
    isEncryptedHello: booleanOf(params.encrypted_client_hello),
    messages: during.flatMap((event) => readMessage(event) ?? []),
    certificates: certificatesOf(during),
    ...(verifying && { verification: interval(during, 'CERT_VERIFIER_REQUEST', verifying.unixMs) }),
    alert: during.map(readAlert).find((alert) => alert !== undefined),
  };
}

const booleanOf = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

function readMessage(event: NetLogEvent): TlsMessage | undefined {
  const type = numberOf(event.params.type);
  if (type === undefined || !event.type.startsWith('SSL_HANDSHAKE_MESSAGE_')) return undefined;
  const base64 = textOf(event.params.bytes) ?? '';
  return {
    direction: event.type.endsWith('SENT') ? 'sent' : 'received',
    type,
    unixMs: event.unixMs,
    bytes: bytesOf(base64),
    isRetryRequest: type === HANDSHAKE.serverHello && base64.startsWith(RETRY_RANDOM, RANDOM_AT),
  };
}

/** The random stands behind type (1 byte), length (3) and version (2): six bytes, eight characters of base64. */
const RANDOM_AT = 8;
/** The first 30 of the 32 bytes of SHA-256("HelloRetryRequest"). */
const RETRY_RANDOM = 'zyGtdOWaYRG+HYwCHmW4kcKiERZ6u4xeB54J4sio';

function bytesOf(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.max(0, Math.floor((base64.length * 3) / 4) - padding);
}

function certificatesOf(events: readonly NetLogEvent[]): string[] {
  const list = events.find((e) => e.type === 'SSL_CERTIFICATES_RECEIVED')?.params.certificates;
  if (!Array.isArray(list)) return [];
  return list.slice(0, MAX_CERTIFICATES).filter((pem) => typeof pem === 'string');
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** An alert is two bytes, level and description: `Ai4=` is fatal (2), certificate_unknown (46). */
function readAlert(event: NetLogEvent): TlsAlert | undefined {
  if (event.type !== 'SSL_ALERT_SENT' && event.type !== 'SSL_ALERT_RECEIVED') return undefined;
  const [, middle, last] = [...(textOf(event.params.bytes) ?? '')].slice(0, 4).map((c) => BASE64.indexOf(c));
  if (middle === undefined || last === undefined || middle < 0 || last < 0) return undefined;
  const description = ((middle & 15) << 4) | (last >> 2);
  return { direction: event.type.endsWith('SENT') ? 'sent' : 'received', description };
}
