/**
 * QUIC sessions, told as connections: HTTP/3 has no TCP, and one handshake does for transport and TLS (RFC 9001).
 *
 * ```
 * QUIC_SESSION                        |-------------------------------------------|
 * …_CRYPTO_FRAME_SENT (initial)        | ClientHello
 * …_CRYPTO_FRAME_RECEIVED (initial)           | ServerHello
 * …_CRYPTO_HANDSHAKE_COMPLETE                      | Finished
 * ```
 * Read: host, addresses, the handshake's turns, lost packets, bytes, the end. Ignored: single frames, congestion,
 * migration, WebTransport. NetLog's default mode names no cipher, group or certificate here.
 */
import type { Connection } from './connection.ts';
import { type NetLogEvent, numberOf, textOf } from './events.ts';
import { beginOf, type Sources } from './interval.ts';
import { HANDSHAKE, type TlsHandshake, type TlsMessage } from './tls-handshake.ts';

export function readQuicSessions(sources: Sources): Connection[] {
  const sessions: Connection[] = [];
  for (const [sourceId, events] of sources) {
    if (events[0]?.sourceType !== 'QUIC_SESSION') continue;
    const begin = beginOf(events, 'QUIC_SESSION');
    if (begin) sessions.push(readSession(sourceId, events, begin));
  }
  return sessions;
}

function readSession(sourceId: number, events: readonly NetLogEvent[], begin: NetLogEvent): Connection {
  const received = events.find((e) => e.type === 'QUIC_SESSION_PACKET_RECEIVED');
  const closed = events.find((e) => e.type === 'QUIC_SESSION_CLOSED');
  const end = events.find((e) => e.type === 'QUIC_SESSION' && e.phase === 'end');
  return {
    sourceId,
    transport: 'quic',
    origin: originOf(begin),
    tcp: { startUnixMs: begin.unixMs, endUnixMs: begin.unixMs },
    attempts: [],
    localAddress: textOf(received?.params.self_address),
    remoteAddress: textOf(received?.params.peer_address),
    tls: readHandshake(events, begin),
    quic: {
      streams: events.filter((e) => e.type === 'HTTP3_HEADERS_SENT').length,
      packetsLost: events.filter((e) => e.type === 'QUIC_SESSION_PACKET_LOST').length,
    },
    closedUnixMs: (end ?? closed)?.unixMs,
    closedBecause: textOf(closed?.params.details),
    lastActUnixMs: events.at(-1)?.unixMs ?? begin.unixMs,
    bytesSent: sizeOf(events, 'QUIC_SESSION_PACKET_SENT'),
    bytesReceived: sizeOf(events, 'QUIC_SESSION_PACKET_RECEIVED'),
  };
}

function originOf({ params }: NetLogEvent): string {
  const host = textOf(params.host) ?? '';
  const port = numberOf(params.port) ?? 443;
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return port === 443 ? `https://${name}` : `https://${name}:${port}`;
}

const sizeOf = (events: readonly NetLogEvent[], type: string): number =>
  events.reduce((sum, e) => sum + (e.type === type ? (numberOf(e.params.size) ?? 0) : 0), 0);

function readHandshake(events: readonly NetLogEvent[], begin: NetLogEvent): TlsHandshake {
  const complete = events.find((e) => e.type === 'QUIC_SESSION_CRYPTO_HANDSHAKE_COMPLETE');
  const message = (
    event: NetLogEvent | undefined,
    direction: TlsMessage['direction'],
    type: number,
  ): TlsMessage[] =>
    event
      ? [
          {
            direction,
            type,
            unixMs: event.unixMs,
            bytes: numberOf(event.params.data_length) ?? 0,
            isRetryRequest: false,
          },
        ]
      : [];
  return {
    startUnixMs: begin.unixMs,
    endUnixMs: complete?.unixMs,
    ...(complete && { version: 'TLS 1.3', alpn: 'h3' }),
    messages: [
      ...message(events.find(isInitial('QUIC_SESSION_CRYPTO_FRAME_SENT')), 'sent', HANDSHAKE.clientHello),
      ...message(
        events.find(isInitial('QUIC_SESSION_CRYPTO_FRAME_RECEIVED')),
        'received',
        HANDSHAKE.serverHello,
      ),
      ...message(complete, 'received', HANDSHAKE.finished),
    ],
    certificates: [],
  };
}

const isInitial =
  (type: string) =>
  (event: NetLogEvent): boolean =>
    event.type === type && event.params.encryption_level === 'ENCRYPTION_INITIAL';
