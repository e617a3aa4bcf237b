/**
 * A host's connections as spans of the run: each from when the host first saw it to when it last did.
 *
 * ```
 * // connection     |----------------------------|
 * // looks       *         *         *         *
 * // span                  |-------------------|      as known: it began between the looks, ended between the looks
 * ```
 * Each look that found packets sent again is an event. Times are the host's own; `bounds` is what is known of its clock.
 */
import { HEADWATER } from '../model/attributes.ts';
import { spanIdOf } from '../model/ids.ts';
import type { Attributes, AttributeValue, ReportedEvent, ReportedSpan } from '../model/span.ts';
import { nanosFromMs } from '../model/time.ts';
import type { Answer } from './answer.ts';
import type { ClockBounds } from './clock-bounds.ts';

type Connection = Answer['connections'][number];

export function connectionSpans(
  traceId: string,
  { host, connections, socketIntervalMs }: Pick<Answer, 'host' | 'connections' | 'socketIntervalMs'>,
  bounds: ClockBounds,
): ReportedSpan[] {
  const shared = {
    traceId,
    kind: 'internal' as const,
    status: { code: 'unset' as const },
    links: [],
    resource: { 'host.name': host },
    source: 'agent',
    clock: `host:${host}`,
    evidence: 'measured' as const,
    precisionNs: nanosFromMs(socketIntervalMs),
  };
  return connections.map((connection) => ({
    ...shared,
    spanId: spanIdOf(host, tupleOf(connection), connection.firstSeenUnixNano),
    name: `socket ${tupleOf(connection)}`,
    startUnixNano: BigInt(connection.firstSeenUnixNano),
    endUnixNano: BigInt(connection.lastSeenUnixNano),
    attributes: attributesOf(host, connection, bounds),
    events: connection.retransmits.map(retransmitEvent),
  }));
}

const tupleOf = ({ local, peer }: Connection): string =>
  `${local.address}:${local.port} → ${peer.address}:${peer.port}`;

function attributesOf(host: string, connection: Connection, bounds: ClockBounds): Attributes {
  const { local, peer, retransmits } = connection;
  const sentAgain = (whileConnecting?: boolean) =>
    retransmits
      .filter((look) => whileConnecting === undefined || look.whileConnecting === whileConnecting)
      .reduce((sum, look) => sum + look.count, 0);
  return withoutUndefined({
    [HEADWATER.type]: 'host_connection',
    [HEADWATER.layer]: 'network',
    [HEADWATER.component]: host,
    'host.name': host,
    'network.transport': 'tcp',
    'network.local.address': local.address,
    'network.local.port': local.port,
    'network.peer.address': peer.address,
    'network.peer.port': peer.port,
    'headwater.tcp.state': connection.state,
    'headwater.tcp.rtt_ms': connection.rttMs,
    'headwater.tcp.rtt_variance_ms': connection.rttVarianceMs,
    'headwater.tcp.min_rtt_ms': connection.minRttMs,
    'headwater.tcp.retransmits': sentAgain(),
    'headwater.tcp.syn_retransmits': sentAgain(true),
    'headwater.tcp.congestion_window': connection.congestionWindow,
    'headwater.tcp.delivery_rate_bit_per_s': connection.deliveryRateBitPerS,
    'headwater.tcp.bytes_sent': connection.bytesSent,
    'headwater.tcp.bytes_received': connection.bytesReceived,
    'headwater.tcp.bytes_retransmitted': connection.bytesRetransmitted,
    'headwater.tcp.opened_before_run': connection.isOlder || undefined,
    'headwater.tcp.ended': connection.hasEnded,
    [HEADWATER.clockLowNs]: bounds.lowNs,
    [HEADWATER.clockHighNs]: bounds.highNs,
  });
}

const retransmitEvent = ({ unixNano, count, whileConnecting }: Connection['retransmits'][number]) =>
  ({
    name: whileConnecting ? 'first packet sent again' : 'packets sent again',
    timeUnixNano: BigInt(unixNano),
    attributes: { 'headwater.tcp.retransmits': count },
  }) satisfies ReportedEvent;

const withoutUndefined = (maybe: Record<string, AttributeValue | undefined>): Attributes =>
  Object.fromEntries(
    Object.entries(maybe).filter((pair): pair is [string, AttributeValue] => pair[1] !== undefined),
  );
