/**
 * One line of `ss -tinOH` (iproute2): a TCP socket with what the kernel keeps in `TCP_INFO`.
 * ```
 * ESTAB  0  34464  127.0.0.1:443 127.0.0.1:59466 bbr wscale:10,10 rto:204 rtt:0.145/0.059 … cwnd:12 bytes_sent:100000 … retrans:0/1
 * LISTEN 1  0      127.0.0.1:443 0.0.0.0:*       bbr cwnd:10
 * ```
 * Columns: state, receive queue, send queue, local, peer; then `key:value` or `key value`. For a listening socket the two
 * queues are the connections that nobody has accepted yet and how many there may be. `rtt` and `minrtt` are ms,
 * `retrans:NOW/EVER`. Read: the keys below. Ignored: all others; a line of another shape is no socket.
 * https://man7.org/linux/man-pages/man8/ss.8.html
 */

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface TcpSocket {
  readonly state: string;
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly local: Endpoint;
  /** Undefined for a listening socket. */
  readonly peer?: Endpoint;
  readonly rttMs?: number;
  readonly rttVarianceMs?: number;
  readonly minRttMs?: number;
  readonly congestionWindow?: number;
  /** Segments sent again since the connection was opened, first packets included. */
  readonly retransmits: number;
  /** Segments that are thought lost at this moment. */
  readonly lost: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly bytesRetransmitted: number;
  readonly deliveryRateBitPerS?: number;
}

const COLUMNS =
  /^([A-Z][A-Z0-9-]*)\s+(\d{1,10})\s+(\d{1,10})\s+(\S{1,80}):(\d{1,5})\s+(\S{1,80}):(\d{1,5}|\*)(?:\s|$)/;
/** The kernel's line is some 500 bytes; a longer one is somebody's joke. */
const MAX_LINE = 4_096;

export function readSsLine(line: string): TcpSocket | undefined {
  if (line.length > MAX_LINE) return undefined;
  const columns = COLUMNS.exec(line);
  if (!columns) return undefined;
  const [head, state, receiveQueue, sendQueue, localAddress, localPort, peerAddress, peerPort] =
    columns as unknown as string[];
  const info = line.slice(head!.length - 1);
  return {
    state: state!,
    receiveQueue: Number(receiveQueue),
    sendQueue: Number(sendQueue),
    local: { address: plainAddress(localAddress!), port: Number(localPort) },
    ...(peerPort !== '*' && { peer: { address: plainAddress(peerAddress!), port: Number(peerPort) } }),
    ...optional('rttMs', info, / rtt:([\d.]+)\//),
    ...optional('rttVarianceMs', info, / rtt:[\d.]+\/([\d.]+)/),
    ...optional('minRttMs', info, / minrtt:([\d.]+)/),
    ...optional('congestionWindow', info, / cwnd:(\d+)/),
    ...optional('deliveryRateBitPerS', info, / delivery_rate (\d+)bps/),
    retransmits: numberIn(info, / retrans:\d+\/(\d+)/) ?? 0,
    lost: numberIn(info, / lost:(\d+)/) ?? 0,
    bytesSent: numberIn(info, / bytes_sent:(\d+)/) ?? 0,
    bytesReceived: numberIn(info, / bytes_received:(\d+)/) ?? 0,
    bytesRetransmitted: numberIn(info, / bytes_retrans:(\d+)/) ?? 0,
  };
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const value = Number(pattern.exec(text)?.[1] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}

function optional<K extends string>(key: K, text: string, pattern: RegExp): { [P in K]?: number } {
  const value = numberIn(text, pattern);
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: number };
}

/** `[::1]` → `::1`, `[::ffff:192.0.2.1]` → `192.0.2.1`, `127.0.0.53%lo` → `127.0.0.53`. */
const plainAddress = (text: string): string =>
  text
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%[^\]]*$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '');
